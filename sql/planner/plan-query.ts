import { EngineError } from '../../engine/errors.ts'
import type { Expr } from '../../engine/expr/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import { types } from '../../engine/types/index.ts'
import { type LogicalPlan, outputOf, schemaOf } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import { clusteringsOf } from './clusterings.ts'
import { clusterBy, toHash, toRoundRobin } from './insert-exchanges.ts'
import { countOf, projectPartitioning, SINGLE } from './partitioning.ts'
import { planAggregate } from './plan-aggregate.ts'
import { planJoin } from './plan-join.ts'
import { planLimit } from './plan-limit.ts'
import { planScan } from './plan-scan.ts'
import { planSort } from './plan-sort.ts'
import { planWatermark } from './plan-watermark.ts'
import type { PlanContext, Planned, Planner } from './planned.ts'
import { filteredScan, narrowedScan } from './scan-filter.ts'
import { shareScans } from './share-scans.ts'
import { limitGroups, windowLimit } from './window-limit.ts'

export type { PlanContext, StreamingContext } from './planned.ts'

/** Largest side of a join that lies in memory whole, if the session says nothing. */
const BUILD_BYTES = 256 << 20
/** Fewest numbers of a range that are worth a task. */
const RANGE_ROWS_PER_TASK = 256 << 10

/**
 * The physical plan of an optimized logical plan: operators, exchanges, splits dealt out to tasks. Ids of
 * nodes count from 1 in the order of planning. UNSUPPORTED_FEATURE for what no operator can do.
 */
export async function planQuery(plan: LogicalPlan, context: PlanContext): Promise<PhysicalPlan> {
  let lastId = 0
  const planner: Planner = {
    context,
    buildBytes: context.buildBytes ?? BUILD_BYTES,
    nextId: () => ++lastId,
    plan: (input) => planNode(input, planner),
    clusterings: clusteringsOf(plan),
  }
  return shareScans((await planner.plan(plan)).plan, planner)
}

async function planNode(plan: LogicalPlan, planner: Planner): Promise<Planned> {
  switch (plan.kind) {
    case 'Scan':
      return planScan(plan, planner)
    case 'Values':
    case 'Range':
      return planLeaf(plan, planner)
    case 'Aggregate':
      return planAggregate(plan, planner)
    case 'Join':
      return planJoin(plan, planner)
    case 'Limit':
      return planLimit(plan, planner)
    case 'Union':
      return planUnion(plan, planner)
    case 'UserCode':
      return planUserCode(plan, planner)
    case 'Apply':
      throw new EngineError('UNSUPPORTED_FEATURE', 'this correlated subquery is not supported')
    case 'Sort':
      return planSort(plan, planner)
    case 'Window':
      return planWindow(plan, planner, null)
    case 'Filter':
      return planFilter(plan, planner)
    case 'Repartition':
      return planRepartition(plan, planner)
    case 'Write':
      return planWrite(plan, planner)
    case 'Watermark':
      return planWatermark(plan, planner)
    default:
      return planRowByRow(plan, await planner.plan(plan.input), planner)
  }
}

function planLeaf(plan: Extract<LogicalPlan, { kind: 'Values' | 'Range' }>, planner: Planner): Planned {
  const base = { id: planner.nextId(), schema: schemaOf(plan) }
  const columns = outputOf(plan)
  if (plan.kind === 'Values')
    return { plan: { kind: 'ValuesExec', ...base, rows: plan.rows }, columns, partitioning: SINGLE }
  const { start, end, step } = plan
  const rowCount = Number(end - start) / Number(step)
  const most = planner.context.threads * 4
  const fitting = Math.min(most, Math.max(1, Math.ceil(rowCount / RANGE_ROWS_PER_TASK)))
  const partitionCount = plan.partitionCount === 0 ? fitting : plan.partitionCount
  const partitioning = partitionCount === 1 ? SINGLE : ({ kind: 'unknown', partitionCount } as const)
  return { plan: { kind: 'RangeExec', ...base, start, end, step, partitionCount }, columns, partitioning }
}

type RowByRow = Extract<LogicalPlan, { kind: 'Filter' | 'Project' | 'Expand' | 'Generate' | 'Sample' }>

/** Nodes that keep rows where they are. */
function planRowByRow(plan: RowByRow, input: Planned, planner: Planner): Planned {
  const bind = binderFor(input.columns)
  const columns = outputOf(plan)
  const base = { id: planner.nextId(), schema: schemaOf(plan), input: input.plan }
  const spread = (physical: PhysicalPlan): Planned => ({ ...input, plan: physical, columns })
  const scattered = (physical: PhysicalPlan): Planned => {
    const { partitioning } = input
    const unknown = { kind: 'unknown', partitionCount: countOf(partitioning) } as const
    return { plan: physical, columns, partitioning: partitioning.kind === 'single' ? SINGLE : unknown }
  }
  switch (plan.kind) {
    case 'Filter': {
      const scan = filteredScan(plan, input, planner)
      if (scan !== undefined) return scan
      return spread({ kind: 'FilterExec', ...base, predicate: bind.expr(plan.predicate) })
    }
    case 'Project': {
      if (isIdentity(plan, input)) return { ...input, columns }
      const partitioning = projectPartitioning(input.partitioning, plan.exprs)
      const exprs = plan.exprs.map(({ expr }) => bind.expr(expr))
      const scan = narrowedScan(input.plan, exprs, base.schema)
      if (scan !== undefined) return { plan: scan, columns, partitioning }
      return { plan: { kind: 'ProjectExec', ...base, exprs }, columns, partitioning }
    }
    case 'Expand': {
      const projections = plan.projections.map((projection) => projection.map(bind.expr))
      return scattered({ kind: 'ExpandExec', ...base, projections })
    }
    case 'Generate': {
      const fields = plan.columns.map(({ name, type, nullable }) => ({ name, type, nullable }))
      const { generator, outer } = plan
      return spread({
        kind: 'GenerateExec',
        ...base,
        generator,
        args: plan.args.map(bind.expr),
        outer,
        fields,
      })
    }
    case 'Sample':
      return spread({ kind: 'SampleExec', ...base, fraction: plan.fraction, seed: plan.seed })
  }
}

