import type { Expression, FrameBound, SortItem, WindowFrame, WindowSpec } from './ast.ts'
import { expectName } from './names.ts'
import type { TokenStream } from './token-stream.ts'

/** What follows OVER: a window's name, or its specification in parentheses. */
export function parseOver(stream: TokenStream): WindowSpec {
  const { position } = stream
  if (stream.atSymbol('(')) return parseWindowSpec(stream)
  const base = expectName(stream, 'Expected a window after OVER.')
  return { kind: 'window', base, partitionBy: [], orderBy: [], position }
}

/** `([base] [PARTITION BY …] [ORDER BY …] [frame])` */
export function parseWindowSpec(stream: TokenStream): WindowSpec {
  const { position } = stream
  return stream.parenthesized((): WindowSpec => {
    const base = atClause(stream) ? undefined : expectName(stream)
    let partitionBy: Expression[] = []
    if (stream.takeWord('PARTITION', 'BY') || stream.takeWord('DISTRIBUTE', 'BY')) {
      partitionBy = stream.list(() => stream.grammar.expression(stream))
    }
    const ordered = stream.takeWord('ORDER', 'BY') || stream.takeWord('SORT', 'BY')
    const orderBy = ordered ? parseSortItems(stream) : []
    return { kind: 'window', base, partitionBy, orderBy, frame: takeFrame(stream), position }
  })
}

function atClause(stream: TokenStream): boolean {
  if (stream.atSymbol(')') || stream.atOneOf('ROWS', 'RANGE') !== undefined) return true
  return ['PARTITION', 'DISTRIBUTE', 'ORDER', 'SORT'].some((word) => stream.atWord(word, 'BY'))
}

/** The items after ORDER BY or SORT BY. */
export function parseSortItems(stream: TokenStream): SortItem[] {
  return stream.list((): SortItem => {
    const { position } = stream
    const expression = stream.grammar.expression(stream)
    return { kind: 'sortItem', expression, ...parseDirection(stream), position }
  })
}

/** ASC or DESC and where NULLs go; by default ASC, and NULLs are smallest. */
export function parseDirection(stream: TokenStream): { descending: boolean; nullsFirst: boolean } {
  const descending = stream.takeOneOf('ASC', 'DESC') === 'DESC'
  if (!stream.takeWord('NULLS')) return { descending, nullsFirst: !descending }
  const end = stream.takeOneOf('FIRST', 'LAST')
  if (end === undefined) throw stream.error('Expected FIRST or LAST after NULLS.')
  return { descending, nullsFirst: end === 'FIRST' }
}

function takeFrame(stream: TokenStream): WindowFrame | undefined {
  const { position } = stream
  const word = stream.takeOneOf('ROWS', 'RANGE')
  if (word === undefined) return undefined
  const unit = word === 'ROWS' ? 'rows' : 'range'
  if (!stream.takeWord('BETWEEN')) {
    return { kind: 'frame', unit, start: parseBound(stream), end: { kind: 'currentRow' }, position }
  }
  const start = parseBound(stream)
  stream.expectWord('AND')
  return { kind: 'frame', unit, start, end: parseBound(stream), position }
}

function parseBound(stream: TokenStream): FrameBound {
  if (stream.takeWord('CURRENT', 'ROW')) return { kind: 'currentRow' }
  if (stream.takeWord('UNBOUNDED')) {
    return { kind: expectSide(stream) === 'PRECEDING' ? 'unboundedPreceding' : 'unboundedFollowing' }
  }
  const offset = stream.grammar.value(stream)
  return { kind: expectSide(stream) === 'PRECEDING' ? 'preceding' : 'following', offset }
}

function expectSide(stream: TokenStream): 'PRECEDING' | 'FOLLOWING' {
  const side = stream.takeOneOf('PRECEDING', 'FOLLOWING')
  if (side === undefined) throw stream.error('Expected PRECEDING or FOLLOWING here.')
  return side
}
