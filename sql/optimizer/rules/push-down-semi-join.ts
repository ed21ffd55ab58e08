import type { Expr } from '../../../engine/expr/index.ts'
import { type Join, type LogicalPlan, withInputs } from '../../plan/index.ts'
import { isColumnSelection, outputIds } from '../columns.ts'
import { readsOnly } from '../expression-facts.ts'
import { conjunctsOf } from '../predicate.ts'
import type { OptimizerRule } from '../rule.ts'
import { estimate } from '../statistics.ts'

/** A semi join that drops more than this part of its rows is done before the joins below it. */
const WORTHWHILE = 0.5

/** Moves a selective semi join to the side of the join below that it tests. */
export const pushDownSemiJoin: OptimizerRule = {
  name: 'push-down-semi-join',
  order: 'top-down',
  rewrite(plan) {
    if (plan.kind !== 'Join' || plan.joinType !== 'semi' || plan.condition === null) return plan
    return pushBelow(plan, plan.left, conjunctsOf(plan.condition)) ?? plan
  },
}

function pushBelow(semi: Join, below: LogicalPlan, parts: readonly Expr[]): LogicalPlan | undefined {
  if (isColumnSelection(below)) {
    const input = pushBelow(semi, below.input, parts)
    return input === undefined ? undefined : { ...below, input }
  }
  if (below.kind !== 'Join' || (below.joinType !== 'inner' && below.joinType !== 'left')) return undefined
  const rightIds = outputIds(semi.right)
  for (const side of below.joinType === 'inner' ? (['left', 'right'] as const) : (['left'] as const)) {
    const ids = new Set([...outputIds(below[side]), ...rightIds])
    if (!parts.every((part) => readsOnly(part, ids))) continue
    const tested: Join = { ...semi, left: below[side] }
    if (estimate(tested).rows > WORTHWHILE * estimate(below[side]).rows) return undefined
    const inputs = side === 'left' ? [tested, below.right] : [below.left, tested]
    return withInputs(below, inputs)
  }
  return undefined
}