/** Whether a projection gives just the columns of its input, in order and by the same names and ids. */
function isIdentity(plan: Extract<LogicalPlan, { kind: 'Project' }>, input: Planned): boolean {
  const { fields } = input.plan.schema
  if (fields.length !== plan.exprs.length) return false
  return plan.exprs.every(({ column, expr }, index) => {
    const isSame =
      expr.kind === 'column' && expr.index === column.id && input.columns[index]!.id === column.id
    return isSame && fields[index]!.name === column.name && fields[index]!.nullable === column.nullable
  })
}

async function planUnion(plan: Extract<LogicalPlan, { kind: 'Union' }>, planner: Planner): Promise<Planned> {
  const inputs: Planned[] = []
  for (const input of plan.inputs) inputs.push(await planner.plan(input))
  const partitionCount = inputs.reduce((sum, input) => sum + countOf(input.partitioning), 0)
  const union = {
    kind: 'UnionExec',
    id: planner.nextId(),
    schema: schemaOf(plan),
    inputs: inputs.map((input) => input.plan),
  } as const
  return { plan: union, columns: plan.columns, partitioning: { kind: 'unknown', partitionCount } }
}

async function planFilter(
  plan: Extract<LogicalPlan, { kind: 'Filter' }>,
  planner: Planner,
): Promise<Planned> {
  const { input, predicate } = plan
  const planned =
    input.kind === 'Window'
      ? await planWindow(input, planner, windowLimit(predicate, input))
      : await planner.plan(input)
  return planRowByRow(plan, planned, planner)
}

/** `limit`: so many rows of each group are asked for; null: all. */
async function planWindow(
  plan: Extract<LogicalPlan, { kind: 'Window' }>,
  planner: Planner,
  limit: number | null,
): Promise<Planned> {
  const rows = await planner.plan(plan.input)
  const wanted = limit === null ? rows : limitGroups(rows, plan, limit, planner)
  const input = clusterBy(wanted, plan.partitionBy, planner)
  const bind = binderFor(input.columns)
  const window = {
    kind: 'WindowExec',
    id: planner.nextId(),
    schema: schemaOf(plan),
    input: input.plan,
    partitionBy: plan.partitionBy.map(bind.expr),
    orderBy: plan.orderBy.map(bind.key),
    calls: plan.calls.map(({ call }) => bind.call(call)),
  } as const
  return { ...input, plan: window, columns: outputOf(plan) }
}

async function planRepartition(
  plan: Extract<LogicalPlan, { kind: 'Repartition' }>,
  planner: Planner,
): Promise<Planned> {
  const input = await planner.plan(plan.input)
  const count = plan.partitionCount === 0 ? planner.context.shufflePartitions : plan.partitionCount
  return plan.keys.length === 0
    ? toRoundRobin(input, count, planner)
    : toHash(input, plan.keys, count, planner)
}

/**
 * Every task writes its rows. Rows of one bucket are brought into one task, so that each bucket is one file.
 */
async function planWrite(plan: Extract<LogicalPlan, { kind: 'Write' }>, planner: Planner): Promise<Planned> {
  const planned = await planner.plan(plan.input)
  const { bucketing } = plan.request
  const keys = (bucketing?.columns ?? []).flatMap((name) => {
    const column = planned.columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
    return column === undefined
      ? []
      : [{ kind: 'column', index: column.id, name, type: column.type } as const]
  })
  const isSpread = bucketing !== undefined && planned.partitioning.kind !== 'single' && keys.length > 0
  const input = isSpread
    ? toHash(planned, [bucketOf(keys, bucketing.bucketCount)], bucketing.bucketCount, planner)
    : planned
  const partitionCount = countOf(input.partitioning)
  const { sink, request } = plan
  return {
    plan: {
      kind: 'WriteExec',
      id: planner.nextId(),
      schema: schemaOf(plan),
      input: input.plan,
      sink,
      request,
    },
    columns: plan.columns,
    partitioning: partitionCount === 1 ? SINGLE : { kind: 'unknown', partitionCount },
  }
}

/** The bucket of a row as the sink numbers it: Spark's hash of the columns, by the number of buckets. */
function bucketOf(keys: readonly Expr[], bucketCount: number): Expr {
  const hash: Expr = { kind: 'call', name: 'hash', args: keys, type: types.int32 }
  const count: Expr = { kind: 'literal', value: bucketCount, type: types.int32 }
  return { kind: 'call', name: 'pmod', args: [hash, count], type: types.int32 }
}

async function planUserCode(
  plan: Extract<LogicalPlan, { kind: 'UserCode' }>,
  planner: Planner,
): Promise<Planned> {
  const input = plan.input === null ? null : await planner.plan(plan.input)
  const partitionCount = input === null ? plan.partitionCount : countOf(input.partitioning)
  const base = { id: planner.nextId(), schema: schemaOf(plan), input: input?.plan ?? null }
  return {
    plan: { kind: 'UserCodeExec', ...base, partitionCount, program: plan.program },
    columns: plan.columns,
    partitioning: partitionCount === 1 ? SINGLE : { kind: 'unknown', partitionCount },
  }
}
