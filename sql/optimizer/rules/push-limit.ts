import type { Limit, LogicalPlan } from '../../plan/index.ts'
import { maxRowsOf } from '../columns.ts'
import type { OptimizerRule } from '../rule.ts'

/**
 * A limit that keeps all is none; two become one; others move below projections (to meet a sort) and into the
 * parts of a union.
 */
export const pushLimit: OptimizerRule = {
  name: 'push-limit',
  order: 'top-down',
  rewrite(plan) {
    if (plan.kind !== 'Limit') return plan
    const { input, skip, fetch } = plan
    if (skip === 0 && (fetch === null || maxRowsOf(input) <= fetch)) return input
    switch (input.kind) {
      case 'Limit':
        return merge(plan, input)
      case 'Project':
        return { ...input, input: { ...plan, input: input.input } }
      case 'Union':
        return intoUnion(plan, input)
      default:
        return plan
    }
  },
}

function merge(outer: Limit, inner: Limit): Limit {
  const left = inner.fetch === null ? null : Math.max(0, inner.fetch - outer.skip)
  const fetch = left === null ? outer.fetch : Math.min(left, outer.fetch ?? left)
  return { ...inner, skip: inner.skip + outer.skip, fetch }
}

function intoUnion(limit: Limit, union: Extract<LogicalPlan, { kind: 'Union' }>): LogicalPlan {
  if (limit.fetch === null) return limit
  const most = limit.skip + limit.fetch
  if (union.inputs.every((input) => maxRowsOf(input) <= most)) return limit
  const inputs = union.inputs.map(
    (input): LogicalPlan =>
      maxRowsOf(input) <= most ? input : { kind: 'Limit', input, skip: 0, fetch: most },
  )
  return { ...limit, input: { ...union, inputs } }
}
