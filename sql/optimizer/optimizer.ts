import { type LogicalPlan, transformDown, transformUp } from '../plan/index.ts'
import type { OptimizerRule, OptimizerSettings } from './rule.ts'
import { aggregateBeforeJoin } from './rules/aggregate-before-join.ts'
import { decorrelate } from './rules/decorrelate.ts'
import { eliminateEmpty } from './rules/eliminate-empty.ts'
import { eliminateSort } from './rules/eliminate-sort.ts'
import { mergeProjects } from './rules/merge-projects.ts'
import { pruneColumns } from './rules/prune-columns.ts'
import { pushDownFilter } from './rules/push-down-filter.ts'
import { pushDownSemiJoin } from './rules/push-down-semi-join.ts'
import { pushLimit } from './rules/push-limit.ts'
import { pushPredicatesToScan } from './rules/push-predicates-to-scan.ts'
import { reorderJoins } from './rules/reorder-joins.ts'
import { rewriteDistinct } from './rules/rewrite-distinct.ts'
import { simplifyExpressions } from './rules/simplify-expressions.ts'

/** Rules that are run in order, again and again until none changes the plan. */
interface Phase {
  readonly name: string
  readonly maxPasses: number
  readonly rules: readonly OptimizerRule[]
}

/** What one rule leaves another can use: the order only saves passes. */
const EVERYWHERE: readonly OptimizerRule[] = [
  simplifyExpressions,
  pushDownFilter,
  mergeProjects,
  eliminateEmpty,
  pushLimit,
  eliminateSort,
  pruneColumns,
]

const PHASES: readonly Phase[] = [
  // First of all, because other rules do not look into subqueries that use columns from outside.
  { name: 'subqueries to joins', maxPasses: 1, rules: [decorrelate, rewriteDistinct] },
  { name: 'simplify and push down', maxPasses: 10, rules: EVERYWHERE },
  // After push-down, when every relation has its filters and so its size; once, since the result is final.
  { name: 'order of joins', maxPasses: 1, rules: [reorderJoins, pushDownSemiJoin, aggregateBeforeJoin] },
  { name: 'clean up', maxPasses: 5, rules: EVERYWHERE },
  { name: 'hints for scans', maxPasses: 1, rules: [pushPredicatesToScan] },
]

/**
 * The plan that gives the same rows with less work. `settings` are those of the query: constants are folded
 * with them.
 */
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
function applyRule(rule: OptimizerRule, plan: LogicalPlan, settings: OptimizerSettings): LogicalPlan {
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
