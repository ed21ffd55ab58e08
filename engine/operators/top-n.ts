import { BATCH_ROWS, type RecordBatch, takeBatch } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { TopNExec } from '../plan/index.ts'
import { BatchCollector } from './collect.ts'
import type { Operator, TaskContext } from './operator.ts'
import { sortRows } from './sort.ts'

/** Candidates kept between two sorts, at least. */
const MIN_CANDIDATES = 32_768

/**
 * The first rows by the keys: each batch is cut to its own first rows, and candidates are sorted again when
 * they are many.
 */
export const topN: Operator<TopNExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const wanted = node.skip + node.fetch
    if (node.fetch === 0) return
    const scratch = context.createRegion()
    let held = context.createRegion()
    try {
      let candidates = new BatchCollector(held)
      for await (const batch of input!) {
        context.checkCancelled()
        scratch.reset()
        candidates.add(firstByKeys(batch, node, wanted, scratch, context))
        if (candidates.rowCount < Math.max(MIN_CANDIDATES, wanted * 4)) continue
        const next = context.createRegion()
        try {
          scratch.reset()
          const fewer = new BatchCollector(next)
          fewer.add(firstByKeys(candidates.join(scratch)!, node, wanted, scratch, context))
          candidates = fewer
        } finally {
          held.free()
          held = next
        }
      }
      scratch.reset()
      const all = candidates.join(scratch)
      if (all === null) return
      const indices = sortRows(all, node.keys, scratch, scratch, context)
      yield* pages(all, indices, node, held)
    } finally {
      scratch.free()
      held.free()
    }
  },
}

function firstByKeys(
  batch: RecordBatch,
  node: TopNExec,
  wanted: number,
  scratch: Region,
  context: TaskContext,
): RecordBatch {
  if (batch.rowCount <= wanted) return batch
  return takeBatch(batch, sortRows(batch, node.keys, scratch, scratch, context), wanted, scratch)
}

function* pages(
  rows: RecordBatch,
  indices: Int32Array,
  node: TopNExec,
  region: Region,
): Iterable<RecordBatch> {
  const end = Math.min(rows.rowCount, node.skip + node.fetch)
  for (let from = node.skip; from < end; from += BATCH_ROWS) {
    const count = Math.min(BATCH_ROWS, end - from)
    yield takeBatch(rows, indices.subarray(from, from + count), count, region)
  }
}
