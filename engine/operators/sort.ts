import { BATCH_ROWS, type RecordBatch, takeBatch } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { SortKey } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { SortExec } from '../plan/index.ts'
import { collectInput } from './collect.ts'
import type { Operator, TaskContext } from './operator.ts'
import { sortIndices, sortWords } from './row-order.ts'

/** All rows of the partition in the order of the keys; rows with equal keys keep the order they came in. */
export const sort: Operator<SortExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const held = context.createRegion()
    const scratch = context.createRegion()
    const out = context.createRegion()
    try {
      const rows = await collectInput(input!, node.input.schema, held, context)
      if (rows.rowCount === 0) return
      const indices = sortRows(rows, node.keys, scratch, held, context)
      scratch.reset()
      for (let from = 0; from < rows.rowCount; from += BATCH_ROWS) {
        context.checkCancelled()
        out.reset()
        const count = Math.min(BATCH_ROWS, rows.rowCount - from)
        yield takeBatch(rows, indices.subarray(from, from + count), count, out)
      }
    } finally {
      out.free()
      scratch.free()
      held.free()
    }
  },
}

/** The rows of a batch in the order of the keys, as indices in `region`; words live in `scratch`. */
export function sortRows(
  rows: RecordBatch,
  keys: readonly SortKey[],
  scratch: Region,
  region: Region,
  context: TaskContext,
): Int32Array {
  const words = keyWords(rows, keys, scratch, context)
  const sorted = sortIndices(words, rows.rowCount, scratch)
  const indices = region.int32(rows.rowCount)
  indices.set(sorted)
  return indices
}

/** The sort words of all keys, most significant first. */
export function keyWords(
  rows: RecordBatch,
  keys: readonly SortKey[],
  region: Region,
  context: TaskContext,
): Uint32Array[] {
  const evalContext = context.evalContext(region)
  return keys.flatMap((key) => sortWords(evaluate(key.expr, rows, evalContext), rows.rowCount, key, region))
}
