import type { RecordBatch } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { JoinBuildExec, TableReadExec } from '../plan/index.ts'
import { isSpilled } from '../shuffle/index.ts'
import {
  areTooLarge,
  type BuildSpec,
  collectBuild,
  partsOf,
  type TableRegions,
  tableOrParts,
} from './build-side.ts'
import { concatBatches } from './concat-batches.ts'
import { type JoinTable, newMarks } from './join-table.ts'
import type { Operator, TaskContext } from './operator.ts'
import { SpillPartitions } from './spill-partitions.ts'

/**
 * Makes the table that all tasks of the join probe; or, if memory does not hold it, rows by partition on
 * disk. Gives no rows: the table is what its stage leaves.
 */
export const joinBuild: Operator<JoinBuildExec> = {
  // biome-ignore lint/correctness/useYield: what it gives is left with the context.
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const regions = { rows: context.createRegion(), table: context.createRegion() }
    const { id: nodeId, schema, keys, nullSafe } = node
    const spec: BuildSpec = { nodeId, schema, keys, nullSafe, needs: node, level: 0 }
    const made = await build(node, input!, spec, regions, context)
    if (made instanceof SpillPartitions) leaveParts(node, made, context)
    else context.leaveTable(made, oneRegion(made, regions))
  },
}

/** From what an earlier stage left, if that lies in memory, or else from rows as they come. */
async function build(
  node: JoinBuildExec,
  input: AsyncIterable<RecordBatch>,
  spec: BuildSpec,
  regions: TableRegions,
  context: TaskContext,
): Promise<JoinTable | SpillPartitions> {
  if (node.input.kind !== 'ShuffleReadExec') return collectBuild(input, spec, regions, context)
  const blocks = context.shuffleBlocks(node.input.stageId)
  const batches = blocks.flatMap((block) => (isSpilled(block) ? [] : [block]))
  if (batches.length < blocks.length) return collectBuild(input, spec, regions, context)
  const parts = areTooLarge(batches, context) ? partsOf(batches, spec, context) : null
  if (parts !== null) return parts
  const rows = concatBatches(batches, node.schema, regions.rows)
  context.count(node.input.id, 'rows', rows.rowCount)
  context.count(node.id, 'buildRows', rows.rowCount)
  return tableOrParts(batches, rows, spec, regions, context)
}

function leaveParts({ markingTasks }: JoinBuildExec, parts: SpillPartitions, context: TaskContext): void {
  const region = context.createRegion()
  const { writer, ...rows } = parts.finish()
  const marks = markingTasks === 0 ? null : newMarks(rows.rowCount, markingTasks, region)
  context.leaveTable({ kind: 'parted', ...rows, marks }, region, writer)
}

function oneRegion({ build }: JoinTable, { rows, table }: TableRegions): Region {
  // A table that knows keys only has let go of the rows.
  if (build.columns.length === 0) rows.free()
  else table.absorb(rows)
  return table
}

/** Gives no rows: joins ask the context for the table. */
export const tableRead: Operator<TableReadExec> = {
  async *execute(): AsyncIterable<RecordBatch> {
    yield* []
  },
}
