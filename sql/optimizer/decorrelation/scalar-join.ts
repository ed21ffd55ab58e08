import type { Expr } from '../../../engine/expr/index.ts'
import { types } from '../../../engine/types/index.ts'
import {
  type Aggregate,
  type Apply,
  type Column,
  columnExpr,
  expressionsOf,
  type LogicalPlan,
  type NamedExpr,
  newColumn,
  outputOf,
  substitute,
} from '../../plan/index.ts'
import { maxRowsOf, outerReferences, outputIds, selectColumns } from '../columns.ts'
import { isNullWhen, readsAny } from '../expression-facts.ts'
import { booleanCall, conditionOf, literal, TRUE } from '../predicate.ts'
import { overDomain } from './domain.ts'
import { emptyValueOf } from './empty-value.ts'
import { groupByCorrelation, pullUp } from './pull-up.ts'

/** The aggregate that gives the one value of its group and fails with SCALAR_SUBQUERY_TOO_MANY_ROWS on a second row. */
export const SINGLE_VALUE = 'single_value'

/** A scalar subquery as a join: the columns of the left, then the value. */
export function joinScalar(apply: Apply): LogicalPlan {
  const outer = outputIds(apply.left)
  if (outerReferences(apply.right, outer).size === 0) return joinUncorrelated(apply)
  const { aggregate, value } = aggregateOf(apply)
  return joinGrouped(apply, aggregate, value, outer) ?? joinOverDomain(apply, aggregate, value)
}

function joinUncorrelated(apply: Apply): LogicalPlan {
  const right = maxRowsOf(apply.right) <= 1 ? apply.right : singleValue(apply.right)
  const output = { ...apply.output!, nullable: true }
  const exprs = [{ column: output, expr: columnExpr(outputOf(right)[0]!) }]
  return {
    kind: 'Join',
    left: apply.left,
    right: { kind: 'Project', input: right, exprs },
    joinType: hasOneRow(right) ? 'inner' : 'left',
    condition: null,
    mark: null,
    broadcast: null,
  }
}

/** Whether the plan gives exactly one row. */
function hasOneRow(plan: LogicalPlan): boolean {
  if (plan.kind === 'Project' || plan.kind === 'Sort') return hasOneRow(plan.input)
  if (plan.kind === 'Values') return plan.rows.length === 1
  return plan.kind === 'Aggregate' && plan.keys.length === 0
}

function singleValue(right: LogicalPlan): Aggregate {
  const from = outputOf(right)[0]!
  const { type } = from
  const call = {
    name: SINGLE_VALUE,
    args: [columnExpr(from)],
    distinct: false,
    filter: null,
    order: [],
    type,
  }
  return { kind: 'Aggregate', input: right, keys: [], calls: [{ column: newColumn(from.name, type), call }] }
}

/** The aggregate at the top of the subquery, below projections, and the value over its calls. One is put there if there is none. */
function aggregateOf(apply: Apply): { readonly aggregate: Aggregate; readonly value: Expr } {
  let value = columnExpr(outputOf(apply.right)[0]!)
  let plan = apply.right
  while (plan.kind === 'Project') {
    value = substitute(value, new Map(plan.exprs.map(({ column, expr }) => [column.id, expr])))
    plan = plan.input
  }
  if (plan.kind === 'Aggregate' && plan.keys.length === 0) return { aggregate: plan, value }
  const aggregate = singleValue(apply.right)
  return { aggregate, value: columnExpr(aggregate.calls[0]!.column) }
}

/** Equalities with outer columns become the keys of the aggregate, and the condition of a left join. */
function joinGrouped(
  apply: Apply,
  aggregate: Aggregate,
  value: Expr,
  outer: ReadonlySet<number>,
): LogicalPlan | undefined {
  const usesOuter = [...expressionsOf(aggregate), value].some((expr) => readsAny(expr, outer))
  if (usesOuter) return undefined
  const pulled = pullUp(aggregate.input, outer)
  const grouped = pulled === undefined ? undefined : groupByCorrelation(pulled, [], outer)
  if (pulled === undefined || grouped === undefined || grouped.keys.length === 0) return undefined
  const right: Aggregate = { ...aggregate, input: pulled.plan, keys: grouped.keys }
  return joinValue(apply, right, value, aggregate, grouped.predicates)
}

/**
 * The value beside each left row. An outer row without group gets what the value is for no rows: NULL for most, so that the
 * left join does it by itself; for the others (a count is 0) a marker tells that there was no group.
 */
function joinValue(
  apply: Apply,
  right: Aggregate,
  value: Expr,
  { calls }: Aggregate,
  predicates: readonly Expr[],
): LogicalPlan {
  const ids = new Set(calls.map(({ column }) => column.id))
  const isNullForNone = calls.every(({ call }) => emptyValueOf(call) === null) && isNullWhen(value, ids)
  const output: Column = { ...apply.output!, nullable: true }
  const keys = right.keys.map(({ column }): NamedExpr => ({ column, expr: columnExpr(column) }))
  const marker = newColumn('is_group', types.boolean)
  const found = isNullForNone ? output : newColumn(output.name, output.type)
  const exprs = [...keys, { column: found, expr: value }]
  const joined: LogicalPlan = {
    kind: 'Join',
    left: apply.left,
    right: {
      kind: 'Project',
      input: right,
      exprs: isNullForNone ? exprs : [...exprs, { column: marker, expr: TRUE }],
    },
    joinType: 'left',
    condition: conditionOf(predicates),
    mark: null,
    broadcast: null,
  }
  if (isNullForNone) return selectColumns(joined, [...outputOf(apply.left), output])
  const none = new Map(calls.map(({ column, call }) => [column.id, literal(emptyValueOf(call), column.type)]))
  const branches = [{ when: booleanCall('isnull', columnExpr(marker)), then: substitute(value, none) }]
  const answer: Expr = { kind: 'case', branches, otherwise: columnExpr(found), type: output.type }
  const kept = outputOf(apply.left).map((column): NamedExpr => ({ column, expr: columnExpr(column) }))
  return { kind: 'Project', input: joined, exprs: [...kept, { column: output, expr: answer }] }
}

/** The whole subquery, with one row for each combination of outer values. */
function joinOverDomain(apply: Apply, aggregate: Aggregate, value: Expr): LogicalPlan {
  const output: Column = { ...apply.output!, nullable: true }
  const subquery: LogicalPlan = {
    kind: 'Project',
    input: aggregate,
    exprs: [{ column: output, expr: value }],
  }
  const { plan, predicates } = overDomain(apply.left, subquery)
  const joined: LogicalPlan = {
    kind: 'Join',
    left: apply.left,
    right: plan,
    joinType: 'left',
    condition: conditionOf(predicates),
    mark: null,
    broadcast: null,
  }
  return selectColumns(joined, [...outputOf(apply.left), output])
}
