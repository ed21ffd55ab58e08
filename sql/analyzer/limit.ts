import { typeName } from '../../engine/types/index.ts'
import type { Expression } from '../parser/index.ts'
import { userError } from './check.ts'
import type { Analysis } from './context.ts'
import { resolveLiteral, resolveParameter } from './literals.ts'

/**
 * The value of LIMIT, OFFSET and the like: a constant that is not negative, as plain arithmetic or a
 * parameter.
 */
export function constantCount(expression: Expression, clause: string, analysis: Analysis): number {
  const value = constant(expression, analysis)
  if (value === undefined)
    throw userError(
      'INVALID_LIMIT_LIKE_EXPRESSION',
      `the ${clause} expression must be a constant integer`,
      expression.position,
    )
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw userError(
      'INVALID_LIMIT_LIKE_EXPRESSION',
      `the ${clause} expression must be at least 0, not ${value}`,
      expression.position,
    )
  return Number(value)
}

function constant(expression: Expression, analysis: Analysis): bigint | undefined {
  switch (expression.kind) {
    case 'literal':
    case 'parameter': {
      const expr =
        expression.kind === 'literal'
          ? resolveLiteral(expression, analysis)
          : resolveParameter(expression, analysis)
      if (expr.kind !== 'literal' || !/^(tinyint|smallint|int|bigint)$/.test(typeName(expr.type)))
        return undefined
      return expr.value === null ? undefined : BigInt(expr.value as number | bigint)
    }
    case 'unary': {
      const value = constant(expression.operand, analysis)
      return value === undefined || expression.operator !== '-' ? undefined : -value
    }
    case 'cast':
      return constant(expression.input, analysis)
    case 'binary': {
      const left = constant(expression.left, analysis)
      const right = constant(expression.right, analysis)
      if (left === undefined || right === undefined) return undefined
      if (expression.operator === '+') return left + right
      if (expression.operator === '-') return left - right
      return expression.operator === '*' ? left * right : undefined
    }
    default:
      return undefined
  }
}
