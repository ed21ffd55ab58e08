import type { AggregateCall, Expr } from '../../../engine/expr/index.ts'
import { types } from '../../../engine/types/index.ts'
import {
  type Aggregate,
  type Column,
  columnExpr,
  type Join,
  type LogicalPlan,
  type NamedExpr,
  newColumn,
  outputOf,
} from '../../plan/index.ts'
import { readsOnly } from '../expression-facts.ts'
import { type EquiKey, splitCondition } from '../join-estimate.ts'
import { conditionOf, equal, literal, nullSafeEqual } from '../predicate.ts'
import type { OptimizerRule } from '../rule.ts'
import { estimate } from '../statistics.ts'

/** Fewer rows are joined before they could be grouped. */
const MIN_ROWS = 50_000
/** Rows of the right side for each of its keys that make the extra grouping worth it. */
const MIN_ROWS_PER_KEY = 4

/**
 * `SELECT c.k, count(o.x) FROM c LEFT JOIN o ON c.k = o.k GROUP BY c.k`: o is grouped by the join key first,
 * so that the join sees a row for each key and not for each row. Done for counts, sums of integers, min and
 * max of the right side, where statistics promise few keys and the join drops few of them.
 *
 * Yan and Larson, Eager Aggregation and Lazy Aggregation, VLDB 1995.
 */
export const aggregateBeforeJoin: OptimizerRule = {
  name: 'aggregate-before-join',
  order: 'bottom-up',
  rewrite(plan) {
    if (plan.kind !== 'Aggregate' || plan.input.kind !== 'Join' || plan.keys.length === 0) return plan
    const join = plan.input
    if (join.joinType !== 'inner' && join.joinType !== 'left') return plan
    const left = idsOf(join.left)
    const right = idsOf(join.right)
    const { keys, residual } = splitCondition(join.condition, left, right)
    const fits =
      keys.length > 0 &&
      residual.length === 0 &&
      plan.keys.every(({ expr }) => readsOnly(expr, left)) &&
      plan.calls.every(({ call }) => canSplit(call) && call.args.every((arg) => readsOnly(arg, right)))
    return fits && pays(join, keys) ? rewritten(plan, join, keys) : plan
  },
}

function idsOf(plan: LogicalPlan): ReadonlySet<number> {
  return new Set(outputOf(plan).map(({ id }) => id))
}

function canSplit(call: AggregateCall): boolean {
  if (call.distinct || call.filter !== null || call.order.length > 0) return false
  if (call.name === 'count') return call.args.length <= 1
  if (call.name === 'min' || call.name === 'max') return true
  return call.name === 'sum' && call.type.kind === 'int64'
}

function pays(join: Join, keys: readonly EquiKey[]): boolean {
  const right = estimate(join.right)
  let groups = 1
  for (const key of keys) {
    const column = key.right.kind === 'column' ? right.columns.get(key.right.index) : undefined
    if (column?.distinct === undefined) return false
    groups *= column.distinct
  }
  return (
    right.rows >= MIN_ROWS &&
    groups * MIN_ROWS_PER_KEY <= right.rows &&
    estimate(join.left).rows * 2 >= groups
  )
}

function rewritten(plan: Aggregate, join: Join, keys: readonly EquiKey[]): LogicalPlan {
  const rightKeys = keys.map(
    ({ right }): NamedExpr => ({ column: newColumn('key', right.type), expr: right }),
  )
  const parts = plan.calls.map(({ column, call }) => ({ column: newColumn(column.name, call.type), call }))
  const grouped: Aggregate = { kind: 'Aggregate', input: join.right, keys: rightKeys, calls: parts }
  const equalities = keys.map(({ left, nullSafe }, index) => {
    const right = columnExpr(rightKeys[index]!.column)
    return nullSafe ? nullSafeEqual(left, right) : equal(left, right)
  })
  const input: Join = { ...join, right: grouped, condition: conditionOf(equalities) }
  const calls = plan.calls.map(({ column, call }, index) => ({
    column,
    call: { ...call, ...whole(call, parts[index]!.column, join.joinType === 'left') },
  }))
  return { ...plan, input, calls }
}

/** The call that puts the parts of a group together. A left row without a match has no part. */
function whole(call: AggregateCall, part: Column, isOuter: boolean): Pick<AggregateCall, 'name' | 'args'> {
  const value = columnExpr(part)
  if (call.name !== 'count') return { name: call.name, args: [value] }
  const ofNone = literal(call.args.length === 0 ? 1n : 0n, types.int64)
  const counted: Expr = { kind: 'call', name: 'coalesce', args: [value, ofNone], type: types.int64 }
  return { name: 'sum', args: [isOuter ? counted : value] }
}
