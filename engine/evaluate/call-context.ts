import type { CallExpr } from '../expr/index.ts'
import type { CallContext } from '../functions/index.ts'
import type { Interpreter } from './eval-context.ts'

/** The context of a call for so many rows. */
export function callContext(expr: CallExpr, context: Interpreter, rowCount: number): CallContext {
  const { region, settings, partition, rowOffset } = context
  const argTypes = expr.args.map(({ type }) => type)
  return { rowCount, region, argTypes, returns: expr.type, settings, partition, rowOffset }
}
