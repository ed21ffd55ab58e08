import type { AggregateCall } from '../../../engine/expr/index.ts'
import { types } from '../../../engine/types/index.ts'
import {
  type Aggregate,
  type Column,
  columnExpr,
  type LogicalPlan,
  type NamedExpr,
  newColumn,
} from '../../plan/index.ts'
import { exprKey } from '../expression-facts.ts'
import { literal } from '../predicate.ts'
import type { OptimizerRule } from '../rule.ts'

/**
 * `count(DISTINCT x) GROUP BY k` in two levels: first the groups of (k, x), then counted by k. So no task
 * keeps a set of values for each group, and the first level can be done in parts. Done where all DISTINCT
 * calls are over the same values and the others can be put together from parts.
 */
export const rewriteDistinct: OptimizerRule = {
  name: 'rewrite-distinct',
  order: 'bottom-up',
  rewrite(plan) {
    if (plan.kind !== 'Aggregate') return plan
    const distinct = plan.calls.filter(({ call }) => call.distinct)
    const [first] = distinct
    if (first === undefined || plan.calls.some(({ call }) => !canSplit(call))) return plan
    const values = argsKey(first.call)
    return distinct.every(({ call }) => argsKey(call) === values) ? inTwoLevels(plan, first.call) : plan
  },
}

function argsKey(call: AggregateCall): string {
  return call.args.map(exprKey).join()
}

function canSplit(call: AggregateCall): boolean {
  if (call.order.length > 0) return false
  if (call.distinct) return call.filter === null && call.args.length > 0
  if (call.name === 'count' || call.name === 'min' || call.name === 'max') return true
  return call.name === 'sum' && (call.type.kind === 'int64' || call.type.kind === 'float64')
}

function inTwoLevels(plan: Aggregate, first: AggregateCall): LogicalPlan {
  const values = first.args.map((expr): NamedExpr => ({ column: newColumn('value', expr.type), expr }))
  const parts = new Map<Column, Column>()
  const partCalls = plan.calls.flatMap(({ column, call }) => {
    if (call.distinct) return []
    const part = newColumn(column.name, column.type)
    parts.set(column, part)
    return [{ column: part, call }]
  })
  const groups: Aggregate = { ...plan, keys: [...plan.keys, ...values], calls: partCalls }
  const outer: Aggregate = {
    kind: 'Aggregate',
    input: groups,
    keys: plan.keys.map(({ column }) => ({ column, expr: columnExpr(column) })),
    calls: plan.calls.map(({ column, call }) => {
      const part = parts.get(column)
      if (part === undefined)
        return {
          column,
          call: { ...call, distinct: false, args: values.map((value) => columnExpr(value.column)) },
        }
      const name = call.name === 'count' ? 'sum' : call.name
      return { column, call: { ...call, name, args: [columnExpr(part)], filter: null } }
    }),
  }
  return plan.keys.length === 0 ? countsOfNothing(outer, plan) : outer
}

/** Without keys there may be no groups to sum up: then a count is 0. */
function countsOfNothing(outer: Aggregate, plan: Aggregate): LogicalPlan {
  const renamed = new Map<Column, Column>()
  for (const { column, call } of plan.calls)
    if (!call.distinct && call.name === 'count') renamed.set(column, newColumn(column.name, column.type))
  if (renamed.size === 0) return outer
  const calls = outer.calls.map(({ column, call }) => ({ column: renamed.get(column) ?? column, call }))
  const exprs = plan.calls.map(({ column }): NamedExpr => {
    const sum = renamed.get(column)
    if (sum === undefined) return { column, expr: columnExpr(column) }
    const args = [columnExpr(sum), literal(0n, types.int64)]
    return { column, expr: { kind: 'call', name: 'coalesce', args, type: types.int64 } }
  })
  return { kind: 'Project', input: { ...outer, calls }, exprs }
}
