import type { RecordBatch } from '../batch/index.ts'
import { evaluateAll } from '../evaluate/index.ts'
import type { ProjectExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** One column an expression. Order and partitioning are unchanged. */
export const project: Operator<ProjectExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    let rowOffset = 0
    try {
      for await (const batch of input!) {
        region.reset()
        const evalContext = context.evalContext(region, rowOffset)
        rowOffset += batch.rowCount
        const columns = evaluateAll(node.exprs, batch, evalContext)
        yield { rowCount: batch.rowCount, columns }
      }
    } finally {
      region.free()
    }
  },
}
