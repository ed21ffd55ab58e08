import { childrenOf, type Expr, withChildren } from '../../engine/expr/index.ts'
import { types } from '../../engine/types/index.ts'
import {
  type Aggregate,
  type Column,
  columnExpr,
  type LogicalPlan,
  mapExpressions,
  type NamedExpr,
  newColumn,
  outputOf,
  transformUp,
} from '../plan/index.ts'
import { missingAggregation, userError } from './check.ts'
import type { Analysis } from './context.ts'
import type { FoundAggregate, PendingApply } from './environment.ts'
import { exprKey } from './expr-key.ts'

/** One key of GROUP BY and the name its column gets. */
export interface GroupKey {
  readonly expr: Expr
  readonly name: string
}

/** The grouping of a SELECT: distinct keys, and the sets of them to group by (indexes of keys). */
export interface Grouping {
  readonly keys: readonly GroupKey[]
  /** Null: by all keys at once. */
  readonly sets: readonly (readonly number[])[] | null
  readonly isWritten: boolean
}

/** An Aggregate, and how expressions over its input become expressions over its output. */
export interface GroupedPlan {
  readonly plan: LogicalPlan
  readonly rewrite: (expr: Expr) => Expr
  readonly rewriteApply: (apply: PendingApply) => PendingApply
}

/**
 * Groups a plan. `rewrite` throws MISSING_AGGREGATION for columns that are neither grouped nor aggregated.
 */
export function groupPlan(
  input: LogicalPlan,
  grouping: Grouping,
  found: readonly FoundAggregate[],
  analysis: Analysis,
): GroupedPlan {
  const { keys, calls, source, groupingId } =
    grouping.sets === null ? plainKeys(input, grouping.keys) : expandSets(input, grouping.keys, grouping.sets)
  const plan: Aggregate = { kind: 'Aggregate', input: source, keys, calls: [...calls, ...found] }
  const columns = new Map<string, Column>()
  grouping.keys.forEach(({ expr }, index) => {
    columns.set(exprKey(expr), keys[index]!.column)
  })
  const inputIds = new Set(outputOf(input).map(({ id }) => id))
  const rewrite = (expr: Expr): Expr => {
    const key = expr.kind === 'literal' ? undefined : columns.get(exprKey(expr))
    if (key !== undefined) return columnExpr(key)
    if (expr.kind === 'column') {
      if (!inputIds.has(expr.index)) return expr
      throw missingAggregation(expr.name, grouping.isWritten, analysis.positions.get(expr))
    }
    if (expr.kind === 'call' && (expr.name === 'grouping' || expr.name === 'grouping_id'))
      return groupingFunction(expr, grouping, groupingId)
    const children = childrenOf(expr)
    return children.length === 0 ? expr : withChildren(expr, children.map(rewrite))
  }
  const rewriteApply = (apply: PendingApply): PendingApply => ({
    ...apply,
    needles: apply.needles.map(rewrite),
    right: transformUp(apply.right, (node) => mapExpressions(node, rewrite)),
  })
  return { plan, rewrite, rewriteApply }
}

interface Keys {
  readonly source: LogicalPlan
  readonly keys: readonly NamedExpr[]
  readonly calls: readonly FoundAggregate[]
  readonly groupingId: Column | null
}

function plainKeys(input: LogicalPlan, keys: readonly GroupKey[]): Keys {
  const given = new Map(outputOf(input).map((column) => [column.id, column]))
  const named = keys.map(({ expr, name }): NamedExpr => {
    const column = expr.kind === 'column' ? given.get(expr.index) : undefined
    return { column: column ?? newColumn(name, expr.type), expr }
  })
  return { source: input, keys: named, calls: [], groupingId: null }
}

/**
 * Every row once per set, with NULL for the keys that are not in it and a number whose bits say which those
 * are (first key highest). The original columns stay for the arguments of aggregates. Sets that are given
 * twice are told apart by their position.
 */
function expandSets(
  input: LogicalPlan,
  keys: readonly GroupKey[],
  sets: readonly (readonly number[])[],
): Keys {
  const passed = outputOf(input)
  const keyColumns = keys.map(({ expr, name }) => newColumn(name, expr.type))
  const groupingId = newColumn('spark_grouping_id', types.int64, false)
  const ids = sets.map((set) => idOfSet(keys.length, set))
  const isRepeated = new Set(ids).size < ids.length
  const position = isRepeated ? [newColumn('grouping_position', types.int64, false)] : []
  const projections = sets.map((set, index): Expr[] => [
    ...passed.map(columnExpr),
    ...keys.map(
      ({ expr }, key): Expr => (set.includes(key) ? expr : { kind: 'literal', value: null, type: expr.type }),
    ),
    { kind: 'literal', value: ids[index]!, type: types.int64 },
    ...position.map((): Expr => ({ kind: 'literal', value: BigInt(index), type: types.int64 })),
  ])
  const added = [...keyColumns, groupingId, ...position]
  const source: LogicalPlan = { kind: 'Expand', input, projections, columns: [...passed, ...added] }
  return {
    source,
    keys: added.map((column) => ({ column, expr: columnExpr(column) })),
    calls: [],
    groupingId,
  }
}

function idOfSet(keyCount: number, set: readonly number[]): bigint {
  let id = 0n
  for (let key = 0; key < keyCount; key++) id = (id << 1n) | (set.includes(key) ? 0n : 1n)
  return id
}

/** `grouping(key)` is a bit of the number of the set, `grouping_id()` all of it. */
function groupingFunction(
  call: Extract<Expr, { kind: 'call' }>,
  { keys }: Grouping,
  groupingId: Column | null,
): Expr {
  if (groupingId === null)
    throw userError(
      'UNSUPPORTED_GROUPING_EXPRESSION',
      `"${call.name}" needs GROUPING SETS, CUBE or ROLLUP in GROUP BY`,
    )
  const known = new Map(keys.map(({ expr }, index) => [exprKey(expr), index]))
  const indexes = call.args.map((arg) => {
    const index = known.get(exprKey(arg))
    if (index === undefined)
      throw userError(
        call.name === 'grouping' ? 'GROUPING_COLUMN_MISMATCH' : 'GROUPING_ID_COLUMN_MISMATCH',
        `the argument of "${call.name}" is not grouped by`,
      )
    return index
  })
  const id = columnExpr(groupingId)
  if (call.name === 'grouping' && indexes.length === 1)
    return { kind: 'cast', input: bitOf(id, keys.length - 1 - indexes[0]!), type: types.int8, safe: false }
  if (indexes.length > 0 && indexes.some((index, at) => index !== at))
    throw userError(
      'GROUPING_ID_COLUMN_MISMATCH',
      '"grouping_id" takes all grouping columns in order, or nothing',
    )
  return id
}

function bitOf(id: Expr, bit: number): Expr {
  const shift: Expr = { kind: 'literal', value: bit, type: types.int32 }
  const shifted: Expr = { kind: 'call', name: 'shiftright', args: [id, shift], type: types.int64 }
  const one: Expr = { kind: 'literal', value: 1n, type: types.int64 }
  return { kind: 'call', name: '&', args: [shifted, one], type: types.int64 }
}
