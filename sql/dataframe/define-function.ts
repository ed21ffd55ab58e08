import { ColumnNode, columnOrName, operand } from './column.ts'
import { call } from './literals.ts'

/**
 * A function of the registry by its SQL name. A string is the name of a column, and from argument `literalFrom` on a
 * constant. undefined arguments at the end are left out.
 */
export function define<F>(name: string, literalFrom: number = Number.POSITIVE_INFINITY): F {
  const build = (...args: readonly unknown[]): ColumnNode => callOf(name, args, literalFrom)
  return build as F // The table of functions gives each one its type.
}

/** The same with DISTINCT. */
export function defineDistinct<F>(name: string): F {
  const build = (...args: readonly unknown[]): ColumnNode => {
    const { expression } = callOf(name, args, Number.POSITIVE_INFINITY)
    return new ColumnNode(expression.kind === 'call' ? { ...expression, distinct: true } : expression)
  }
  return build as F
}

/** The call of a function with columns, names and constants as arguments. */
export function callOf(name: string, args: readonly unknown[], literalFrom: number): ColumnNode {
  const given = args.filter((arg) => arg !== undefined)
  const expressions = given.map((arg, index) =>
    typeof arg === 'string' && index < literalFrom ? columnOrName(arg).expression : operand(arg),
  )
  return new ColumnNode(call(name, expressions))
}
