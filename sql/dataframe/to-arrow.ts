import { type ArrowTable, toArrow } from '../../engine/arrow/index.ts'
import type { RecordBatch } from '../../engine/batch/index.ts'
import type { RunningRows } from './executor.ts'

/** All rows of a query as an apache-arrow table, copied out of the engine's memory batch by batch. */
export async function toArrowTable({ schema, batches }: RunningRows): Promise<ArrowTable> {
  async function* released(): AsyncGenerator<RecordBatch, void, void> {
    for await (const { batch, release } of batches) {
      try {
        yield batch
      } finally {
        release()
      }
    }
  }
  return await toArrow(schema, released())
}
