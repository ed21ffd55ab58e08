import { type RecordBatch, takeBatch } from '../batch/index.ts'
import type { SampleExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** Keeps each row with the given probability; the same seed, partition and position give the same choice. */
export const sample: Operator<SampleExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    const threshold = Math.min(1, Math.max(0, node.fraction)) * 0x1_0000_0000
    let position = 0
    try {
      for await (const batch of input!) {
        region.reset()
        const indices = region.int32(batch.rowCount)
        let count = 0
        for (let row = 0; row < batch.rowCount; row++)
          if (mix(node.seed, context.partition, position++) < threshold) indices[count++] = row
        if (count > 0) yield takeBatch(batch, indices, count, region)
      }
    } finally {
      region.free()
    }
  },
}

/** A 32-bit hash of three numbers, evenly spread (the finalizer of MurmurHash3). */
function mix(seed: number, partition: number, position: number): number {
  let hash = Math.imul(seed ^ Math.imul(partition + 1, 0x9e3779b1), 0x85ebca6b) ^ position
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
