import { type LogicalPlan, outputOf } from '../../plan/index.ts'
import { selectColumns } from '../columns.ts'
import { isFalseOrNull, isTrue } from '../predicate.ts'
import type { OptimizerRule } from '../rule.ts'

/**
 * A filter that keeps nothing needs no input, nor does what stands on no rows; a filter that keeps all is
 * none.
 */
export const eliminateEmpty: OptimizerRule = {
  name: 'eliminate-empty',
  order: 'bottom-up',
  rewrite(plan) {
    switch (plan.kind) {
      case 'Filter':
        if (isTrue(plan.predicate)) return plan.input
        return isFalseOrNull(plan.predicate) || isEmpty(plan.input) ? emptyOf(plan) : plan
      case 'Limit':
        return plan.fetch === 0 || isEmpty(plan.input) ? emptyOf(plan) : plan
      case 'Project':
      case 'Sort':
      case 'Window':
      case 'Expand':
      case 'Generate':
      case 'Sample':
        return isEmpty(plan.input) ? emptyOf(plan) : plan
      case 'Aggregate':
        return plan.keys.length > 0 && isEmpty(plan.input) ? emptyOf(plan) : plan
      case 'Join':
        return withoutEmptySide(plan)
      default:
        return plan
    }
  },
}

function isEmpty(plan: LogicalPlan): boolean {
  return plan.kind === 'Values' && plan.rows.length === 0
}

function emptyOf(plan: LogicalPlan): LogicalPlan {
  return { kind: 'Values', columns: outputOf(plan), rows: [] }
}

function withoutEmptySide(join: Extract<LogicalPlan, { kind: 'Join' }>): LogicalPlan {
  if (join.condition !== null && isTrue(join.condition)) return { ...join, condition: null }
  const never = join.condition !== null && isFalseOrNull(join.condition)
  const [noLeft, noRight] = [isEmpty(join.left), isEmpty(join.right)]
  switch (join.joinType) {
    case 'inner':
      return never || noLeft || noRight ? emptyOf(join) : join
    case 'semi':
      return never || noLeft || noRight ? emptyOf(join) : join
    case 'anti':
    case 'nullAwareAnti':
      if (noLeft) return emptyOf(join)
      return noRight || (never && join.joinType === 'anti') ? selectColumns(join.left, outputOf(join)) : join
    case 'left':
    case 'existence':
      return noLeft ? emptyOf(join) : join
    case 'right':
      return noRight ? emptyOf(join) : join
    case 'full':
      return noLeft && noRight ? emptyOf(join) : join
  }
}
