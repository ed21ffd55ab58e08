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
import { readsAny } from '../expression-facts.ts'
import { conditionOf, literal } from '../predicate.ts'
import { overDomain } from './domain.ts'
import { emptyValueOf } from './empty-value.ts'
import { groupByCorrelation, pullUp } from './pull-up.ts'

/**
 * The aggregate that gives the one value of its group and fails with SCALAR_SUBQUERY_TOO_MANY_ROWS on a
 * second row.
 */
const SINGLE_VALUE = 'single_value'

/** The function that gives its first argument, and fails where the second, a count, is above one. */
const SINGLE_ROW = 'single_row'

/** A scalar subquery as a join: the columns of the left, then the value. */
export function joinScalar(apply: Apply): LogicalPlan {
  const outer = outputIds(apply.left)
  if (outerReferences(apply.right, outer).size === 0) return joinUncorrelated(apply)
  const found = aggregateOf(apply)
  if (found === undefined) {
    const single = singleValue(apply.right)
    const value = columnExpr(single.calls[0]!.column)
    return joinChecked(apply, outer) ?? joinOverDomain(apply, single, value)
  }
  const { aggregate, value } = found
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

/** The aggregate at the top of the subquery, below projections, and the value over its calls. */
function aggregateOf(apply: Apply): { readonly aggregate: Aggregate; readonly value: Expr } | undefined {
  let value = columnExpr(outputOf(apply.right)[0]!)
  let plan = apply.right
  while (plan.kind === 'Project') {
    value = substitute(value, new Map(plan.exprs.map(({ column, expr }) => [column.id, expr])))
    plan = plan.input
  }
  return plan.kind === 'Aggregate' && plan.keys.length === 0 ? { aggregate: plan, value } : undefined
}

/**
 * A subquery without aggregate, by equalities with outer columns: a value and a count for each combination.
 * The count is checked above the join, since only rows that an outer row asks for may be too many.
 */
function joinChecked(apply: Apply, outer: ReadonlySet<number>): LogicalPlan | undefined {
  const pulled = pullUp(apply.right, outer)
  const grouped = pulled === undefined ? undefined : groupByCorrelation(pulled, [], outer)
  if (pulled === undefined || grouped === undefined || grouped.keys.length === 0) return undefined
  const from = outputOf(apply.right)[0]!
  const value = newColumn(from.name, from.type)
  const count = newColumn('count', types.int64)
  const call = { distinct: false, filter: null, order: [] }
  const right: Aggregate = {
    kind: 'Aggregate',
    input: pulled.plan,
    keys: grouped.keys,
    calls: [
      { column: value, call: { ...call, name: 'any_value', args: [columnExpr(from)], type: from.type } },
      { column: count, call: { ...call, name: 'count', args: [], type: types.int64 } },
    ],
  }
  const joined = leftJoin(apply, right, grouped.predicates)
  const args = [columnExpr(value), columnExpr(count)]
  const checked: Expr = { kind: 'call', name: SINGLE_ROW, args, type: from.type }
  return withValue(apply, joined, checked)
}

function leftJoin(apply: Apply, right: LogicalPlan, predicates: readonly Expr[]): LogicalPlan {
  const condition = conditionOf(predicates)
  return { kind: 'Join', left: apply.left, right, joinType: 'left', condition, mark: null, broadcast: null }
}

/** The columns of the left, then the value under the name of the answer. */
function withValue(apply: Apply, input: LogicalPlan, value: Expr): LogicalPlan {
  const kept = outputOf(apply.left).map((column): NamedExpr => ({ column, expr: columnExpr(column) }))
  return {
    kind: 'Project',
    input,
    exprs: [...kept, { column: { ...apply.output!, nullable: true }, expr: value }],
  }
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
  return joinValue(apply, right, value, grouped.predicates)
}

/**
 * The value beside each left row, computed above the join so that groups that no row asks for cannot fail.
 * For a row without group the join leaves NULLs; a count is 0 then.
 */
function joinValue(apply: Apply, right: Aggregate, value: Expr, predicates: readonly Expr[]): LogicalPlan {
  const calls = right.calls.map(({ column, call }): [number, Expr] => {
    const empty = emptyValueOf(call)
    const { type } = column
    if (empty === null) return [column.id, columnExpr(column)]
    return [
      column.id,
      { kind: 'call', name: 'coalesce', args: [columnExpr(column), literal(empty, type)], type },
    ]
  })
  return withValue(apply, leftJoin(apply, right, predicates), substitute(value, new Map(calls)))
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
  const joined = leftJoin(apply, plan, predicates)
  return selectColumns(joined, [...outputOf(apply.left), output])
}
