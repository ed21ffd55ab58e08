import type { Expr } from '../../../engine/expr/index.ts'
import { types } from '../../../engine/types/index.ts'
import {
  type Apply,
  type Column,
  columnExpr,
  columnIdsOf,
  freshColumns,
  type Join,
  type LogicalJoinType,
  type LogicalPlan,
  type NamedExpr,
  newColumn,
  outputOf,
  substitute,
} from '../../plan/index.ts'
import { notNullIds, outerReferences, outputIds } from '../columns.ts'
import { isNullable } from '../expression-facts.ts'
import { anyOf, booleanCall, conditionOf, equal, FALSE, NULL_BOOLEAN, TRUE } from '../predicate.ts'
import { overDomain } from './domain.ts'
import { type PulledUp, pullUp } from './pull-up.ts'

/**
 * What becomes of the rows of the left: those with the test TRUE stay, those with it FALSE stay, or all with
 * the answer.
 */
export type TestUse = 'keep' | 'drop' | 'mark'

/** An EXISTS or IN as a join. The columns are those of the Apply, its output included. */
export function joinTest(apply: Apply, use: TestUse): LogicalPlan {
  const outer = outputIds(apply.left)
  const right = apply.applyType === 'exists' ? stripForExists(apply.right, outer) : apply.right
  const pulled = pullUp(right, outer) ?? overDomain(apply.left, right)
  if (apply.applyType === 'exists') return joinExists(apply, pulled, use)
  const columns = outputOf(apply.right)
  switch (use) {
    case 'keep':
      return withAnswer(
        join(apply, pulled.plan, 'semi', [...pairs(apply, columns), ...pulled.predicates]),
        apply,
        TRUE,
      )
    case 'drop':
      return withAnswer(joinNotIn(apply, pulled, columns), apply, FALSE)
    case 'mark':
      return markIn(apply, pulled, columns)
  }
}

/** EXISTS only asks whether there is a row: columns, order and duplicates do not matter. */
function stripForExists(plan: LogicalPlan, outer: ReadonlySet<number>): LogicalPlan {
  switch (plan.kind) {
    case 'Project':
    case 'Sort':
      return stripForExists(plan.input, outer)
    case 'Limit':
      return plan.skip === 0 && (plan.fetch === null || plan.fetch > 0)
        ? stripForExists(plan.input, outer)
        : plan
    case 'Aggregate':
      return plan.keys.length > 0 ? stripForExists(plan.input, outer) : plan
    default:
      return plan
  }
}

function joinExists(apply: Apply, { plan, predicates }: PulledUp, use: TestUse): LogicalPlan {
  if (use === 'keep') return withAnswer(join(apply, plan, 'semi', predicates), apply, TRUE)
  if (use === 'drop') return withAnswer(join(apply, plan, 'anti', predicates), apply, FALSE)
  return join(apply, plan, 'existence', predicates, apply.output!)
}

function join(
  apply: Apply,
  right: LogicalPlan,
  joinType: LogicalJoinType,
  parts: readonly Expr[],
  mark: Column | null = null,
  left = apply.left,
): Join {
  return { kind: 'Join', left, right, joinType, condition: conditionOf(parts), mark, broadcast: null }
}

/** Rows all have the same answer after a semi or anti join. */
function withAnswer(joined: LogicalPlan, apply: Apply, answer: Expr): LogicalPlan {
  const exprs = outputOf(apply.left).map((column): NamedExpr => ({ column, expr: columnExpr(column) }))
  return { kind: 'Project', input: joined, exprs: [...exprs, { column: apply.output!, expr: answer }] }
}

function pairs(apply: Apply, columns: readonly Column[]): Expr[] {
  return apply.needles.map((needle, index) => equal(needle, columnExpr(columns[index]!)))
}

/** Pairs that are not FALSE: equal, or with a NULL on either side. */
function openPairs(
  apply: Apply,
  columns: readonly Column[],
): { readonly parts: Expr[]; readonly anyNull: boolean } {
  const notNull = notNullIds(apply.left, apply.right)
  let anyNull = false
  const parts = pairs(apply, columns).map((pair, index) => {
    const sides = [apply.needles[index]!, columnExpr(columns[index]!)]
    const nulls = sides.filter((side) => isNullable(side, notNull)).map((side) => booleanCall('isnull', side))
    anyNull ||= nulls.length > 0
    return anyOf([pair, ...nulls])
  })
  return { parts, anyNull }
}

function joinNotIn(apply: Apply, { plan, predicates }: PulledUp, columns: readonly Column[]): LogicalPlan {
  const { parts, anyNull } = openPairs(apply, columns)
  const isCorrelated = outerReferences(apply.right, outputIds(apply.left)).size > 0
  const isPlain = parts.length === 1 && !isCorrelated && columnIdsOf(apply.needles[0]!).size > 0
  if (anyNull && isPlain) return join(apply, plan, 'nullAwareAnti', pairs(apply, columns))
  return join(apply, plan, 'anti', [...parts, ...predicates])
}

/** TRUE if a row matches, else NULL if a row might (a NULL in a pair), else FALSE. */
function markIn(apply: Apply, pulled: PulledUp, columns: readonly Column[]): LogicalPlan {
  const { parts, anyNull } = openPairs(apply, columns)
  const matchParts = [...pairs(apply, columns), ...pulled.predicates]
  if (!anyNull) return join(apply, pulled.plan, 'existence', matchParts, apply.output!)
  const hasMatch = newColumn('has_match', types.boolean, false)
  const mayMatch = newColumn('may_match', types.boolean, false)
  const matched = join(apply, pulled.plan, 'existence', matchParts, hasMatch)
  const copy = freshColumns(pulled.plan)
  const renamed = new Map([...copy.columns].map(([id, column]) => [id, columnExpr(column)]))
  const openParts = [...parts, ...pulled.predicates].map((part) => substitute(part, renamed))
  const both = join(apply, copy.plan, 'existence', openParts, mayMatch, matched)
  const answer: Expr = {
    kind: 'case',
    branches: [
      { when: columnExpr(hasMatch), then: TRUE },
      { when: columnExpr(mayMatch), then: NULL_BOOLEAN },
    ],
    otherwise: FALSE,
    type: types.boolean,
  }
  return withAnswer(both, apply, answer)
}
