import { BATCH_ROWS, flatten, type RecordBatch, type Vector } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { GroupedAggregate } from './grouped-aggregate.ts'
import { HashTable } from './hash-table.ts'
import type { Operator, TaskContext } from './operator.ts'

/**
 * Groups rows by keys in a hash table; states of aggregates are columns indexed by group number.
 *
 *   batch ─▶ keys ─HashTable─▶ group of each row ─▶ accumulators.update / merge
 *   end   ─▶ keys by group + accumulators.finish / state, 64 k groups a batch
 */
export const hashAggregate: Operator<HashAggregateExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const held = context.createRegion()
    const scratch = context.createRegion()
    try {
      const table = keyTable(node, held)
      const aggregates = node.calls.map((call) => new GroupedAggregate(call, held, context))
      let rowOffset = 0
      let isEmpty = true
      for await (const batch of input!) {
        context.checkCancelled()
        if (batch.rowCount === 0) continue
        isEmpty = false
        scratch.reset()
        addBatch(node, batch, table, aggregates, scratch, context, rowOffset)
        rowOffset += batch.rowCount
      }
      // A partial aggregate of no rows sends nothing; the final one makes the row of an empty total by
      // itself.
      if (isEmpty && (node.keys.length > 0 || node.mode === 'partial')) return
      if (isEmpty) for (const aggregate of aggregates) aggregate.resize(1)
      yield* results(node, table, aggregates, scratch, context)
    } finally {
      scratch.free()
      held.free()
    }
  },
}

function keyTable(node: HashAggregateExec, region: Region): HashTable {
  const keyTypes = node.keys.map((key) => key.type)
  return new HashTable(
    keyTypes,
    region,
    keyTypes.map(() => true),
  )
}

function addBatch(
  node: HashAggregateExec,
  batch: RecordBatch,
  table: HashTable,
  aggregates: readonly GroupedAggregate[],
  scratch: Region,
  context: TaskContext,
  rowOffset: number,
): void {
  const evalContext = context.evalContext(scratch, rowOffset)
  const keys = node.keys.map((key) => evaluate(key, batch, evalContext))
  const groups = scratch.int32(batch.rowCount)
  table.insert(keys, batch.rowCount, groups)
  let column = node.keys.length
  for (const aggregate of aggregates) {
    aggregate.resize(table.size)
    if (node.mode !== 'final') aggregate.update(batch, groups, evalContext)
    else {
      const state = batch.columns.slice(column, column + aggregate.stateWidth)
      column += aggregate.stateWidth
      aggregate.merge(
        state.map((vector) => flatten(vector, scratch)),
        groups,
        batch.rowCount,
      )
    }
  }
}

function* results(
  node: HashAggregateExec,
  table: HashTable,
  aggregates: readonly GroupedAggregate[],
  scratch: Region,
  context: TaskContext,
): Iterable<RecordBatch> {
  scratch.reset()
  if (node.mode !== 'partial') for (const aggregate of aggregates) aggregate.finishInput(scratch)
  for (let from = 0; from < table.size; from += BATCH_ROWS) {
    context.checkCancelled()
    scratch.reset()
    const count = Math.min(BATCH_ROWS, table.size - from)
    const columns: Vector[] = [...table.keys(from, count, scratch)]
    for (const aggregate of aggregates) {
      if (node.mode === 'partial') columns.push(...aggregate.state(from, count, scratch))
      else columns.push(aggregate.finish(from, count, scratch))
    }
    yield { rowCount: count, columns }
  }
}
