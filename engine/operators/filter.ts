import { type RecordBatch, takeBatch } from '../batch/index.ts'
import { evaluatePredicate } from '../evaluate/index.ts'
import type { FilterExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/**
 * Keeps the rows whose predicate is TRUE; FALSE and NULL rows are dropped. Order and partitioning are
 * unchanged.
 */
export const filter: Operator<FilterExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    let rowOffset = 0
    try {
      for await (const batch of input!) {
        region.reset()
        const { indices, count } = evaluatePredicate(
          node.predicate,
          batch,
          context.evalContext(region, rowOffset),
        )
        rowOffset += batch.rowCount
        if (count === batch.rowCount) yield batch
        else if (count > 0) yield takeBatch(batch, indices, count, region)
      }
    } finally {
      region.free()
    }
  },
}
