import { EngineError } from '../../engine/errors.ts'
import type { BinaryOperator, Call, Expression, Like, LikeQuantified, Position } from './ast.ts'
import { adjacentStrings, literal } from './literal.ts'
import { parsePostfix } from './primary.ts'
import { atQuery } from './query-start.ts'
import type { TokenStream } from './token-stream.ts'

/**
 * Expressions, by precedence climbing (Pratt). From loose to tight, as in Spark: OR · AND · NOT · predicates
 * (BETWEEN, IN, LIKE, IS) · comparison · | · ^ · & · shifts · + - || · * / % DIV · unary. Chains are read in
 * loops, so only parentheses and other nesting use the stack.
 */
export function parseExpression(stream: TokenStream): Expression {
  stream.enter()
  const expression = parseBoolean(stream, OR)
  stream.leave()
  return expression
}

/** An expression without AND, OR, NOT and predicates. */
export function parseValueExpression(stream: TokenStream): Expression {
  stream.enter()
  const expression = parseValue(stream, 0)
  stream.leave()
  return expression
}

const OR = 0
const AND = 1
const NOT = 2

/** NOT, AND and OR, none looser than `level`. Chains become one node. */
function parseBoolean(stream: TokenStream, level: number): Expression {
  const { position } = stream
  let left = atNot(stream) ? parseNot(stream) : parsePredicate(stream)
  if (level <= AND && stream.atWord('AND')) {
    const operands = [left]
    while (stream.takeWord('AND')) operands.push(parseBoolean(stream, NOT))
    left = { kind: 'and', operands, position }
  }
  if (level <= OR && stream.atWord('OR')) {
    const operands = [left]
    while (stream.takeWord('OR')) operands.push(parseBoolean(stream, AND))
    left = { kind: 'or', operands, position }
  }
  return left
}

function atNot(stream: TokenStream): boolean {
  return stream.atSymbol('!') || stream.atWord('NOT')
}

function parseNot(stream: TokenStream): Expression {
  const { position } = stream
  stream.next()
  stream.enter()
  const operand = parseBoolean(stream, NOT)
  stream.leave()
  return not(operand, position)
}

/** A value, and at most one predicate over it. */
function parsePredicate(stream: TokenStream): Expression {
  const { position } = stream
  const input = parseValue(stream, 0)
  if (stream.takeWord('IS')) return parseIs(stream, input, position)
  const negated = takeNegation(stream)
  if (stream.takeWord('BETWEEN')) return parseBetween(stream, input, negated, position)
  if (stream.takeWord('IN')) return parseIn(stream, input, negated, position)
  const operator = stream.takeOneOf('LIKE', 'ILIKE', 'RLIKE', 'REGEXP')
  if (operator !== undefined) return parseLike(stream, operator, input, negated, position)
  return input
}

