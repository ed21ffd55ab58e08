import type { Expression, JoinType, Position, Sample, TableRef } from './ast.ts'
import { parseArguments } from './call.ts'
import { expectName, nameList, qualifiedName, takeImplicitTableAlias } from './names.ts'
import { atQuery } from './query-start.ts'
import { syntaxError, unsupported } from './syntax-error.ts'
import type { TokenStream } from './token-stream.ts'

/** An entry of FROM with the joins that follow it, left to right. */
export function parseTableRef(stream: TokenStream): TableRef {
  const { position } = stream
  let left = stream.nested(() => parsePrimary(stream))
  for (;;) {
    const join = takeJoin(stream)
    if (join === undefined) return left
    const right = stream.nested(() => parsePrimary(stream))
    const using = stream.takeWord('USING') ? nameList(stream) : []
    const on = using.length === 0 && stream.takeWord('ON') ? stream.grammar.expression(stream) : undefined
    if (join.natural && (using.length > 0 || on !== undefined)) {
      throw syntaxError(stream, 'a natural join has no ON or USING')
    }
    left = { kind: 'join', ...join, left, right, using, on, position }
  }
}

function takeJoin(stream: TokenStream): { joinType: JoinType; natural: boolean } | undefined {
  return stream.attempt(() => {
    const natural = stream.takeWord('NATURAL')
    const joinType = takeJoinType(stream)
    if (stream.takeWord('JOIN')) return { joinType, natural }
    if (natural) throw stream.error('Expected JOIN here.')
    return undefined
  })
}

