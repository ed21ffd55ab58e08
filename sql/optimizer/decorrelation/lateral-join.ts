import { type Apply, type LogicalPlan, outputOf } from '../../plan/index.ts'
import { outputIds, selectColumns } from '../columns.ts'
import { conditionOf } from '../predicate.ts'
import { overDomain } from './domain.ts'
import { pullUp } from './pull-up.ts'

/** LATERAL: the rows of the subquery beside each outer row. */
export function joinLateral(apply: Apply): LogicalPlan {
  const outer = outputIds(apply.left)
  const { plan, predicates } = pullUp(apply.right, outer) ?? overDomain(apply.left, apply.right)
  const joined: LogicalPlan = {
    kind: 'Join',
    left: apply.left,
    right: plan,
    joinType: apply.applyType === 'left' ? 'left' : 'inner',
    condition: conditionOf(predicates),
    mark: null,
    broadcast: null,
  }
  return selectColumns(joined, outputOf(apply))
}
