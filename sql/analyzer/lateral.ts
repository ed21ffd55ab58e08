import type { Expression } from '../parser/index.ts'
import type { Apply, LogicalPlan } from '../plan/index.ts'
import type { Analysis } from './context.ts'
import { plainEnvironment } from './plain-environment.ts'
import { asBoolean, resolveExpression } from './resolve-expression.ts'
import { concatScopes, plainPlan, type Resolved, refreshScope, type Scope } from './scope.ts'

/** LATERAL: for every row of the left, the rows of the right, whose plan may read columns of the left. */
export function placeApply(
  left: Resolved,
  right: Resolved,
  isOuter: boolean,
  on: Expression | undefined,
  analysis: Analysis,
): Resolved {
  const scope = concatScopes(left.scope, right.scope, left.scope.outer)
  const rows = plainPlan(right)
  const filtered = on === undefined ? rows : filterOn(rows, on, scope, analysis)
  const apply: Apply = {
    kind: 'Apply',
    left: left.plan,
    right: filtered,
    applyType: isOuter ? 'left' : 'inner',
    needles: [],
    output: null,
  }
  return { plan: apply, scope: refreshScope(scope, apply) }
}

/** The condition goes into the right side, where columns of the left are outer ones. */
function filterOn(input: LogicalPlan, on: Expression, scope: Scope, analysis: Analysis): LogicalPlan {
  const predicate = resolveExpression(on, plainEnvironment(analysis, scope, 'JOIN ON'))
  if (predicate.kind === 'literal' && predicate.value === true) return input
  return { kind: 'Filter', input, predicate: asBoolean(predicate, on.position) }
}
