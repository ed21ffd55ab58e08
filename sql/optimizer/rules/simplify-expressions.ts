import { inputsOf, mapExpressions } from '../../plan/index.ts'
import { notNullIds } from '../columns.ts'
import type { OptimizerRule } from '../rule.ts'
import { type SimplifyContext, simplify, simplifyPredicate } from '../simplify/index.ts'

/**
 * Folds constants and takes out what changes nothing: TRUE in an AND, double NOT, casts around compared
 * columns. Predicates common to all branches of an OR come out in front.
 */
export const simplifyExpressions: OptimizerRule = {
  name: 'simplify-expressions',
  order: 'bottom-up',
  rewrite(plan, settings) {
    // NOT IN is a comparison of left with right alone, and must stay one.
    if (plan.kind === 'Join' && plan.joinType === 'nullAwareAnti') return plan
    const context: SimplifyContext = { settings, notNull: notNullIds(...inputsOf(plan)) }
    if (plan.kind === 'Filter') {
      const predicate = simplifyPredicate(plan.predicate, context)
      return predicate === plan.predicate ? plan : { ...plan, predicate }
    }
    if (plan.kind === 'Join') {
      const condition = plan.condition === null ? null : simplifyPredicate(plan.condition, context)
      return condition === plan.condition ? plan : { ...plan, condition }
    }
    let changed = false
    const simple = mapExpressions(plan, (expr) => {
      const result = simplify(expr, context)
      changed ||= result !== expr
      return result
    })
    return changed ? simple : plan
  },
}
