import { type LogicalPlan, transformDown, transformUp } from '../plan/index.ts'
import type { OptimizerRule, OptimizerSettings } from './rule.ts'
import { decorrelate } from './rules/decorrelate.ts'
import { pruneColumns } from './rules/prune-columns.ts'
import { pushDownFilter } from './rules/push-down-filter.ts'

/** Rules that are run in order, again and again until none changes the plan. */
interface Phase {
  readonly name: string
  readonly maxPasses: number
  readonly rules: readonly OptimizerRule[]
}

const PHASES: readonly Phase[] = [
  { name: 'subqueries to joins', maxPasses: 10, rules: [decorrelate, pushDownFilter, pruneColumns] },
]

/** The plan that gives the same rows with less work. `settings` are those of the query: constants are folded with them. */
export function optimize(plan: LogicalPlan, settings: OptimizerSettings): LogicalPlan {
  let current = plan
  for (const phase of PHASES) current = runPhase(phase, current, settings)
  return current
}

function runPhase(phase: Phase, plan: LogicalPlan, settings: OptimizerSettings): LogicalPlan {
  let current = plan
  for (let pass = 0; pass < phase.maxPasses; pass++) {
    const before = current
    for (const rule of phase.rules) current = applyRule(rule, current, settings)
    if (current === before) break
  }
  return current
}

/** One rule over a whole plan, each node in the rule's order. */
export function applyRule(rule: OptimizerRule, plan: LogicalPlan, settings: OptimizerSettings): LogicalPlan {
  const rewrite = (node: LogicalPlan): LogicalPlan => rule.rewrite(node, settings)
  switch (rule.order) {
    case 'bottom-up':
      return transformUp(plan, rewrite)
    case 'top-down':
      return transformDown(plan, rewrite)
    case 'whole':
      return rewrite(plan)
  }
}
