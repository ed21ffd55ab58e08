import type { Expr } from '../../../engine/expr/index.ts'
import { types } from '../../../engine/types/index.ts'
import { type Column, columnExpr, type Limit, type LogicalPlan, newColumn } from '../../plan/index.ts'
import { booleanCall, filterBy, literal } from '../predicate.ts'

/**
 * A limit for each combination of `keys`: rows are numbered in the order of the sort below, if there is one.
 */
export function limitPerGroup(limit: Limit, input: LogicalPlan, keys: readonly Column[]): LogicalPlan {
  const sorted = input.kind === 'Sort' && input.global ? input : undefined
  const number = newColumn('row_number', types.int32, false)
  const window: LogicalPlan = {
    kind: 'Window',
    input: sorted?.input ?? input,
    partitionBy: keys.map(columnExpr),
    orderBy: sorted?.keys ?? [],
    calls: [
      {
        column: number,
        call: {
          name: 'row_number',
          args: [],
          distinct: false,
          filter: null,
          order: [],
          type: types.int32,
          isAggregate: false,
          frame: { unit: 'rows', start: { kind: 'unboundedPreceding' }, end: { kind: 'currentRow' } },
          ignoreNulls: false,
        },
      },
    ],
  }
  const bound = (op: string, value: number): Expr =>
    booleanCall(op, columnExpr(number), literal(value, types.int32))
  const parts: Expr[] = []
  if (limit.skip > 0) parts.push(bound('>', limit.skip))
  if (limit.fetch !== null) parts.push(bound('<=', limit.skip + limit.fetch))
  return filterBy(window, parts)
}
