import type {
  Expression,
  GroupBy,
  GroupingItem,
  Hint,
  LateralView,
  NamedWindow,
  Select,
  SelectItem,
  TableRef,
} from './ast.ts'
import { parseArguments } from './call.ts'
import { atName, expectName, nameList, takeImplicitColumnAlias } from './names.ts'
import { takeStar } from './star.ts'
import { parseTableRef } from './table-ref.ts'
import type { TokenStream } from './token-stream.ts'
import { parseWindowSpec } from './window.ts'

/** SELECT, without what may follow a set operation (ORDER BY, LIMIT). */
export function parseSelect(stream: TokenStream): Select {
  const { position } = stream
  stream.expectWord('SELECT')
  const hints = parseHints(stream)
  const distinct = stream.takeWord('DISTINCT')
  if (!distinct && stream.atWord('ALL') && !stream.atSymbol('.', 1) && !stream.atSymbol(',', 1)) stream.next()
  const items = stream.list(() => parseSelectItem(stream))
  const from: TableRef[] = stream.takeWord('FROM') ? stream.list(() => parseTableRef(stream)) : []
  const lateralViews: LateralView[] = []
  while (stream.atWord('LATERAL', 'VIEW')) lateralViews.push(parseLateralView(stream))
  const where = stream.takeWord('WHERE') ? stream.grammar.expression(stream) : undefined
  const groupBy = stream.atWord('GROUP', 'BY') ? parseGroupBy(stream) : undefined
  const having = stream.takeWord('HAVING') ? stream.grammar.expression(stream) : undefined
  const early = parseNamedWindows(stream)
  const qualify = stream.takeWord('QUALIFY') ? stream.grammar.expression(stream) : undefined
  const windows = [...early, ...parseNamedWindows(stream)]
  return {
    kind: 'select',
    distinct,
    hints,
    items,
    from,
    lateralViews,
    where,
    groupBy,
    having,
    qualify,
    windows,
    position,
  }
}

/** The hints of a hint comment: `BROADCAST(a), COALESCE(3)`. */
function parseHints(stream: TokenStream): Hint[] {
  const hints: Hint[] = []
  while (stream.takeSymbol('/*+')) {
    while (!stream.takeSymbol('*/')) {
      const { position } = stream
      const name = expectName(stream, 'Expected a hint here.')
      const args = stream.atSymbol('(') ? parseArguments(stream) : []
      hints.push({ kind: 'hint', name, args, position })
      stream.takeSymbol(',')
    }
  }
  return hints
}

function parseSelectItem(stream: TokenStream): SelectItem {
  const { position } = stream
  const expression = takeStar(stream) ?? stream.grammar.expression(stream)
  return { kind: 'selectItem', expression, aliases: parseColumnAliases(stream), position }
}

function parseColumnAliases(stream: TokenStream): string[] {
  const multiple = stream.atSymbol('(', 1)
  if (stream.takeWord('AS'))
    return multiple ? nameList(stream) : [expectName(stream, 'Expected an alias after AS.')]
  const alias = takeImplicitColumnAlias(stream)
  return alias === undefined ? [] : [alias]
}

/** LATERAL VIEW [OUTER] function(args) [alias] [[AS] columns] */
function parseLateralView(stream: TokenStream): LateralView {
  const { position } = stream
  stream.expectWord('LATERAL', 'VIEW')
  const outer = stream.takeWord('OUTER')
  const name = expectName(stream)
  const args = parseArguments(stream)
  const alias = takeImplicitColumnAlias(stream)
  const first = stream.takeWord('AS') ? expectName(stream) : takeImplicitColumnAlias(stream)
  const columns = first === undefined ? [] : [first]
  while (first !== undefined && stream.takeSymbol(',')) columns.push(expectName(stream))
  return { kind: 'lateralView', outer, name, args, alias, columns, position }
}

function parseGroupBy(stream: TokenStream): GroupBy {
  const { position } = stream
  stream.expectWord('GROUP', 'BY')
  const next = stream.peek(1)
  const alone = next.kind !== 'symbol' || next.value === ')' || next.value === ';'
  if (alone && stream.takeWord('ALL')) return { kind: 'groupBy', all: true, items: [], position }
  const items = stream.list(() => parseGroupingItem(stream))
  const start = stream.position
  const form = stream.takeWord('WITH', 'ROLLUP')
    ? 'rollup'
    : stream.takeWord('WITH', 'CUBE')
      ? 'cube'
      : undefined
  if (form !== undefined) {
    const sets = items.map((item) => (item.kind === 'groupingSet' ? item.expressions : []))
    if (sets.some((set) => set.length === 0))
      throw stream.error('WITH ROLLUP and WITH CUBE take plain expressions.')
    return { kind: 'groupBy', all: false, items: [{ kind: form, sets, position: start }], position }
  }
  if (stream.atWord('GROUPING', 'SETS')) {
    return { kind: 'groupBy', all: false, items: [parseGroupingSets(stream)], position }
  }
  return { kind: 'groupBy', all: false, items, position }
}

function parseGroupingItem(stream: TokenStream): GroupingItem {
  return stream.nested((): GroupingItem => {
    const { position } = stream
    if (stream.atWord('GROUPING', 'SETS')) return parseGroupingSets(stream)
    const form = stream.atSymbol('(', 1) ? stream.takeOneOf('ROLLUP', 'CUBE') : undefined
    if (form !== undefined) {
      const kind = form === 'ROLLUP' ? 'rollup' : 'cube'
      const sets = stream.parenthesized(() => stream.list(() => parseGroupingSet(stream)))
      return { kind, sets, position }
    }
    return { kind: 'groupingSet', expressions: parseGroupingSet(stream), position }
  })
}

function parseGroupingSets(stream: TokenStream): GroupingItem {
  const { position } = stream
  stream.expectWord('GROUPING', 'SETS')
  const items = stream.parenthesized(() => stream.list(() => parseGroupingItem(stream)))
  return { kind: 'groupingSets', items, position }
}

/** `()`, `(a, b)` or `a`. */
function parseGroupingSet(stream: TokenStream): readonly Expression[] {
  if (stream.atSymbol('(') && stream.atSymbol(')', 1)) return stream.parenthesized(() => [])
  const expression = stream.grammar.expression(stream)
  return expression.kind === 'tuple' ? expression.items : [expression]
}

/** WINDOW name AS (…), …; nothing when no WINDOW clause stands here. */
export function parseNamedWindows(stream: TokenStream): NamedWindow[] {
  if (!atName(stream, 1) || !stream.takeWord('WINDOW')) return []
  return stream.list((): NamedWindow => {
    const { position } = stream
    const name = expectName(stream)
    stream.expectWord('AS')
    if (!stream.atSymbol('(')) {
      const base = expectName(stream)
      return {
        kind: 'namedWindow',
        name,
        window: { kind: 'window', base, partitionBy: [], orderBy: [] },
        position,
      }
    }
    return { kind: 'namedWindow', name, window: parseWindowSpec(stream), position }
  })
}
