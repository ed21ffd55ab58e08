import type { RecordBatch } from '../batch/index.ts'
import type { FusedProbes } from './fuse-probes.ts'
import type { TaskContext } from './operator.ts'
import { ProbedBatches } from './probed-batch.ts'

/**
 * The rows of joins, filters and projections that one function does: a batch for each that streams. Counts
 * the rows of all nodes but the topmost, `nodeId`.
 */
export async function* probeRows(
  fused: FusedProbes,
  nodeId: number,
  input: AsyncIterable<RecordBatch>,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const region = context.createRegion()
  const probed = new ProbedBatches(fused, context)
  const passed = fused.lookups.map(() => 0)
  try {
    for await (const batch of input) {
      context.checkCancelled()
      if (batch.rowCount === 0) continue
      region.reset()
      const wide = probed.wide(batch)
      const matches = probed.match(wide, 0, region)
      matches.passed.forEach((count, step) => {
        passed[step]! += count
      })
      if (matches.count > 0) yield probed.given(wide, matches, region)
    }
  } finally {
    for (const [step, id] of fused.nodes.entries())
      if (id !== null && id !== nodeId) context.count(id, 'rows', passed[step]!)
    region.free()
    probed.free()
  }
}