/** The NOT of NOT IN and the like; another NOT here is not ours. */
function takeNegation(stream: TokenStream): boolean {
  if (!stream.takeWord('NOT')) return false
  if (stream.atOneOf('BETWEEN', 'IN', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP') !== undefined) return true
  stream.rewind(stream.index - 1)
  return false
}

function not(operand: Expression, position: Position): Expression {
  return { kind: 'unary', operator: 'not', operand, position }
}

function parseIs(stream: TokenStream, input: Expression, position: Position): Expression {
  const negated = stream.takeWord('NOT')
  if (stream.takeWord('NULL')) return { kind: 'isNull', input, negated, position }
  if (stream.takeWord('UNKNOWN')) return { kind: 'isUnknown', input, negated, position }
  if (stream.takeWord('DISTINCT', 'FROM')) {
    const same = binary('<=>', input, parseValue(stream, 0), position)
    return negated ? same : not(same, position)
  }
  const truthPosition = stream.position
  const truth = stream.takeOneOf('TRUE', 'FALSE')
  if (truth === undefined)
    throw stream.error('Expected NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after IS.')
  const same = binary('<=>', input, literal('boolean', truth === 'TRUE', truthPosition), position)
  return negated ? not(same, position) : same
}

function parseBetween(
  stream: TokenStream,
  input: Expression,
  negated: boolean,
  position: Position,
): Expression {
  const low = parseValue(stream, 0)
  stream.expectWord('AND')
  return { kind: 'between', input, low, high: parseValue(stream, 0), negated, position }
}

function parseIn(stream: TokenStream, input: Expression, negated: boolean, position: Position): Expression {
  return stream.parenthesized((): Expression => {
    if (atQuery(stream))
      return { kind: 'inSubquery', input, query: stream.grammar.query(stream), negated, position }
    return { kind: 'inList', input, items: stream.list(() => parseExpression(stream)), negated, position }
  })
}

function parseLike(
  stream: TokenStream,
  word: 'LIKE' | 'ILIKE' | 'RLIKE' | 'REGEXP',
  input: Expression,
  negated: boolean,
  position: Position,
): Like | LikeQuantified {
  if (word === 'RLIKE' || word === 'REGEXP') {
    return { kind: 'like', operator: 'rlike', input, pattern: parseValue(stream, 0), negated, position }
  }
  const operator = word === 'LIKE' ? 'like' : 'ilike'
  const quantifier = stream.peek(1).value === '(' ? stream.takeOneOf('ANY', 'SOME', 'ALL') : undefined
  if (quantifier !== undefined) {
    const patterns = stream.parenthesized(() => stream.list(() => parseExpression(stream)))
    const all = quantifier === 'ALL'
    return {
      kind: 'likeQuantified',
      operator,
      quantifier: all ? 'all' : 'any',
      input,
      patterns,
      negated,
      position,
    }
  }
  const pattern = parseValue(stream, 0)
  if (!stream.takeWord('ESCAPE')) return { kind: 'like', operator, input, pattern, negated, position }
  const { index } = stream
  const escape = adjacentStrings(stream)
  if ([...escape].length !== 1) {
    stream.rewind(index)
    const { position } = stream
    throw new EngineError('INVALID_ESC', 'the escape of LIKE is one character', { position })
  }
  return { kind: 'like', operator, input, pattern, escape, negated, position }
}

type ValueOperator = BinaryOperator | '||'

const COMPARISONS: Readonly<Record<string, BinaryOperator>> = {
  '=': '=',
  '==': '=',
  '<=>': '<=>',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '!<': '>=',
  '!>': '<=',
}

const PRECEDENCE: Readonly<Record<ValueOperator, number>> = {
  '=': 1,
  '<=>': 1,
  '<>': 1,
  '<': 1,
  '<=': 1,
  '>': 1,
  '>=': 1,
  '|': 2,
  '^': 3,
  '&': 4,
  '<<': 5,
  '>>': 5,
  '>>>': 5,
  '+': 6,
  '-': 6,
  '||': 6,
  '*': 7,
  '/': 7,
  '%': 7,
  div: 7,
}

/** Left-associative operators that bind tighter than `floor`. */
function parseValue(stream: TokenStream, floor: number): Expression {
  const { position } = stream
  let left = parseUnary(stream)
  for (;;) {
    const found = operatorHere(stream)
    if (found === undefined || PRECEDENCE[found.operator] <= floor) return left
    for (let taken = 0; taken < found.tokens; taken++) stream.next()
    // Counted too: the right side nests as parentheses do, seven operators deep.
    stream.enter()
    const right = parseValue(stream, PRECEDENCE[found.operator])
    stream.leave()
    left =
      found.operator === '||' ? concat(left, right, position) : binary(found.operator, left, right, position)
  }
}

/** The operator that stands here, and of how many tokens: `>>` is two that touch. */
function operatorHere(stream: TokenStream): { operator: ValueOperator; tokens: number } | undefined {
  const { token } = stream
  if (token.kind === 'word') return stream.atWord('DIV') ? { operator: 'div', tokens: 1 } : undefined
  if (token.kind !== 'symbol') return undefined
  const symbol = token.value
  if (symbol === '>' && touches(stream, 1)) {
    if (touches(stream, 2)) return { operator: '>>>', tokens: 3 }
    return { operator: '>>', tokens: 2 }
  }
  const comparison = Object.hasOwn(COMPARISONS, symbol) ? COMPARISONS[symbol] : undefined
  if (comparison !== undefined) return { operator: comparison, tokens: 1 }
  // Own keys of PRECEDENCE are operators.
  return Object.hasOwn(PRECEDENCE, symbol) ? { operator: symbol as ValueOperator, tokens: 1 } : undefined
}

/** Whether the token `ahead` is a `>` without a blank before it. */
function touches(stream: TokenStream, ahead: number): boolean {
  return stream.atSymbol('>', ahead) && stream.peek(ahead).position.offset === stream.peek(ahead - 1).end
}

function binary(
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
  position: Position,
): Expression {
  return { kind: 'binary', operator, left, right, position }
}

/** A chain of `||` is one call; parentheses on the left join it too, which changes nothing but the shape. */
function concat(left: Expression, right: Expression, position: Position): Call {
  if (left.kind === 'call' && left.form === 'operator') {
    // Grown in place: this node was made here, and nobody else has seen it.
    ;(left.args as Expression[]).push(right)
    return left
  }
  return { kind: 'call', name: 'concat', args: [left, right], form: 'operator', position }
}

function parseUnary(stream: TokenStream): Expression {
  const { position } = stream
  const symbol = stream.token.kind === 'symbol' ? stream.token.value : ''
  const signedNumber = symbol === '-' && stream.peek(1).kind === 'number'
  if ((symbol === '-' || symbol === '+' || symbol === '~') && !signedNumber) {
    stream.next()
    stream.enter()
    const operand = parseUnary(stream)
    stream.leave()
    return { kind: 'unary', operator: symbol, operand, position }
  }
  return parsePostfix(stream)
}
