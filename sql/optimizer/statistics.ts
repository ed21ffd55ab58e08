import type { DataType } from '../../engine/types/index.ts'
import { type Column, columnIdsOf, type LogicalPlan, outputOf, type Scan } from '../plan/index.ts'
import { type ColumnEstimate, type Estimate, numberOf } from './estimate.ts'
import { type JoinInput, joinRows, splitCondition } from './join-estimate.ts'
import { selectivity } from './selectivity.ts'

/** Rows of a table whose source tells nothing. */
const UNKNOWN_ROWS = 1_000_000
/** Conditions on aggregates are mostly meant to keep few groups. */
const HAVING = 0.3
const known = new WeakMap<LogicalPlan, Estimate>()

/** The estimate for a plan; kept for as long as the plan object lives. */
export function estimate(plan: LogicalPlan): Estimate {
  const before = known.get(plan)
  if (before !== undefined) return before
  const made = compute(plan)
  known.set(plan, made)
  return made
}

/** Bytes of the rows of a plan, in memory. */
export function estimateBytes(plan: LogicalPlan): number {
  const width = outputOf(plan).reduce((sum, column) => sum + widthOf(column.type), 8)
  return estimate(plan).rows * width
}

function widthOf(type: DataType): number {
  switch (type.kind) {
    case 'null':
    case 'boolean':
    case 'int8':
      return 1
    case 'int16':
      return 2
    case 'int32':
    case 'float32':
    case 'date':
    case 'interval_ym':
      return 4
    case 'decimal':
      return type.precision > 18 ? 16 : 8
    case 'string':
    case 'binary':
      return 24
    case 'list':
    case 'map':
    case 'struct':
      return 64
    default:
      return 8
  }
}

const NO_COLUMNS: ReadonlyMap<number, ColumnEstimate> = new Map()

function compute(plan: LogicalPlan): Estimate {
  switch (plan.kind) {
    case 'Scan':
      return ofScan(plan)
    case 'Values':
      return exactly(plan.rows.length)
    case 'Range': {
      const span = plan.step > 0n ? plan.end - plan.start : plan.start - plan.end
      const step = plan.step > 0n ? plan.step : -plan.step
      return exactly(span <= 0n ? 0 : Math.ceil(Number(span) / Number(step)))
    }
    case 'Filter': {
      const input = estimate(plan.input)
      const kept = selectivity(plan.predicate, input) * (plan.input.kind === 'Aggregate' ? HAVING : 1)
      return { ...input, rows: Math.max(Math.min(input.rows, 1), input.rows * kept) }
    }
    case 'Project':
      return ofProject(plan.exprs, estimate(plan.input))
    case 'Aggregate':
      return ofAggregate(plan)
    case 'Window':
    case 'Sort':
    case 'Repartition':
    case 'Watermark':
      return estimate(plan.input)
    case 'Limit': {
      const input = estimate(plan.input)
      return { ...input, rows: Math.min(input.rows, plan.fetch ?? Number.POSITIVE_INFINITY) }
    }
    case 'Sample': {
      const input = estimate(plan.input)
      return { ...input, rows: input.rows * plan.fraction }
    }
    case 'Union':
      return ofUnion(plan.inputs.map(estimate))
    case 'Expand':
      return scaled(estimate(plan.input), plan.projections.length)
    case 'Generate':
      return scaled(estimate(plan.input), 4)
    case 'Join':
      return ofJoin(plan)
    case 'Apply':
      return estimate(plan.left)
    case 'Write':
      return exactly(1)
    case 'UserCode':
      return plan.rowCount === undefined
        ? { ...exactly(UNKNOWN_ROWS), isKnown: false }
        : exactly(plan.rowCount)
  }
}

function exactly(rows: number): Estimate {
  return { rows, baseRows: rows, columns: NO_COLUMNS, isKnown: true }
}

function scaled(input: Estimate, factor: number): Estimate {
  return { ...input, rows: input.rows * factor, baseRows: input.baseRows * factor }
}

function ofScan(scan: Scan): Estimate {
  const { statistics, schema } = scan.table
  const rowWidth = schema.fields.reduce((sum, field) => sum + widthOf(field.type), 0)
  const rows =
    statistics.rowCount ??
    (statistics.sizeBytes === undefined
      ? UNKNOWN_ROWS
      : Math.ceil(statistics.sizeBytes / Math.max(1, rowWidth)))
  const columns = new Map<number, ColumnEstimate>()
  for (const column of scan.columns) columns.set(column.id, ofColumn(column, scan, rows))
  const isKnown = statistics.rowCount !== undefined || statistics.sizeBytes !== undefined
  return { rows, baseRows: rows, columns, isKnown }
}

