import type { Expr } from '../../../engine/expr/index.ts'
import { type Apply, inputsOf, type LogicalPlan, withInputs } from '../../plan/index.ts'
import { outputIds } from '../columns.ts'
import { joinLateral, joinScalar, joinTest } from '../decorrelation/index.ts'
import { readsAny } from '../expression-facts.ts'
import { conjunctsOf, filterBy } from '../predicate.ts'
import type { OptimizerRule } from '../rule.ts'

/** Turns every dependent join (subquery, LATERAL) into ordinary joins, inner ones first. */
export const decorrelate: OptimizerRule = { name: 'decorrelate', order: 'whole', rewrite: visit }

function visit(plan: LogicalPlan): LogicalPlan {
  if (plan.kind === 'Filter' && plan.input.kind === 'Apply')
    return filterApply(conjunctsOf(plan.predicate), plan.input)
  if (plan.kind === 'Apply') return toJoin({ ...plan, left: visit(plan.left), right: visit(plan.right) })
  return withInputs(plan, inputsOf(plan).map(visit))
}

/**
 * A filter above a dependent join. Parts that do not need the subquery's answer go below it; if the answer or
 * its negation is all that is left, rows without it need not be made: a semi or anti join.
 */
function filterApply(parts: readonly Expr[], apply: Apply): LogicalPlan {
  const made = apply.output === null ? outputIds(apply.right) : new Set([apply.output.id])
  const above = parts.filter((part) => readsAny(part, made))
  const below = parts.filter((part) => !above.includes(part))
  const left = filterInput(below, apply.left)
  const visited: Apply = { ...apply, left, right: visit(apply.right) }
  const isTest = apply.applyType === 'exists' || apply.applyType === 'in'
  const only = above.length === 1 ? above[0]! : undefined
  if (isTest && only !== undefined) {
    if (only.kind === 'column') return joinTest(visited, 'keep')
    if (only.kind === 'call' && only.name === 'not' && only.args[0]!.kind === 'column')
      return joinTest(visited, 'drop')
  }
  return filterBy(toJoin(visited), above)
}

function filterInput(parts: readonly Expr[], input: LogicalPlan): LogicalPlan {
  return input.kind === 'Apply' ? filterApply(parts, input) : filterBy(visit(input), parts)
}

function toJoin(apply: Apply): LogicalPlan {
  switch (apply.applyType) {
    case 'scalar':
      return joinScalar(apply)
    case 'exists':
    case 'in':
      return joinTest(apply, 'mark')
    case 'inner':
    case 'left':
      return joinLateral(apply)
  }
}
