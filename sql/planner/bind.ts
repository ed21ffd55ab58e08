import { assert } from '../../engine/errors.ts'
import { type AggregateCall, type Expr, type SortKey, transformExpr } from '../../engine/expr/index.ts'
import { type Column, mapCall } from '../plan/index.ts'

/** Turns expressions over column ids into expressions over positions in a batch. */
export interface Binder {
  readonly expr: (expr: Expr) => Expr
  readonly key: (key: SortKey) => SortKey
  readonly call: <Call extends AggregateCall>(call: Call) => Call
}

/** A binder for batches with these columns, in order. A column that is not among them is a bug of a rule. */
export function binderFor(columns: readonly Column[]): Binder {
  const positions = new Map(columns.map(({ id }, index) => [id, index]))
  const expr = (unbound: Expr): Expr =>
    transformExpr(unbound, (part) => {
      if (part.kind !== 'column') return part
      const index = positions.get(part.index)
      assert(index !== undefined, `column "${part.name}" with id ${part.index} is not in the input`)
      return { ...part, index }
    })
  return {
    expr,
    key: (key) => ({ ...key, expr: expr(key.expr) }),
    call: (call) => mapCall(call, expr),
  }
}
