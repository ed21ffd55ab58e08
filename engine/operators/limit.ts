import { type RecordBatch, sliceBatch } from '../batch/index.ts'
import type { LimitExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** Skips rows, then gives at most `fetch`, and stops its input as soon as it has them. */
export const limit: Operator<LimitExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    let toSkip = node.skip
    let toGive = node.fetch ?? Number.POSITIVE_INFINITY
    if (toGive === 0) return
    const region = context.createRegion()
    try {
      for await (const batch of input!) {
        const from = Math.min(toSkip, batch.rowCount)
        toSkip -= from
        const count = Math.min(toGive, batch.rowCount - from)
        toGive -= count
        region.reset()
        if (count > 0) yield sliceBatch(batch, from, count, region)
        if (toGive === 0) return
      }
    } finally {
      region.free()
    }
  },
}
