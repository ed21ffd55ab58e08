import { type RecordBatch, takeBatch } from '../batch/index.ts'
import { evaluatePredicate } from '../evaluate/index.ts'
import type { LateFilterExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** Leaves out rows of closed windows; `lateRows` counts them. A row without event time is one of them. */
export const lateFilter: Operator<LateFilterExec> = {
  async *execute({ id, predicate }, [input], context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    try {
      for await (const batch of input!) {
        region.reset()
        const { indices, count } = evaluatePredicate(predicate, batch, context.evalContext(region))
        if (count < batch.rowCount) context.count(id, 'lateRows', batch.rowCount - count)
        if (count === batch.rowCount) yield batch
        else if (count > 0) yield takeBatch(batch, indices, count, region)
      }
    } finally {
      region.free()
    }
  },
}
