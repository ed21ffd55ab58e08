import type { CommonTable, Expression, Query, QueryBody, SortItem } from './ast.ts'
import { atName, expectName, nameList, qualifiedName } from './names.ts'
import { parseNamedWindows, parseSelect } from './select.ts'
import { syntaxError, unsupported } from './syntax-error.ts'
import { parseRows, parseTableAlias } from './table-ref.ts'
import type { TokenStream } from './token-stream.ts'
import { parseDirection, parseSortItems } from './window.ts'

/** A query: WITH, SELECT and set operations, then ORDER BY, LIMIT and the like. */
export function parseQuery(stream: TokenStream): Query {
  const { position } = stream
  return { ...parseQueryAfterWith(stream, parseWith(stream)), position }
}

/** The rest of a query whose WITH was read already. */
export function parseQueryAfterWith(stream: TokenStream, commonTables: readonly CommonTable[]): Query {
  stream.enter()
  const { position } = stream
  const body = parseUnion(stream)
  const organization = parseOrganization(stream, body)
  stream.leave()
  return { kind: 'query', with: commonTables, ...organization, position }
}

/** WITH and its queries; nothing when no WITH stands here. */
export function parseWith(stream: TokenStream): CommonTable[] {
  const { position } = stream
  if (!stream.takeWord('WITH')) return []
  if (stream.atWord('RECURSIVE') && atName(stream, 1)) {
    throw unsupported('WITH RECURSIVE', position, 'Only queries without recursion can stand in WITH.')
  }
  return stream.list((): CommonTable => {
    const start = stream.position
    const name = expectName(stream)
    const columns = stream.atSymbol('(') ? nameList(stream) : []
    stream.takeWord('AS')
    return { kind: 'commonTable', name, columns, query: parenthesizedQuery(stream), position: start }
  })
}

/** `(query)` */
function parenthesizedQuery(stream: TokenStream): Query {
  return stream.parenthesized(() => parseQuery(stream))
}

/** UNION and EXCEPT, left to right; INTERSECT binds tighter. */
function parseUnion(stream: TokenStream): QueryBody {
  const { position } = stream
  let left = parseIntersect(stream)
  for (;;) {
    const word = stream.takeOneOf('UNION', 'EXCEPT', 'MINUS')
    if (word === undefined) return left
    const operator = word === 'UNION' ? 'union' : 'except'
    const all = parseQuantifier(stream)
    left = { kind: 'setOperation', operator, all, left, right: parseIntersect(stream), position }
  }
}

function parseIntersect(stream: TokenStream): QueryBody {
  const { position } = stream
  let left = parseTerm(stream)
  while (stream.takeWord('INTERSECT')) {
    const all = parseQuantifier(stream)
    left = { kind: 'setOperation', operator: 'intersect', all, left, right: parseTerm(stream), position }
  }
  return left
}

function parseQuantifier(stream: TokenStream): boolean {
  return stream.takeOneOf('ALL', 'DISTINCT') === 'ALL'
}

function parseTerm(stream: TokenStream): QueryBody {
  const { position } = stream
  if (stream.atSymbol('(')) return plainBody(parenthesizedQuery(stream))
  if (stream.atWord('SELECT')) return parseSelect(stream)
  if (stream.takeWord('VALUES')) {
    const rows = parseRows(stream)
    const { columns } = parseTableAlias(stream)
    return { kind: 'values', rows, columns: columns.length > 0 ? columns : undefined, position }
  }
  if (stream.takeWord('TABLE')) return { kind: 'tableQuery', parts: qualifiedName(stream), position }
  throw stream.error('Expected a query here: SELECT, VALUES or TABLE.')
}

/** The body alone when parentheses add nothing. */
function plainBody(query: Query): QueryBody {
  const sorted =
    query.orderBy.length + query.sortBy.length + query.distributeBy.length + query.clusterBy.length > 0
  const limited = query.limit !== undefined || query.offset !== undefined || query.orderByAll !== undefined
  return sorted || limited || query.with.length > 0 ? query : query.body
}

type Organization = Omit<Query, 'kind' | 'with' | 'position'>

function parseOrganization(stream: TokenStream, body: QueryBody): Organization {
  const sort = stream.takeWord('ORDER', 'BY') ? parseOrderBy(stream) : { orderBy: [] }
  const clusterBy = stream.takeWord('CLUSTER', 'BY') ? expressions(stream) : []
  const distributeBy = stream.takeWord('DISTRIBUTE', 'BY') ? expressions(stream) : []
  const sortBy = stream.takeWord('SORT', 'BY') ? parseSortItems(stream) : []
  const windowed = parseLateWindows(stream, body)
  return { body: windowed, ...sort, sortBy, distributeBy, clusterBy, ...parseLimits(stream) }
}

function expressions(stream: TokenStream): Expression[] {
  return stream.list(() => stream.grammar.expression(stream))
}

function parseOrderBy(stream: TokenStream): {
  orderBy: readonly SortItem[]
  orderByAll?: Query['orderByAll']
} {
  const next = stream.peek(1)
  const allAlone = next.kind !== 'symbol' || next.value === ')' || next.value === ';'
  if (!allAlone || !stream.takeWord('ALL')) return { orderBy: parseSortItems(stream) }
  return { orderBy: [], orderByAll: parseDirection(stream) }
}

/** Spark's grammar lets WINDOW stand after ORDER BY too; it belongs to the SELECT all the same. */
function parseLateWindows(stream: TokenStream, body: QueryBody): QueryBody {
  if (!stream.atWord('WINDOW') || !atName(stream, 1)) return body
  if (body.kind !== 'select') throw syntaxError(stream, 'WINDOW needs a SELECT that it belongs to')
  return { ...body, windows: [...body.windows, ...parseNamedWindows(stream)] }
}

/** LIMIT and OFFSET, in either order. */
function parseLimits(stream: TokenStream): { limit?: Expression; offset?: Expression } {
  const limits: { limit?: Expression; offset?: Expression } = {}
  for (let taken = ''; ; ) {
    const word = stream.takeOneOf(
      ...(['LIMIT', 'OFFSET'] as const).filter((candidate) => candidate !== taken),
    )
    if (word === undefined) return limits
    if (word === 'OFFSET') limits.offset = stream.grammar.expression(stream)
    else if (!stream.takeWord('ALL')) limits.limit = stream.grammar.expression(stream)
    if (taken !== '') return limits
    taken = word
  }
}
