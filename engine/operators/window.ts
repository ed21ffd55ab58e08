import { BATCH_ROWS, type RecordBatch, slice, take, takeBatch, type Vector } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import { evaluate } from '../evaluate/index.ts'
import { lookupWindowFunction, type WindowRows } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import type { WindowCall, WindowExec } from '../plan/index.ts'
import { BatchCollector, collectInput } from './collect.ts'
import { aggregateFrames } from './frame-aggregate.ts'
import { frameBounds } from './frame-bounds.ts'
import { GroupedAggregate } from './grouped-aggregate.ts'
import type { Operator, TaskContext } from './operator.ts'
import { sortIndices } from './row-order.ts'
import { runningDouble } from './running-sum.ts'
import { keyWords } from './sort.ts'
import { windowGroups } from './window-rows.ts'

/**
 * Sorts all rows by partition and order, computes each call over all of them, and gives them in that order.
 */
export const window: Operator<WindowExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const held = context.createRegion()
    const out = context.createRegion()
    try {
      const sorted = await sortedRows(node, input!, held, context)
      if (sorted === null) return
      const results = node.calls.map((call) => evaluateCall(call, node, sorted, held, context))
      const all = [...sorted.batch.columns, ...results]
      for (let from = 0; from < sorted.rowCount; from += BATCH_ROWS) {
        context.checkCancelled()
        out.reset()
        const count = Math.min(BATCH_ROWS, sorted.rowCount - from)
        yield { rowCount: count, columns: all.map((column) => slice(column, from, count, out)) }
      }
    } finally {
      out.free()
      held.free()
    }
  },
}

/** All rows in order, with their partitions and peers. */
type SortedRows = ReturnType<typeof windowGroups> & { readonly batch: RecordBatch }

async function sortedRows(
  node: WindowExec,
  input: AsyncIterable<RecordBatch>,
  held: Region,
  context: TaskContext,
): Promise<SortedRows | null> {
  const unsorted = context.createRegion()
  try {
    const rows = await collectInput(input, node.input.schema, unsorted, context)
    if (rows.rowCount === 0) return null
    const partitionKeys = node.partitionBy.map((expr) => ({ expr, descending: false, nullsFirst: true }))
    const partitionWords = keyWords(rows, partitionKeys, unsorted, context)
    const orderWords = keyWords(rows, node.orderBy, unsorted, context)
    const indices = sortIndices([...partitionWords, ...orderWords], rows.rowCount, unsorted)
    const groups = windowGroups(partitionWords, orderWords, indices)
    const sorted = new BatchCollector(held)
    sorted.add(takeBatch(rows, indices, rows.rowCount, unsorted))
    return { ...groups, batch: sorted.join(held)! }
  } finally {
    unsorted.free()
  }
}

/** The column of one call, for the sorted rows. */
function evaluateCall(
  call: WindowCall,
  node: WindowExec,
  rows: SortedRows,
  held: Region,
  context: TaskContext,
): Vector {
  const evalContext = context.evalContext(held)
  const [order] = node.orderBy
  const hasOffset = 'offset' in call.frame.start || 'offset' in call.frame.end
  const key =
    call.frame.unit === 'range' && hasOffset && order !== undefined
      ? {
          vector: evaluate(order.expr, rows.batch, evalContext),
          type: order.expr.type,
          descending: order.descending,
        }
      : null
  const frames = { ...rows, ...frameBounds(call.frame, rows, key, context.settings.timeZone) }
  if (call.isAggregate) return evaluateAggregate(call, frames, held, context)
  const found = lookupWindowFunction(call.name)
  if (found === undefined)
    throw new EngineError('UNRESOLVED_ROUTINE', `window function "${call.name}" does not exist`)
  if (call.filter !== null)
    throw new EngineError('UNSUPPORTED_FEATURE', `FILTER does not go with window function "${found.name}"`)
  const args = call.args.map((arg) => evaluate(arg, rows.batch, evalContext))
  return found.evaluate({ ...frames, args, ignoreNulls: call.ignoreNulls, returns: call.type, region: held })
}

function evaluateAggregate(
  call: WindowCall,
  rows: SortedRows & WindowRows,
  held: Region,
  context: TaskContext,
): Vector {
  const { start, end } = call.frame
  const fromStart = start.kind === 'unboundedPreceding'
  if (fromStart && end.kind === 'unboundedFollowing') return aggregatePartitions(call, rows, held, context)
  if (call.distinct || call.order.length > 0)
    throw new EngineError(
      'UNSUPPORTED_FEATURE',
      `"${call.name}" with DISTINCT or ORDER BY needs a frame of the whole partition`,
    )
  const isDoubleSum = (call.name === 'sum' || call.name === 'avg') && call.type.kind === 'float64'
  if (isDoubleSum && fromStart && call.filter === null) {
    const arg = evaluate(call.args[0]!, rows.batch, context.evalContext(held))
    return runningDouble(call.name as 'sum' | 'avg', arg, rows.partitionStarts, rows.frameEnds, held)
  }
  return aggregateFrames(call, rows.batch, rows.frameStarts, rows.frameEnds, held, context)
}

/** One result a partition, given to all its rows. */
function aggregatePartitions(call: WindowCall, rows: SortedRows, held: Region, context: TaskContext): Vector {
  const aggregate = new GroupedAggregate(call, held, context)
  aggregate.resize(rows.partitionCount)
  aggregate.update(rows.batch, rows.partitionNumbers, context.evalContext(held))
  aggregate.finishInput(held)
  const results = aggregate.finish(0, rows.partitionCount, held)
  return take(results, rows.partitionNumbers, rows.rowCount, held)
}
