import { inputsOf, type LogicalPlan, withInputs } from '../../plan/index.ts'
import type { OptimizerRule } from '../rule.ts'

/** Aggregates whose result depends on the order of rows. */
const ORDERED = new Set([
  ...['first', 'first_value', 'last', 'last_value', 'any_value', 'collect_list', 'collect_set', 'array_agg'],
  ...['listagg', 'string_agg', 'max_by', 'min_by', 'mode'],
])

/**
 * Drops a sort whose order is lost above it: below joins, other sorts, and groups that do not ask for order.
 */
export const eliminateSort: OptimizerRule = {
  name: 'eliminate-sort',
  order: 'top-down',
  rewrite(plan) {
    const losesOrder =
      plan.kind === 'Join' ||
      (plan.kind === 'Sort' && plan.global) ||
      (plan.kind === 'Repartition' && plan.keys.length > 0) ||
      (plan.kind === 'Aggregate' && plan.calls.every(({ call }) => !ORDERED.has(call.name)))
    if (!losesOrder) return plan
    return withInputs(plan, inputsOf(plan).map(withoutSort))
  },
}

/** The same rows in any order. A limit needs its order, so the search ends there. */
function withoutSort(plan: LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case 'Sort':
      return withoutSort(plan.input)
    case 'Project':
    case 'Filter':
      return withInputs(plan, [withoutSort(plan.input)])
    default:
      return plan
  }
}
