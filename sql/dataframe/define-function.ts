import { ColumnNode, columnOrName, operand } from './column.ts'
import { call } from './literals.ts'

/** Which arguments are constants when they are strings: those from a number on, or those listed. */
export type Literals = number | readonly number[]

/**
 * A function of the registry by its SQL name. A string is the name of a column, but a constant among
 * `literals`. undefined arguments are left out.
 */
export function define<F>(name: string, literals: Literals = []): F {
  const build = (...args: readonly unknown[]): ColumnNode => callOf(name, args, literals)
  return build as F // The table of functions gives each one its type.
}

/** The same with DISTINCT. */
export function defineDistinct<F>(name: string): F {
  const build = (...args: readonly unknown[]): ColumnNode => {
    const { expression } = callOf(name, args)
    return new ColumnNode(expression.kind === 'call' ? { ...expression, distinct: true } : expression)
  }
  return build as F
}

/** The call of a function with columns, names and constants as arguments. */
export function callOf(name: string, args: readonly unknown[], literals: Literals = []): ColumnNode {
  const isLiteral = (index: number): boolean =>
    typeof literals === 'number' ? index >= literals : literals.includes(index)
  const given = args.filter((arg) => arg !== undefined)
  const expressions = given.map((arg, index) =>
    typeof arg === 'string' && !isLiteral(index) ? columnOrName(arg).expression : operand(arg),
  )
  return new ColumnNode(call(name, expressions))
}
