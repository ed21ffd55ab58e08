import { BATCH_ROWS, type RecordBatch, sliceBatch, take, type Vector } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import { lookupWindowFunction, type WindowRows } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import type { WindowCall, WindowExec } from '../plan/index.ts'
import { aggregateFrames } from './frame-aggregate.ts'
import { frameBounds } from './frame-bounds.ts'
import { GroupedAggregate } from './grouped-aggregate.ts'
import type { Operator, TaskContext } from './operator.ts'
import { runningDouble } from './running-sum.ts'
import { SortWords } from './sort-words.ts'
import { Sorter } from './sorter.ts'
import { WindowBlocks } from './window-blocks.ts'
import { keyChanges, windowGroups } from './window-rows.ts'

/**
 * Sorts all rows by partition and order, on disk if they are many, and computes the calls over blocks of
 * whole partitions. Rows come in that order.
 */
export const window: Operator<WindowExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const partitionKeys = node.partitionBy.map((expr) => ({ expr, descending: false, nullsFirst: true }))
    const sorter = new Sorter([...partitionKeys, ...node.orderBy], node.id, context)
    const blocks = new WindowBlocks(node.partitionBy, context)
    const held = context.createRegion()
    const out = context.createRegion()
    try {
      for await (const batch of input!) {
        context.checkCancelled()
        sorter.add(batch)
      }
      for (const block of blocks.of(sorter.sorted(), held)) {
        const rows = sortedRows(node, block, held, context)
        const results = node.calls.map((call) => evaluateCall(call, node, rows, held, context))
        const all = { rowCount: rows.rowCount, columns: [...block.columns, ...results] }
        for (let from = 0; from < rows.rowCount; from += BATCH_ROWS) {
          context.checkCancelled()
          out.reset()
          yield sliceBatch(all, from, Math.min(BATCH_ROWS, rows.rowCount - from), out)
        }
      }
    } finally {
      out.free()
      held.free()
      blocks.free()
      sorter.free()
    }
  },
}

/** Rows in order, with their partitions and peers. */
type SortedRows = ReturnType<typeof windowGroups> & { readonly batch: RecordBatch }

function sortedRows(node: WindowExec, batch: RecordBatch, held: Region, context: TaskContext): SortedRows {
  const evalContext = context.evalContext(held)
  const changesOf = (keys: readonly Expr[]): Uint8Array => {
    const orders = keys.map(({ type }) => ({ type, descending: false, nullsFirst: true }))
    const vectors = keys.map((key) => evaluate(key, batch, evalContext))
    return keyChanges(new SortWords(orders, context.pool), vectors, batch.rowCount, held, context)
  }
  const orderBy = node.orderBy.map(({ expr }) => expr)
  return { ...windowGroups(changesOf(node.partitionBy), changesOf(orderBy), held), batch }
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
  aggregate.free()
  return take(results, rows.partitionNumbers, rows.rowCount, held)
}
