import { type RecordBatch, takeBatch } from '../batch/index.ts'
import type { SourceContext } from '../connect/index.ts'
import type { ScanExec } from '../plan/index.ts'
import type { Operator, TaskContext } from './operator.ts'
import { RuntimeFilters } from './runtime-filters.ts'

/** Reads the splits of its partition, one after the other. */
export const scan: Operator<ScanExec> = {
  async *execute(node, _inputs, context): AsyncIterable<RecordBatch> {
    const source = context.source(node.source)
    const sourceContext = sourceContextOf(context, node.id)
    const filters =
      node.runtimeFilters.length === 0 ? null : new RuntimeFilters(node, context, (column) => column)
    const scratch = context.createRegion()
    for (const split of node.partitions[context.partition] ?? []) {
      context.checkCancelled()
      for await (const batch of source.read(split, node.request, sourceContext)) {
        context.checkCancelled()
        if (filters === null) yield batch
        else {
          scratch.reset()
          const rows = scratch.int32(batch.rowCount)
          const count = filters.select(batch, null, batch.rowCount, rows, scratch)
          if (count > 0) yield count === batch.rowCount ? batch : takeBatch(batch, rows, count, scratch)
        }
      }
    }
  },
}

/** A task as connectors see it; their counters go to node `nodeId`. */
export function sourceContextOf(context: TaskContext, nodeId: number): SourceContext {
  return {
    pool: context.pool,
    settings: context.settings,
    createRegion: () => context.createRegion(),
    checkCancelled: () => context.checkCancelled(),
    count: (metric, amount) => context.count(nodeId, metric, amount),
    fileSystem: (path) => context.fileSystem(path),
  }
}
