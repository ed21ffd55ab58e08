import { type RecordBatch, takeBatch } from '../batch/index.ts'
import type { RowFilter, ScanRequest, SourceContext } from '../connect/index.ts'
import type { Region } from '../memory/index.ts'
import type { ScanExec } from '../plan/index.ts'
import { mergeSmall } from './merge-small.ts'
import type { Operator, TaskContext } from './operator.ts'
import { rowFilterOf } from './scan-filter.ts'

/**
 * Reads the splits of its partition, one after the other. Its filter goes to the source if that applies
 * filters while it reads, else it is applied here.
 */
export const scan: Operator<ScanExec> = {
  execute(node, _inputs, context): AsyncIterable<RecordBatch> {
    const batches = readSplits(node, context)
    const isFiltered = node.filter !== null || node.runtimeFilters.length > 0
    return isFiltered ? mergeSmall(batches, node.schema, context) : batches
  },
}

async function* readSplits(node: ScanExec, context: TaskContext): AsyncIterable<RecordBatch> {
  const source = context.source(node.source)
  const sourceContext = sourceContextOf(context, node.id)
  const scratch = context.createRegion()
  const taken = context.createRegion()
  try {
    const filter = rowFilterOf(node, context, scratch)
    const isHere = filter !== null && source.filters !== true
    const request = isHere ? node.request : outputRequest(node)
    const splits = node.partitions[context.partition] ?? []
    context.checkCancelled()
    for await (const batch of source.read(splits, request, sourceContext, filter)) {
      context.checkCancelled()
      if (!isHere) yield batch
      else {
        taken.reset()
        const rows = selectRows(node, filter, batch, taken)
        if (rows.rowCount > 0) yield rows
      }
    }
  } finally {
    scratch.free()
    taken.free()
  }
}

/** The request with the columns that are given only. */
function outputRequest({ request, output }: ScanExec): ScanRequest {
  return output === null ? request : { ...request, columns: output.map((index) => request.columns[index]!) }
}

/** The wanted rows of a batch of all columns, with the columns that are given. */
function selectRows(node: ScanExec, filter: RowFilter, batch: RecordBatch, region: Region): RecordBatch {
  const { request, output } = node
  const indices = region.int32(batch.rowCount)
  const tested = filter.columns.map((name) => batch.columns[request.columns.indexOf(name)]!)
  const count = filter.select({ rowCount: batch.rowCount, columns: tested }, indices)
  const columns = output === null ? batch.columns : output.map((index) => batch.columns[index]!)
  const given = { rowCount: batch.rowCount, columns }
  return count === batch.rowCount ? given : takeBatch(given, indices, count, region)
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
