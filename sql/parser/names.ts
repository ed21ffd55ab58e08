import type { TokenStream } from './token-stream.ts'

/**
 * Which words may be names. As in Spark's default, keywords are not reserved; only where a clause would be
 * taken for a name does a word need backquotes. After a dot or AS any word is a name.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Words that never start an expression by themselves. */
const NOT_AN_OPERAND = words(
  'SELECT FROM WHERE HAVING QUALIFY UNION INTERSECT EXCEPT AND OR AS ON USING JOIN WHEN THEN ELSE IN ' +
    'BETWEEN IS LIKE ILIKE RLIKE REGEXP DIV BY INTO WITH CASE NOT DISTINCT',
)

/** Words that cannot be a column alias without AS. */
const NOT_A_COLUMN_ALIAS = words(
  'FROM WHERE GROUP HAVING QUALIFY WINDOW ORDER SORT DISTRIBUTE CLUSTER LIMIT OFFSET UNION INTERSECT ' +
    'EXCEPT MINUS LATERAL AND OR NOT IN LIKE ILIKE RLIKE REGEXP BETWEEN IS DIV ESCAPE AS WHEN THEN ELSE ' +
    'ON USING JOIN SELECT INTO',
)

/** Words that cannot be a table alias without AS. */
const NOT_A_TABLE_ALIAS = words(
  'JOIN INNER CROSS LEFT RIGHT FULL OUTER SEMI ANTI NATURAL ON USING TABLESAMPLE PIVOT UNPIVOT LATERAL ' +
    'WHERE GROUP HAVING QUALIFY WINDOW ORDER SORT DISTRIBUTE CLUSTER LIMIT OFFSET UNION INTERSECT EXCEPT ' +
    'MINUS AS SELECT FROM AND OR SET VALUES WHEN',
)

/** The name that stands here, or a syntax error. Case is as written. */
export function expectName(stream: TokenStream, hint?: string): string {
  const { token } = stream
  if (token.kind === 'string')
    throw stream.error('Names are quoted with backquotes: `a name`. Quotes make a string.')
  if (token.kind !== 'word' && token.kind !== 'quoted') throw stream.error(hint)
  stream.next()
  return token.kind === 'quoted' ? token.value : token.text
}

/** A name with its qualifiers: `db.t` gives two parts. Reserved words cannot be the first part. */
export function qualifiedName(stream: TokenStream): string[] {
  if (!atOperandName(stream)) throw stream.error('Expected a name here.')
  const parts = [expectName(stream)]
  while (stream.takeSymbol('.')) parts.push(expectName(stream, 'Expected a name after the dot.'))
  return parts
}

/** `(a, b, c)` */
export function nameList(stream: TokenStream): string[] {
  return stream.parenthesized(() => stream.list(() => expectName(stream)))
}

/** Whether a word or a quoted name stands `ahead`. */
export function atName(stream: TokenStream, ahead = 0): boolean {
  const { kind } = stream.peek(ahead)
  return kind === 'word' || kind === 'quoted'
}

/**
 * Whether a name stands here that may begin an expression. GROUP BY and ORDER BY are clauses, `group` is a
 * name.
 */
export function atOperandName(stream: TokenStream): boolean {
  const { token } = stream
  if (token.kind === 'quoted') return true
  if (token.kind !== 'word' || NOT_AN_OPERAND.has(token.value)) return false
  const next = stream.peek(1)
  return !(
    (token.value === 'GROUP' || token.value === 'ORDER') &&
    next.kind === 'word' &&
    next.value === 'BY'
  )
}

/** The column alias that stands here without AS. */
export function takeImplicitColumnAlias(stream: TokenStream): string | undefined {
  return takeImplicit(stream, NOT_A_COLUMN_ALIAS)
}

/** The table alias that stands here without AS. */
export function takeImplicitTableAlias(stream: TokenStream): string | undefined {
  return takeImplicit(stream, NOT_A_TABLE_ALIAS)
}

function takeImplicit(stream: TokenStream, excluded: ReadonlySet<string>): string | undefined {
  const { token } = stream
  if (token.kind === 'quoted') return expectName(stream)
  if (token.kind !== 'word' || excluded.has(token.value)) return undefined
  for (const keyword of excluded) stream.atWord(keyword)
  stream.lastAlias = stream.index
  return expectName(stream)
}
