import type { RecordBatch } from '../batch/index.ts'
import type { SourceContext } from '../connect/index.ts'
import type { ScanExec } from '../plan/index.ts'
import type { Operator, TaskContext } from './operator.ts'

/** Reads the splits of its partition, one after the other. */
export const scan: Operator<ScanExec> = {
  async *execute(node, _inputs, context): AsyncIterable<RecordBatch> {
    const source = context.source(node.source)
    const sourceContext = sourceContextOf(context, node.id)
    for (const split of node.partitions[context.partition] ?? []) {
      context.checkCancelled()
      for await (const batch of source.read(split, node.request, sourceContext)) {
        context.checkCancelled()
        yield batch
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
