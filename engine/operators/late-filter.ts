import { type RecordBatch, takeBatch } from '../batch/index.ts'
import type { WriteRequest } from '../connect/index.ts'
import { evaluatePredicate } from '../evaluate/index.ts'
import type { Region } from '../memory/index.ts'
import type { LateFilterExec, LateRows } from '../plan/index.ts'
import { type OwnedDictionaries, ownRows } from '../shuffle/index.ts'
import type { Operator, TaskContext } from './operator.ts'
import { sourceContextOf } from './scan.ts'

/**
 * Leaves out rows of closed windows; `lateRows` counts them. A row without event time is one of them. They
 * are few: they are held until the end and then written, if the query has a place for them.
 */
export const lateFilter: Operator<LateFilterExec> = {
  async *execute({ id, predicate, late }, [input], context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    const held = context.createRegion()
    const rows: RecordBatch[] = []
    const owned: OwnedDictionaries = new Map()
    try {
      for await (const batch of input!) {
        region.reset()
        const { indices, count } = evaluatePredicate(predicate, batch, context.evalContext(region))
        if (count < batch.rowCount) {
          context.count(id, 'lateRows', batch.rowCount - count)
          if (late !== null) {
            const others = othersOf(indices, count, batch.rowCount, region)
            rows.push(ownRows(batch, others, others.length, held, owned))
          }
        }
        if (count === batch.rowCount) yield batch
        else if (count > 0) yield takeBatch(batch, indices, count, region)
      }
      if (late !== null && rows.length > 0) await write(late, rows, id, context)
    } finally {
      region.free()
      held.free()
    }
  },
}

/** The rows that are not among `count` ascending ones. */
function othersOf(indices: Int32Array, count: number, rowCount: number, region: Region): Int32Array {
  const out = region.int32(rowCount - count)
  let [at, next] = [0, 0]
  for (let row = 0; row < rowCount; row++)
    if (next < count && indices[next] === row) next++
    else out[at++] = row
  return out
}

async function write(
  { sink, options, schema, queryId, batchId }: LateRows,
  rows: readonly RecordBatch[],
  nodeId: number,
  context: TaskContext,
): Promise<void> {
  const request: WriteRequest = {
    options,
    schema,
    mode: 'append',
    partitionColumns: [],
    jobId: `${queryId}-${batchId}-late`,
    stream: { queryId, batchId },
  }
  const task = { partition: context.partition, attempt: context.attempt }
  const part = await context
    .sink(sink)
    .write(batchesOf(rows), request, task, sourceContextOf(context, nodeId))
  context.leavePart({ ...part, note: { kind: 'late', request, sink } })
}

async function* batchesOf(rows: readonly RecordBatch[]): AsyncIterable<RecordBatch> {
  yield* rows
}
