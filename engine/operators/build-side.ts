import { bytesOfBatches, type RecordBatch } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { Schema } from '../types/index.ts'
import { ColumnCollector } from './column-collector.ts'
import { buildJoinTable, type JoinMarks, type JoinTable, type JoinTableNeeds } from './join-table.ts'
import type { TaskContext } from './operator.ts'
import { MAX_SPILL_LEVELS, type PartedFrames, SpillPartitions, type SpillTarget } from './spill-partitions.ts'

/** What a build stage leaves: a table in memory, or its rows on disk. */
export type BuildSide = JoinTable | PartedBuild

/** The build rows of a join that memory does not hold, parted by the hash of their keys. Plain data. */
export interface PartedBuild extends PartedFrames {
  readonly kind: 'parted'
  readonly rowCount: number
  /** Which rows found a match, those of partition 0 first. */
  readonly marks: JoinMarks | null
}

/** The build side of a join: its rows, keys, and what the table has to know. */
export interface BuildSpec {
  readonly nodeId: number
  readonly schema: Schema
  readonly keys: readonly Expr[]
  readonly nullSafe: readonly boolean[]
  readonly needs: JoinTableNeeds
  /** How often the rows were parted already; null: they must not be. */
  readonly level: number | null
}

/** What makes a table, in two regions: one may go before the other. */
export interface TableRegions {
  /** Rows, which a table that only knows keys does not need. */
  readonly rows: Region
  readonly table: Region
}

/** More bytes a row that a table takes beside the rows. */
const TABLE_BYTES_PER_ROW = 24

/**
 * The table over all rows of an input, or the rows by partition if memory does not hold both; then the
 * regions are empty.
 */
export async function collectBuild(
  input: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  spec: BuildSpec,
  regions: TableRegions,
  context: TaskContext,
): Promise<JoinTable | SpillPartitions> {
  const collector = new ColumnCollector(spec.schema, context)
  const target = targetOf(spec, context)
  let parts: SpillPartitions | null = null
  try {
    for await (const batch of input) {
      context.checkCancelled()
      if (parts !== null) {
        parts.add(batch)
        continue
      }
      collector.add(batch)
      const { heldBytes, rowCount } = collector
      if (target === null || !isTooLarge(heldBytes, rowCount, context)) continue
      parts = new SpillPartitions(target, context)
      for (const kept of collector.batches()) parts.add(kept)
      collector.free()
    }
    if (parts !== null) {
      parts.flush()
      return parts
    }
    const rows = collector.join(regions.rows)
    context.count(spec.nodeId, 'buildRows', rows.rowCount)
    return tableOrParts([rows], rows, spec, regions, context)
  } finally {
    collector.free()
  }
}

/** Whether rows of a build side should go to disk rather than wait for more and then become a table. */
function isTooLarge(heldBytes: number, rowCount: number, context: TaskContext): boolean {
  // While columns are joined, one of them is held twice.
  return context.pool.shouldSpill(heldBytes, Math.max(rowCount * TABLE_BYTES_PER_ROW, heldBytes / 4))
}

/** Whether batches, joined, and a table over them may be too much. */
export function areTooLarge(batches: readonly RecordBatch[], context: TaskContext): boolean {
  const rowCount = batches.reduce((sum, batch) => sum + batch.rowCount, 0)
  return context.pool.shouldSpill(bytesOfBatches(batches), rowCount * TABLE_BYTES_PER_ROW)
}

/** Rows of a build side by partition. */
export function partsOf(
  batches: Iterable<RecordBatch>,
  spec: BuildSpec,
  context: TaskContext,
): SpillPartitions | null {
  const target = targetOf(spec, context)
  return target === null ? null : addAll(new SpillPartitions(target, context), batches)
}

/**
 * The table over `rows`, or, where memory ran out on the way, the same rows, which are also `batches`, by
 * partition.
 */
export function tableOrParts(
  batches: readonly RecordBatch[],
  rows: RecordBatch,
  spec: BuildSpec,
  regions: TableRegions,
  context: TaskContext,
): JoinTable | SpillPartitions {
  try {
    return tableOf(rows, spec, regions.table, context)
  } catch (error) {
    // Others may have taken the memory since it was asked after.
    const isExhausted = error instanceof EngineError && error.code === 'RESOURCES_EXHAUSTED'
    const target = targetOf(spec, context)
    if (!isExhausted || target === null) throw error
    regions.table.free()
    const parts = addAll(new SpillPartitions(target, context), batches)
    regions.rows.free()
    return parts
  }
}

function tableOf(rows: RecordBatch, spec: BuildSpec, region: Region, context: TaskContext): JoinTable {
  const evalContext = context.evalContext(region)
  const vectors = spec.keys.map((expr) => evaluate(expr, rows, evalContext))
  const types = spec.keys.map(({ type }) => type)
  return buildJoinTable(rows, vectors, types, spec.nullSafe, spec.needs, evalContext)
}

function targetOf({ nodeId, level, keys }: BuildSpec, context: TaskContext): SpillTarget | null {
  if (level === null || level >= MAX_SPILL_LEVELS) return null
  return partedByKeys(nodeId, level, keys, context)
}

/** Parts rows by the values of expressions. */
export function partedByKeys(
  nodeId: number,
  level: number,
  keys: readonly Expr[],
  context: TaskContext,
): SpillTarget {
  const keysOf = (batch: RecordBatch, scratch: Region): RecordBatch['columns'] =>
    keys.map((expr) => evaluate(expr, batch, context.evalContext(scratch)))
  return { nodeId, level, keysOf }
}

function addAll(parts: SpillPartitions, batches: Iterable<RecordBatch>): SpillPartitions {
  for (const batch of batches) parts.add(batch)
  parts.flush()
  return parts
}