function takeJoinType(stream: TokenStream): JoinType {
  const word = stream.takeOneOf('INNER', 'CROSS', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI')
  switch (word) {
    case 'CROSS':
      return 'cross'
    case 'SEMI':
      return 'leftSemi'
    case 'ANTI':
      return 'leftAnti'
    case 'LEFT':
      if (stream.takeWord('SEMI')) return 'leftSemi'
      if (stream.takeWord('ANTI')) return 'leftAnti'
      stream.takeWord('OUTER')
      return 'left'
    case 'RIGHT':
      stream.takeWord('OUTER')
      return 'right'
    case 'FULL':
      stream.takeWord('OUTER')
      return 'full'
    default:
      return 'inner'
  }
}

function parsePrimary(stream: TokenStream): TableRef {
  const { position } = stream
  const table = parseUnsampled(stream, position)
  if (stream.atOneOf('PIVOT', 'UNPIVOT') !== undefined && !stream.atSymbol('.', 1)) {
    throw unsupported(stream.token.value, stream.position, 'Write it with CASE, or with UNION ALL.')
  }
  return table
}

function parseUnsampled(stream: TokenStream, position: Position): TableRef {
  if (stream.token.kind === 'string') {
    throw stream.error('A file is read as parquet.`/path`, with the path in backquotes.')
  }
  const lateral = stream.atWord('LATERAL') && !stream.atWord('LATERAL', 'VIEW') && stream.takeWord('LATERAL')
  if (stream.atSymbol('(')) return parseParenthesized(stream, lateral, position)
  if (atValues(stream)) {
    stream.next()
    const rows = parseRows(stream)
    return { kind: 'valuesTable', rows, ...parseTableAlias(stream), position }
  }
  if (stream.token.kind === 'word' && stream.atSymbol('(', 1)) {
    const name = expectName(stream)
    const args = parseArguments(stream)
    return { kind: 'tableFunction', name, args, lateral, ...parseTableAlias(stream), position }
  }
  if (lateral) throw stream.error('LATERAL stands before a query in parentheses or a table function.')
  const file = takeFile(stream)
  const base = file ?? ({ kind: 'table', parts: qualifiedName(stream) } as const)
  if (stream.atOneOf('VERSION', 'TIMESTAMP') !== undefined && stream.peek(1).value === 'AS') {
    throw unsupported('time travel (VERSION AS OF, TIMESTAMP AS OF)', stream.position)
  }
  const sample = takeSample(stream)
  return sampled({ ...base, ...parseTableAlias(stream), position }, sample ?? takeSample(stream))
}

/** VALUES with a row after it; else it is a table of that name. */
function atValues(stream: TokenStream): boolean {
  const { kind } = stream.peek(1)
  return stream.atWord('VALUES') && (kind === 'number' || kind === 'string' || stream.atSymbol('(', 1))
}

const FILE_FORMATS: ReadonlySet<string> = new Set([
  'parquet',
  'csv',
  'json',
  'text',
  'orc',
  'avro',
  'delta',
  'binaryfile',
])

/** parquet.`/path` */
function takeFile(stream: TokenStream): { kind: 'fileTable'; format: string; path: string } | undefined {
  const format = stream.token.text.toLowerCase()
  if (!FILE_FORMATS.has(format) || !stream.atSymbol('.', 1) || stream.peek(2).kind !== 'quoted')
    return undefined
  stream.next()
  stream.next()
  return { kind: 'fileTable', format, path: expectName(stream) }
}

/** A subquery, or a join in parentheses. */
function parseParenthesized(stream: TokenStream, lateral: boolean, position: Position): TableRef {
  const { index } = stream
  stream.next()
  const isQuery = lateral || atQuery(stream)
  stream.rewind(index)
  if (!isQuery) return parseJoinGroup(stream, position)
  const query = stream.parenthesized(() => stream.grammar.query(stream))
  const sample = takeSample(stream)
  return sampled({ kind: 'derivedTable', query, lateral, ...parseTableAlias(stream), position }, sample)
}

function parseJoinGroup(stream: TokenStream, position: Position): TableRef {
  const input = stream.parenthesized(() => parseTableRef(stream))
  const sample = takeSample(stream)
  const alias = parseTableAlias(stream)
  return sampled(alias.alias === undefined ? input : { kind: 'aliased', input, ...alias, position }, sample)
}

function sampled(input: TableRef, sample: Sample | undefined): TableRef {
  return sample === undefined ? input : { kind: 'sampled', input, sample, position: input.position }
}

/** `[AS] alias [(columns)]` */
export function parseTableAlias(stream: TokenStream): { alias?: string; columns: readonly string[] } {
  const alias = stream.takeWord('AS')
    ? expectName(stream, 'Expected an alias after AS.')
    : takeImplicitTableAlias(stream)
  if (alias === undefined) return { columns: [] }
  return { alias, columns: stream.atSymbol('(') ? nameList(stream) : [] }
}

/** The rows of VALUES: `(1, 'a'), (2, 'b')`, or `1, 2` for single columns. */
export function parseRows(stream: TokenStream): (readonly Expression[])[] {
  return stream.list(() => {
    const row = stream.grammar.expression(stream)
    return row.kind === 'tuple' ? row.items : [row]
  })
}

function takeSample(stream: TokenStream): Sample | undefined {
  if (!stream.takeWord('TABLESAMPLE')) return undefined
  const sample = stream.parenthesized((): Sample => {
    if (stream.takeWord('BUCKET')) {
      const bucket = expectNumber(stream)
      stream.expectWord('OUT', 'OF')
      return { kind: 'bucket', bucket, of: expectNumber(stream) }
    }
    if (stream.token.kind === 'number' && stream.peek(1).value === 'PERCENT') {
      const percent = expectNumber(stream)
      stream.next()
      return { kind: 'percent', percent }
    }
    const rows = stream.grammar.expression(stream)
    stream.expectWord('ROWS')
    return { kind: 'rows', rows }
  })
  if (!stream.takeWord('REPEATABLE')) return sample
  return { ...sample, seed: stream.parenthesized(() => expectNumber(stream)) }
}

function expectNumber(stream: TokenStream): number {
  const value = Number(stream.token.value)
  if (stream.token.kind !== 'number' || Number.isNaN(value)) throw stream.error('Expected a number here.')
  stream.next()
  return value
}
