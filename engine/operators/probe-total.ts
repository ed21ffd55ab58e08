import type { RecordBatch } from '../batch/index.ts'
import { AggregateGroups } from './aggregate-groups.ts'
import { partsOf } from './fuse-aggregate.ts'
import type { FusedTotal } from './fuse-total.ts'
import type { TaskContext } from './operator.ts'
import { ProbedBatches } from './probed-batch.ts'

/** The result, or the partial state, of a total over joins that one function does. */
export async function* probeTotal(
  { node, probes }: FusedTotal,
  input: AsyncIterable<RecordBatch>,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const scratch = context.createRegion()
  const groups = new AggregateGroups(node, null, context, probes.probes)
  const probed = new ProbedBatches(probes, context)
  const parts = partsOf(node)
  let isEmpty = true
  try {
    for await (const batch of input) {
      context.checkCancelled()
      if (batch.rowCount === 0) continue
      isEmpty = false
      scratch.reset()
      const wide = probed.wide(batch)
      const done = groups.addProbed(wide, scratch)
      if (done === batch.rowCount) continue
      const matches = probed.match(wide, done, scratch)
      if (matches.count > 0) groups.add(probed.narrow(wide, matches, parts, scratch), scratch, 0)
    }
    // Without rows a partial total sends nothing: the final one makes the row of an empty total.
    if (!isEmpty || node.mode === 'complete') yield* groups.results(scratch)
  } finally {
    scratch.free()
    groups.free()
    probed.free()
  }
}
