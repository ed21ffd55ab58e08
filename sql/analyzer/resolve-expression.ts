import type { Expr } from '../../engine/expr/index.ts'
import { commonTypeOf, typeName, types } from '../../engine/types/index.ts'
import type {
  Between,
  Binary,
  Case,
  Cast,
  Expression,
  InList,
  Like,
  LikeQuantified,
  Position,
} from '../parser/index.ts'
import { canCast } from './can-cast.ts'
import { unsupported, userError } from './check.ts'
import { castTo, castToCommon, noCommonType } from './coerce-types.ts'
import { convertType } from './convert-type.ts'
import type { Environment } from './environment.ts'
import { resolveLiteral, resolveParameter } from './literals.ts'
import { accessField, accessItem, resolveColumn } from './resolve-columns.ts'
import { resolveCall } from './resolve-functions.ts'
import { callScalar, callStruct, narrowLiterals } from './scalar-calls.ts'
import { resolveExists, resolveInSubquery, resolveScalarSubquery } from './subqueries.ts'

/** The typed expression that a syntax tree means in its environment. Errors name the place. */
export function resolveExpression(expression: Expression, environment: Environment): Expr {
  const resolve = (part: Expression): Expr => resolveExpression(part, environment)
  const { position } = expression
  switch (expression.kind) {
    case 'literal':
      return resolveLiteral(expression, environment.analysis)
    case 'parameter':
      return resolveParameter(expression, environment.analysis)
    case 'column':
      return resolveColumn(expression, environment)
    case 'field':
      return accessField(resolve(expression.input), expression.name, position)
    case 'index':
      return accessItem(resolve(expression.input), resolve(expression.index), position)
    case 'call':
      return resolveCall(expression, environment)
    case 'cast':
      return resolveCast(expression, resolve(expression.input))
    case 'case':
      return resolveCase(expression, environment)
    case 'unary':
      return resolveUnary(expression.operator, resolve(expression.operand), environment, position)
    case 'binary':
      return resolveBinary(expression, environment)
    case 'and':
    case 'or': {
      const operands = expression.operands.map((operand) =>
        textAsBoolean(resolve(operand), operand.position ?? position),
      )
      return { kind: expression.kind, operands, type: types.boolean }
    }
    case 'between':
      return resolveBetween(expression, environment)
    case 'inList':
      return resolveInList(expression, environment)
    case 'inSubquery':
      return negate(resolveInSubquery(expression, environment), expression.negated, environment)
    case 'exists':
      return resolveExists(expression, environment)
    case 'scalarSubquery':
      return resolveScalarSubquery(expression, environment)
    case 'like':
      return negate(resolveLike(expression, environment), expression.negated, environment)
    case 'likeQuantified':
      return resolveLikeQuantified(expression, environment)
    case 'isNull':
    case 'isUnknown': {
      const input = resolve(expression.input)
      const tested = expression.kind === 'isUnknown' ? asBoolean(input, position) : input
      return callScalar(expression.negated ? 'isnotnull' : 'isnull', [tested], environment, position)
    }
    case 'tuple':
      return callStruct(expression.items, environment, position)
    case 'star':
      throw userError('INVALID_USAGE_OF_STAR_OR_REGEX', '"*" may not stand here', position)
    case 'namedArgument':
      throw unsupported(`the named argument "${expression.name}"`, position, 'Give arguments by position.')
    case 'lambda':
      throw userError(
        'INVALID_LAMBDA_FUNCTION_CALL',
        'a lambda may only be an argument of a function',
        position,
      )
  }
}

/** The expression as a boolean; NULL is one. DATATYPE_MISMATCH for other types. */
export function asBoolean(expr: Expr, position?: Position): Expr {
  if (expr.type.kind === 'boolean') return expr
  if (expr.type.kind === 'null') return castTo(expr, types.boolean)
  throw userError(
    'DATATYPE_MISMATCH',
    `condition has type "${typeName(expr.type)}", not "boolean"`,
    position,
    'Compare it with a value, or cast it.',
  )
}

/** AND, OR and NOT also read text, as Spark's ANSI mode does; a WHERE does not. */
function textAsBoolean(expr: Expr, position?: Position): Expr {
  return expr.type.kind === 'string' ? castTo(expr, types.boolean) : asBoolean(expr, position)
}

function negate(expr: Expr, negated: boolean, environment: Environment): Expr {
  return negated ? callScalar('not', [expr], environment) : expr
}

function resolveCast(cast: Cast, input: Expr): Expr {
  const type = convertType(cast.type)
  if (!canCast(input.type, type))
    throw userError(
      'DATATYPE_MISMATCH',
      `cannot cast "${typeName(input.type)}" to "${typeName(type)}"`,
      cast.position,
    )
  if (!cast.try) return castTo(input, type)
  return { kind: 'cast', input, type, safe: true }
}

