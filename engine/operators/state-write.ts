import { type RecordBatch, takeBatch } from '../batch/index.ts'
import { evaluatePredicate } from '../evaluate/index.ts'
import type { StateWriteExec } from '../plan/index.ts'
import { StateFileWriter } from '../state/index.ts'
import type { Operator } from './operator.ts'

/** Writes rows that changed, or all, on their way into a file of the state; no rows, no file. */
export const stateWrite: Operator<StateWriteExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const { path, batchId, operator, predicate } = node
    const fileSystem = context.fileSystem(path)
    const region = context.createRegion()
    let writer: StateFileWriter | null = null
    try {
      for await (const batch of input!) {
        region.reset()
        const rows =
          predicate === null ? null : evaluatePredicate(predicate, batch, context.evalContext(region))
        if ((rows?.count ?? batch.rowCount) > 0) {
          writer ??= await StateFileWriter.create(fileSystem, path, batchId, context.partition, context.pool)
          await writer.append(rows === null ? batch : takeBatch(batch, rows.indices, rows.count, region))
        }
        yield batch
      }
      if (writer === null) return
      const done = writer
      writer = null
      const { rowCount, bytes } = await done.finish()
      const note = { kind: 'state', operator, partition: context.partition, path: done.path } as const
      context.leavePart({ rowCount, sizeBytes: bytes, data: null, note })
    } finally {
      region.free()
      await writer?.abort()
    }
  },
}
