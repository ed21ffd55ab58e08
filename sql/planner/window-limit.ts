import type { Expr } from '../../engine/expr/index.ts'
import { type DataType, isNumeric, MAX_INT64_PRECISION } from '../../engine/types/index.ts'
import { conjunctsOf, estimate } from '../optimizer/index.ts'
import type { LogicalPlan } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import type { Planned, Planner } from './planned.ts'

type Window = Extract<LogicalPlan, { kind: 'Window' }>

/** Fewer rows are moved and sorted as they are. */
const MIN_ROWS = 20_000

/** So many rows of each group, at most, are worth a look at every row. */
const MAX_LIMIT = 100

/** Functions whose values for the first rows of a group do not depend on those behind them. */
const RANKS = new Set(['row_number', 'rank', 'dense_rank'])

/**
 * How many rows of each group a filter above a window lets through, by a condition such as
 * `row_number() OVER (…) <= 3`; null if it does not say, or if rows cannot be left out below the window.
 */
export function windowLimit(predicate: Expr, window: Window): number | null {
  const { calls, partitionBy, orderBy } = window
  const isRank = calls.every(({ call }) => RANKS.has(call.name))
  const [first] = orderBy
  if (!isRank || partitionBy.length === 0 || first === undefined || !isOrderable(first.expr.type)) return null
  // Computed twice, anything but a column might differ.
  if (![...partitionBy, first.expr].every(({ kind }) => kind === 'column')) return null
  if (estimate(window.input).rows < MIN_ROWS) return null
  let limit: number | null = null
  for (const part of conjunctsOf(predicate)) {
    const most = mostOf(part, window)
    if (most !== null && most >= 1 && most <= MAX_LIMIT) limit = Math.min(limit ?? most, most)
  }
  return limit
}

/** The greatest rank or row number for which a condition can be TRUE. */
function mostOf(condition: Expr, { calls }: Window): number | null {
  if (condition.kind !== 'call' || condition.args.length !== 2) return null
  const [column, bound] = condition.args
  if (column?.kind !== 'column' || bound?.kind !== 'literal') return null
  const call = calls.find((each) => each.column.id === column.index)
  // Of equal rows any number may share a dense rank.
  if (call === undefined || call.call.name === 'dense_rank') return null
  if (typeof bound.value !== 'number' && typeof bound.value !== 'bigint') return null
  const most = Number(bound.value)
  if (condition.name === '<=' || condition.name === '=') return most
  return condition.name === '<' ? most - 1 : null
}

/** Whether values are ordered by one word. */
function isOrderable(type: DataType): boolean {
  if (type.kind === 'decimal') return type.precision <= MAX_INT64_PRECISION
  return isNumeric(type) || type.kind === 'date' || type.kind.startsWith('timestamp')
}

/** The rows that may be among the first `limit` of their group. */
export function limitGroups(input: Planned, window: Window, limit: number, planner: Planner): Planned {
  const bind = binderFor(input.columns)
  const plan = {
    kind: 'WindowGroupLimitExec',
    id: planner.nextId(),
    schema: input.plan.schema,
    input: input.plan,
    partitionBy: window.partitionBy.map(bind.expr),
    orderBy: window.orderBy.map(bind.key),
    limit,
  } as const
  return { ...input, plan }
}