function ofColumn(column: Column, scan: Scan, rows: number): ColumnEstimate {
  const statistics = scan.table.statistics.columns?.[column.name]
  const min = numberOf(statistics?.min)
  const max = numberOf(statistics?.max)
  const range = min === undefined || max === undefined || !isDiscrete(column.type) ? undefined : max - min + 1
  const guessed = [range, statistics?.distinctEstimate].filter((count) => count !== undefined)
  const distinct =
    statistics?.distinctCount ?? (guessed.length === 0 ? undefined : Math.min(...guessed, rows))
  const nullFraction = Math.min(1, (statistics?.nullCount ?? 0) / Math.max(1, rows))
  return { distinct, isExact: statistics?.distinctCount !== undefined, min, max, nullFraction }
}

function isDiscrete(type: DataType): boolean {
  return type.kind.startsWith('int') || type.kind === 'date' || type.kind === 'boolean'
}

function ofProject(exprs: Extract<LogicalPlan, { kind: 'Project' }>['exprs'], input: Estimate): Estimate {
  const columns = new Map<number, ColumnEstimate>()
  for (const { column, expr } of exprs) {
    const from = expr.kind === 'column' ? input.columns.get(expr.index) : undefined
    if (from !== undefined) columns.set(column.id, from)
  }
  return { ...input, columns }
}

function ofAggregate(plan: Extract<LogicalPlan, { kind: 'Aggregate' }>): Estimate {
  const input = estimate(plan.input)
  if (plan.keys.length === 0) return { ...exactly(1), isKnown: input.isKnown }
  const { columns } = ofProject(plan.keys, input)
  let groups = 1
  for (const { expr } of plan.keys) groups *= distinctOf(expr, input)
  const rows = Math.max(Math.min(1, input.rows), Math.min(input.rows, groups))
  const estimates = new Map(columns)
  const only = plan.keys.length === 1 ? plan.keys[0]! : undefined
  const onlyEstimate = only === undefined ? undefined : columns.get(only.column.id)
  if (only !== undefined && onlyEstimate === undefined)
    estimates.set(only.column.id, {
      distinct: rows,
      isExact: false,
      min: undefined,
      max: undefined,
      nullFraction: 0,
    })
  return { rows, baseRows: rows, columns: estimates, isKnown: input.isKnown }
}

/** Distinct values of an expression among the rows of `input`. */
function distinctOf(expr: Parameters<typeof columnIdsOf>[0], input: Estimate): number {
  if (expr.kind === 'literal') return 1
  const ids = [...columnIdsOf(expr)]
  const single = ids.length === 1 ? input.columns.get(ids[0]!)?.distinct : undefined
  return single ?? Math.max(1, input.rows ** 0.75)
}

function ofUnion(inputs: readonly Estimate[]): Estimate {
  const rows = inputs.reduce((sum, input) => sum + input.rows, 0)
  return { rows, baseRows: rows, columns: NO_COLUMNS, isKnown: inputs.every((input) => input.isKnown) }
}

function ofJoin(plan: Extract<LogicalPlan, { kind: 'Join' }>): Estimate {
  const left = inputOf(plan.left)
  const right = inputOf(plan.right)
  const inner = joinRows(left, right, plan.condition)
  const isKnown = left.estimate.isKnown && right.estimate.isKnown
  const leftOnly = { ...left.estimate, isKnown }
  const matched = Math.min(1, inner / Math.max(1, left.estimate.rows))
  switch (plan.joinType) {
    case 'semi':
      return { ...leftOnly, rows: left.estimate.rows * Math.min(matched, 0.9) }
    case 'anti':
    case 'nullAwareAnti':
      return { ...leftOnly, rows: left.estimate.rows * Math.max(0.1, 1 - matched) }
    case 'existence':
      return leftOnly
    default:
  }
  const columns = new Map([...left.estimate.columns, ...right.estimate.columns])
  if (plan.joinType === 'inner') equateKeys(columns, plan, left, right)
  const baseRows = Math.max(left.estimate.baseRows, right.estimate.baseRows)
  const keepsLeft = plan.joinType === 'left' || plan.joinType === 'full'
  const keepsRight = plan.joinType === 'right' || plan.joinType === 'full'
  const atLeast = Math.max(keepsLeft ? left.estimate.rows : 0, keepsRight ? right.estimate.rows : 0)
  return { rows: Math.max(inner, atLeast), baseRows, columns, isKnown }
}

/** Equal keys have no more values than the side with fewer. */
function equateKeys(
  columns: Map<number, ColumnEstimate>,
  plan: Extract<LogicalPlan, { kind: 'Join' }>,
  left: JoinInput,
  right: JoinInput,
): void {
  for (const key of splitCondition(plan.condition, left.ids, right.ids).keys) {
    if (key.left.kind !== 'column' || key.right.kind !== 'column') continue
    const [a, b] = [columns.get(key.left.index), columns.get(key.right.index)]
    if (a?.distinct === undefined || b?.distinct === undefined) continue
    const { distinct, isExact } = a.distinct <= b.distinct ? a : b
    columns.set(key.left.index, { ...a, distinct, isExact })
    columns.set(key.right.index, { ...b, distinct, isExact })
  }
}

function inputOf(plan: LogicalPlan): JoinInput {
  return { estimate: estimate(plan), ids: new Set(outputOf(plan).map(({ id }) => id)) }
}
