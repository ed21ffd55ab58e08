import { fixedVector, type RecordBatch } from '../batch/index.ts'
import type { WriteExec } from '../plan/index.ts'
import { types } from '../types/index.ts'
import type { Operator } from './operator.ts'
import { sourceContextOf } from './scan.ts'

/**
 * Writes the rows of its partition through the sink; gives one row: rows and bytes written.
 * What the sink's `commit` needs is left as the task's written part.
 */
export const write: Operator<WriteExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const sink = context.sink(node.sink)
    const task = { partition: context.partition, attempt: context.attempt }
    const part = await sink.write(input!, node.request, task, sourceContextOf(context, node.id))
    context.leavePart(part)
    const region = context.createRegion()
    try {
      const [rows, bytes] = [region.int64(1), region.int64(1)]
      rows[0] = BigInt(part.rowCount)
      bytes[0] = BigInt(part.sizeBytes)
      yield { rowCount: 1, columns: [fixedVector(types.int64, 1, rows), fixedVector(types.int64, 1, bytes)] }
    } finally {
      region.free()
    }
  },
}
