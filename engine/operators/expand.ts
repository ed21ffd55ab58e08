import type { RecordBatch } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { ExpandExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** Every batch once per projection: the rows of each grouping set. */
export const expand: Operator<ExpandExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    try {
      for await (const batch of input!) {
        for (const projection of node.projections) {
          region.reset()
          const evalContext = context.evalContext(region)
          yield {
            rowCount: batch.rowCount,
            columns: projection.map((expr) => evaluate(expr, batch, evalContext)),
          }
        }
      }
    } finally {
      region.free()
    }
  },
}