function resolveCase(expression: Case, environment: Environment): Expr {
  const { operand, branches, otherwise, position } = expression
  const compared = operand === undefined ? undefined : environment.resolve(operand, environment)
  const whens = branches.map(({ when }) => {
    const condition = environment.resolve(when, environment)
    if (compared !== undefined) return callScalar('=', [compared, condition], environment, when.position)
    return asBoolean(condition, when.position)
  })
  const results = [...branches.map(({ then }) => then), ...(otherwise === undefined ? [] : [otherwise])]
  const values = castToCommon(
    results.map((result) => environment.resolve(result, environment)),
    'the results of CASE',
    position,
  )
  return {
    kind: 'case',
    branches: whens.map((when, index) => ({ when, then: values[index]! })),
    otherwise: otherwise === undefined ? null : values.at(-1)!,
    type: values[0]!.type,
  }
}

function resolveUnary(
  operator: '-' | '+' | '~' | 'not',
  operand: Expr,
  environment: Environment,
  position: Position | undefined,
): Expr {
  if (operator === 'not') return callScalar('not', [textAsBoolean(operand, position)], environment, position)
  if (operator === '~') return callScalar('~', [operand], environment, position)
  const { type } = operand
  const name = operator === '-' ? 'negative' : 'positive'
  if (
    operator === '-' &&
    operand.kind === 'literal' &&
    (type.kind === 'interval_ym' || type.kind === 'interval_dt')
  )
    return { ...operand, value: -(operand.value as number) } // Or a bigint, which unary minus takes as well.
  return callScalar(name, [operand], environment, position)
}

function resolveBinary(expression: Binary, environment: Environment): Expr {
  // Chains such as a + b + c are deep on the left: walk down that side in a loop.
  const chain: Binary[] = []
  let left: Expression = expression
  while (left.kind === 'binary') {
    chain.push(left)
    left = left.left
  }
  let result = environment.resolve(left, environment)
  for (const { operator, right, position } of chain.reverse()) {
    const args = [result, environment.resolve(right, environment)]
    const called = operator === '<>' ? '=' : (SHIFTS[operator] ?? operator)
    result = callScalar(called, args, environment, position)
    if (operator === '<>') result = callScalar('not', [result], environment, position)
  }
  return result
}

const SHIFTS: Readonly<Record<string, string>> = {
  '<<': 'shiftleft',
  '>>': 'shiftright',
  '>>>': 'shiftrightunsigned',
}

function resolveBetween(expression: Between, environment: Environment): Expr {
  const { input, low, high, negated, position } = expression
  const value = environment.resolve(input, environment)
  const operands = [
    callScalar('>=', [value, environment.resolve(low, environment)], environment, position),
    callScalar('<=', [value, environment.resolve(high, environment)], environment, position),
  ]
  return negate({ kind: 'and', operands, type: types.boolean }, negated, environment)
}

function resolveInList(expression: InList, environment: Environment): Expr {
  const { input, items, negated, position } = expression
  if (input.kind === 'tuple') return negate(tupleInList(expression, environment), negated, environment)
  const exprs = narrowLiterals([input, ...items].map((part) => environment.resolve(part, environment)))
  if (commonTypeOf(exprs.map(({ type }) => type)) === undefined)
    throw noCommonType(exprs, 'the values of IN', position)
  return negate(
    callScalar('in', castToCommon(exprs, 'the values of IN', position), environment, position),
    negated,
    environment,
  )
}

/** `(a, b) IN ((1, 2), (3, 4))` is `a = 1 AND b = 2 OR a = 3 AND b = 4`. */
function tupleInList({ input, items, position }: InList, environment: Environment): Expr {
  const wanted =
    input.kind === 'tuple' ? input.items.map((item) => environment.resolve(item, environment)) : []
  const alternatives = items.map((item): Expr => {
    if (item.kind !== 'tuple' || item.items.length !== wanted.length)
      throw userError(
        'DATATYPE_MISMATCH',
        `every item of IN must be a tuple of ${wanted.length} values`,
        item.position ?? position,
      )
    const operands = item.items.map((part, index) =>
      callScalar('=', [wanted[index]!, environment.resolve(part, environment)], environment, part.position),
    )
    return { kind: 'and', operands, type: types.boolean }
  })
  return alternatives.length === 1
    ? alternatives[0]!
    : { kind: 'or', operands: alternatives, type: types.boolean }
}

function resolveLike(expression: Like, environment: Environment): Expr {
  const { operator, input, pattern, escape, position } = expression
  const args = [environment.resolve(input, environment), environment.resolve(pattern, environment)]
  if (escape !== undefined) args.push({ kind: 'literal', value: escape, type: types.string })
  return callScalar(operator, args, environment, position)
}

function resolveLikeQuantified(expression: LikeQuantified, environment: Environment): Expr {
  const { operator, quantifier, input, patterns, negated, position } = expression
  const value = environment.resolve(input, environment)
  const operands = patterns.map((pattern) =>
    negate(
      callScalar(operator, [value, environment.resolve(pattern, environment)], environment, position),
      negated,
      environment,
    ),
  )
  if (operands.length === 1) return operands[0]!
  return { kind: quantifier === 'any' ? 'or' : 'and', operands, type: types.boolean }
}
