import type { Case, CaseBranch, Expression, Position } from './ast.ts'
import { parseCall } from './call.ts'
import { takeLiteral } from './literal.ts'
import { atName, atOperandName, expectName, qualifiedName } from './names.ts'
import { atQuery } from './query-start.ts'
import { syntaxError } from './syntax-error.ts'
import { MAX_NESTING, type TokenStream } from './token-stream.ts'
import { parseTypeName } from './type-parser.ts'

/** An operand with what follows it: `[index]`, `.field`, `::type`. */
export function parsePostfix(stream: TokenStream): Expression {
  const { position } = stream
  let input = parsePrimary(stream, position)
  for (let links = 0; ; links++) {
    if (links > MAX_NESTING) throw syntaxError(stream, `more than ${MAX_NESTING} accesses in a row`)
    if (stream.takeSymbol('[')) {
      const index = stream.grammar.expression(stream)
      stream.expectSymbol(']')
      input = { kind: 'index', input, index, position }
    } else if (stream.takeSymbol('::')) {
      input = { kind: 'cast', input, type: parseTypeName(stream), try: false, position }
    } else if (stream.atSymbol('.')) {
      stream.next()
      input = { kind: 'field', input, name: expectName(stream, 'Expected a field after the dot.'), position }
    } else return input
  }
}

function parsePrimary(stream: TokenStream, position: Position): Expression {
  const constant = takeLiteral(stream)
  if (constant !== undefined) return constant
  const { token } = stream
  if (token.kind === 'symbol') {
    if (token.value === '(') return parseLambda(stream, position) ?? parseParenthesized(stream, position)
    return parseParameter(stream, position)
  }
  if (token.kind === 'word') {
    const keyword = parseKeyword(stream, position)
    if (keyword !== undefined) return keyword
  }
  return parseName(stream, position)
}

function parseParameter(stream: TokenStream, position: Position): Expression {
  if (stream.takeSymbol('?')) return { kind: 'parameter', index: stream.parameterCount++, position }
  if (stream.takeSymbol(':')) return { kind: 'parameter', name: expectName(stream), position }
  throw stream.error('Expected an expression here.')
}

/** A subquery, a tuple, or just an expression. */
function parseParenthesized(stream: TokenStream, position: Position): Expression {
  stream.enterParenthesis()
  const isQuery = atQuery(stream)
  let result: Expression = isQuery
    ? { kind: 'scalarSubquery', query: stream.grammar.query(stream), position }
    : stream.grammar.expression(stream)
  if (!isQuery && stream.atSymbol(',')) {
    const items = [result]
    while (stream.takeSymbol(',')) items.push(stream.grammar.expression(stream))
    result = { kind: 'tuple', items, position }
  }
  stream.leaveParenthesis()
  return result
}

/** `x -> …` or `(x, y) -> …`, if one stands here. */
function parseLambda(stream: TokenStream, position: Position): Expression | undefined {
  let parameters: string[]
  if (atName(stream, 0)) {
    if (!stream.atSymbol('->', 1)) return undefined
    parameters = [expectName(stream)]
  } else {
    if (stream.tokenAt(stream.closing(stream.index) + 1).value !== '->' || !atName(stream, 1))
      return undefined
    parameters = stream.parenthesized(() => stream.list(() => expectName(stream)))
  }
  stream.expectSymbol('->')
  return { kind: 'lambda', parameters, body: stream.grammar.expression(stream), position }
}

/** A column, a call, or a lambda. */
function parseName(stream: TokenStream, position: Position): Expression {
  const lambda = atName(stream, 0) ? parseLambda(stream, position) : undefined
  if (lambda !== undefined) return lambda
  const call = stream.token.kind === 'word' && stream.atSymbol('(', 1)
  if (!call && !atOperandName(stream)) throw notAnOperand(stream)
  const parts = call ? [expectName(stream)] : qualifiedName(stream)
  if (!stream.atSymbol('(')) return { kind: 'column', parts, position }
  return parseCall(stream, parts.join('.'), position)
}

function notAnOperand(stream: TokenStream): Error {
  const query = stream.atWord('SELECT') || stream.atWord('WITH')
  return stream.error(query ? 'A subquery stands in parentheses.' : 'Expected an expression here.')
}

/** Functions that are called without parentheses. */
const BARE_CALLS: ReadonlySet<string> = new Set([
  'CURRENT_DATE',
  'CURRENT_TIMESTAMP',
  'CURRENT_USER',
  'SESSION_USER',
  'CURRENT_CATALOG',
  'CURRENT_DATABASE',
  'CURRENT_SCHEMA',
  'LOCALTIMESTAMP',
])

/** What a keyword starts, if it is one here and not a name. */
function parseKeyword(stream: TokenStream, position: Position): Expression | undefined {
  const { token } = stream
  const beforeParenthesis = stream.atSymbol('(', 1)
  if (token.value === 'CASE') return parseCase(stream, position)
  if (!beforeParenthesis) {
    if (!BARE_CALLS.has(token.value) || stream.atSymbol('.', 1)) return undefined
    stream.next()
    return { kind: 'call', name: token.text, args: [], position }
  }
  if (RESERVED_BEFORE_PARENTHESIS.has(token.value)) throw stream.error('Expected an expression here.')
  if (token.value === 'CAST' || token.value === 'TRY_CAST') return parseCast(stream, position)
  if (token.value === 'EXISTS') return parseExists(stream, position)
  return undefined
}

/** Words that are no function, so that `WHERE (a)` without an operand is an error at WHERE. */
const RESERVED_BEFORE_PARENTHESIS: ReadonlySet<string> = new Set([
  'SELECT',
  'FROM',
  'WHERE',
  'HAVING',
  'QUALIFY',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'AND',
  'OR',
  'AS',
  'ON',
  'USING',
  'JOIN',
  'WHEN',
  'THEN',
  'ELSE',
  'IN',
  'BETWEEN',
  'IS',
  'BY',
  'INTO',
  'WITH',
  'OVER',
  'DISTINCT',
])

function parseCast(stream: TokenStream, position: Position): Expression {
  const isTry = stream.next().value === 'TRY_CAST'
  stream.enterParenthesis()
  const input = stream.grammar.expression(stream)
  stream.expectWord('AS')
  const type = parseTypeName(stream)
  stream.leaveParenthesis()
  return { kind: 'cast', input, type, try: isTry, position }
}

/** EXISTS (query); `exists(array, x -> …)` is a function. */
function parseExists(stream: TokenStream, position: Position): Expression | undefined {
  const { index } = stream
  stream.next()
  stream.next()
  const isQuery = atQuery(stream)
  stream.rewind(isQuery ? index + 1 : index)
  if (!isQuery) return undefined
  return { kind: 'exists', query: stream.parenthesized(() => stream.grammar.query(stream)), position }
}

function parseCase(stream: TokenStream, position: Position): Case {
  stream.next()
  const operand = stream.atWord('WHEN') ? undefined : stream.grammar.expression(stream)
  const branches: CaseBranch[] = []
  do {
    stream.expectWord('WHEN')
    const when = stream.grammar.expression(stream)
    stream.expectWord('THEN')
    branches.push({ when, then: stream.grammar.expression(stream) })
  } while (stream.atWord('WHEN'))
  const otherwise = stream.takeWord('ELSE') ? stream.grammar.expression(stream) : undefined
  stream.expectWord('END')
  return { kind: 'case', operand, branches, otherwise, position }
}
