import { type RecordBatch, takeBatch } from '../batch/index.ts'
import type { StateReadExec } from '../plan/index.ts'
import { readStateFile } from '../state/index.ts'
import { HashTable } from './hash-table.ts'
import type { Operator } from './operator.ts'

/** A snapshot and the changes after it, put together: of rows with equal keys the last one. */
export const stateRead: Operator<StateReadExec> = {
  async *execute({ keyCount, partitions, schema }, _inputs, context): AsyncIterable<RecordBatch> {
    const files = partitions[context.partition] ?? []
    const region = context.createRegion()
    const scratch = context.createRegion()
    try {
      const keyTypes = schema.fields.slice(0, keyCount).map(({ type }) => type)
      const table = new HashTable(
        keyTypes,
        region,
        keyTypes.map(() => true),
      )
      const batches: RecordBatch[] = []
      /** By key: the row that counts, over all batches. */
      const last: number[] = []
      let rowOffset = 0
      for (const path of files)
        for await (const batch of readStateFile(context.fileSystem(path), path, context.pool, region)) {
          context.checkCancelled()
          scratch.reset()
          const numbers = scratch.int32(batch.rowCount)
          if (keyCount === 0) numbers.fill(0)
          else table.insert(batch.columns.slice(0, keyCount), batch.rowCount, numbers)
          for (let row = 0; row < batch.rowCount; row++) last[numbers[row]!] = rowOffset + row
          rowOffset += batch.rowCount
          batches.push(batch)
        }
      yield* rowsThatCount(batches, Float64Array.from(last).sort(), context.createRegion())
    } finally {
      region.free()
      scratch.free()
    }
  },
}

/** `rows`: ascending numbers over all batches. */
function* rowsThatCount(
  batches: readonly RecordBatch[],
  rows: Float64Array,
  region: ReturnType<Parameters<typeof stateRead.execute>[2]['createRegion']>,
): Iterable<RecordBatch> {
  let at = 0
  let rowOffset = 0
  for (const batch of batches) {
    region.reset()
    const indices = region.int32(batch.rowCount)
    let count = 0
    while (at < rows.length && rows[at]! < rowOffset + batch.rowCount)
      indices[count++] = rows[at++]! - rowOffset
    rowOffset += batch.rowCount
    if (count > 0) yield takeBatch(batch, indices, count, region)
  }
}
