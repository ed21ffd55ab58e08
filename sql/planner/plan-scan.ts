import type { Split, SplitPlan } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { ScanRequestData } from '../../engine/plan/index.ts'
import { type Scan, schemaOf } from '../plan/index.ts'
import { type Partitioning, SINGLE } from './partitioning.ts'
import type { Planned, Planner } from './planned.ts'

/** Tasks a thread: enough that a slow one does not hold up the rest. */
const TASKS_PER_THREAD = 4
/** A task with less than both is not worth its start. */
const TASK_BYTES = 4 << 20
const TASK_ROWS = 64 << 10

/** A scan with its splits dealt out to tasks; by bucket where a join or grouping gains from it. */
export async function planScan(scan: Scan, planner: Planner): Promise<Planned> {
  const { table } = scan
  const request: ScanRequestData = {
    options: table.options,
    schema: table.schema,
    columns: scan.columns.map(({ name }) => name),
    predicates: scan.predicates,
  }
  const { splits, notes } = await splitsOf(scan, request, planner)
  const buckets = bucketsOf(scan, splits, planner)
  const partitions = buckets?.partitions ?? dealOut(splits, planner.context.threads * TASKS_PER_THREAD)
  const partitioning: Partitioning =
    buckets?.partitioning ??
    (partitions.length === 1 ? SINGLE : { kind: 'unknown', partitionCount: partitions.length })
  const bucketed = buckets === undefined ? [] : [`bucketed by ${table.bucketing!.columns.join(', ')}`]
  return {
    plan: {
      kind: 'ScanExec',
      id: planner.nextId(),
      schema: schemaOf(scan),
      source: table.source,
      table: table.name,
      request,
      filter: null,
      output: null,
      partitions,
      notes: [...notes, ...bucketed],
      runtimeFilters: [],
    },
    columns: scan.columns,
    partitioning,
  }
}

/** A table that had no rows when it was looked at may have no files either; it is empty, not an error. */
async function splitsOf({ table }: Scan, request: ScanRequestData, planner: Planner): Promise<SplitPlan> {
  try {
    return await planner.context.planSplits({ source: table.source, request })
  } catch (error) {
    const isEmpty =
      error instanceof EngineError && error.code === 'FILE_NOT_FOUND' && table.statistics.rowCount === 0
    if (isEmpty) return { splits: [], notes: [] }
    throw error
  }
}

/**
 * Partition p reads bucket p, if the table is bucketed and some operator wants its rows together by those
 * columns.
 */
function bucketsOf(
  scan: Scan,
  splits: readonly Split[],
  planner: Planner,
): { partitions: readonly (readonly Split[])[]; partitioning: Partitioning } | undefined {
  const { bucketing } = scan.table
  if (bucketing === undefined || splits.length === 0) return undefined
  const columns = bucketing.columns.map((name) => scan.columns.find((column) => column.name === name))
  const ids = columns.map((column) => column?.id)
  const isWanted = planner.clusterings.some((wanted) => ids.every((id) => id !== undefined && wanted.has(id)))
  if (!isWanted || splits.some(({ bucket }) => bucket === undefined)) return undefined
  const partitions = Array.from({ length: bucketing.bucketCount }, (): Split[] => [])
  for (const split of splits) partitions[split.bucket!]?.push(split)
  const keys = columns.map((column) => [`#${column!.id}`])
  const partitionCount = bucketing.bucketCount
  return { partitions, partitioning: { kind: 'hash', family: 'bucket', keys, partitionCount } }
}

/** Splits in order, in at most `most` groups of about equal bytes; at least one group. */
function dealOut(splits: readonly Split[], most: number): readonly (readonly Split[])[] {
  const bytes = splits.reduce((sum, split) => sum + split.sizeBytes, 0)
  const rows = splits.reduce((sum, split) => sum + (split.rowCount ?? 0), 0)
  const worthwhile = Math.max(1, Math.ceil(bytes / TASK_BYTES), Math.ceil(rows / TASK_ROWS))
  const groupCount = Math.min(splits.length, most, worthwhile)
  if (groupCount <= 1) return [splits]
  const groups = Array.from({ length: groupCount }, (): Split[] => [])
  const weights = splits.map((split) => Math.max(1, split.sizeBytes))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let before = 0
  for (const [index, split] of splits.entries()) {
    const middle = before + weights[index]! / 2
    groups[Math.min(groupCount - 1, Math.floor((middle / total) * groupCount))]!.push(split)
    before += weights[index]!
  }
  return groups.filter((group) => group.length > 0)
}
