import type { TokenStream } from './token-stream.ts'

/** Whether a query stands here, after an opening parenthesis: `(SELECT …`, and `((SELECT 1) UNION …`. */
export function atQuery(stream: TokenStream): boolean {
  let parentheses = 0
  while (stream.atSymbol('(', parentheses)) parentheses++
  const token = stream.peek(parentheses)
  if (token.kind !== 'word' || !startsQuery(stream, parentheses)) return false
  // Each parenthesis closes before what may follow a query; `((SELECT 1) + 1)` is an expression.
  for (let ahead = parentheses - 1; ahead >= 0; ahead--) {
    const after = stream.tokenAt(stream.closing(stream.index + ahead) + 1)
    if (after.kind === 'symbol' && after.value !== ')' && after.value !== ';') return false
    if (after.kind !== 'symbol' && after.kind !== 'end' && !CONTINUES_QUERY.has(after.value)) return false
  }
  return true
}

const CONTINUES_QUERY: ReadonlySet<string> = new Set([
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'MINUS',
  'ORDER',
  'SORT',
  'DISTRIBUTE',
  'CLUSTER',
  'LIMIT',
  'OFFSET',
])

/** Whether the word `ahead` begins a query, and is not a name. */
export function startsQuery(stream: TokenStream, ahead: number): boolean {
  const next = stream.peek(ahead + 1)
  switch (stream.peek(ahead).value) {
    case 'SELECT':
      return true
    case 'WITH':
      return next.kind === 'word' || next.kind === 'quoted'
    case 'VALUES':
      return next.kind !== 'symbol' ? next.kind !== 'end' : next.value === '(' || next.value === '-'
    case 'TABLE':
      return next.kind === 'word' || next.kind === 'quoted'
    default:
      return false
  }
}
