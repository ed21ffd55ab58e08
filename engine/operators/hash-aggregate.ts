import { BATCH_ROWS, type RecordBatch } from '../batch/index.ts'
import { evaluatePredicate, evaluateRows } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { AggregateStates } from './aggregate-states.ts'
import { HashTable } from './hash-table.ts'
import type { Operator, TaskContext } from './operator.ts'

/**
 * Groups rows by keys in a hash table; states of aggregates are columns indexed by group number.
 *
 *   batch ─▶ keys ─HashTable─▶ group of each row ─▶ accumulators.update / merge
 *   end   ─▶ keys by group + accumulators.finish / state, 64 k groups a batch
 */
export const hashAggregate: Operator<HashAggregateExec> = {
  execute: (node, [input], context) => runAggregate(node, null, input!, context),
}

/** The same over the rows for which the predicate is TRUE; null: all. */
export async function* runAggregate(
  node: HashAggregateExec,
  predicate: Expr | null,
  input: AsyncIterable<RecordBatch>,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const scratch = context.createRegion()
  let groups = new Groups(node, predicate, context)
  let rowOffset = 0
  let isEmpty = true
  try {
    for await (const batch of input) {
      context.checkCancelled()
      if (batch.rowCount === 0) continue
      scratch.reset()
      if (groups.add(batch, scratch, rowOffset) > 0) isEmpty = false
      rowOffset += batch.rowCount
      if (node.mode !== 'partial' || groups.size < MAX_PARTIAL_GROUPS) continue
      yield* groups.results(scratch)
      groups.free()
      groups = new Groups(node, predicate, context)
    }
    // A partial aggregate of no rows sends nothing: the final one makes the row of an empty total.
    if (!isEmpty || (node.keys.length === 0 && node.mode !== 'partial')) yield* groups.results(scratch)
  } finally {
    scratch.free()
    groups.free()
  }
}

/** A partial aggregate sends what it has when it holds so many groups: the final one merges them anyway. */
const MAX_PARTIAL_GROUPS = 1 << 20

/** The groups of an aggregate: their keys and the states of all calls, in one region. */
class Groups {
  readonly #node: HashAggregateExec
  readonly #predicate: Expr | null
  readonly #context: TaskContext
  readonly #region: Region
  readonly #table: HashTable
  readonly #states: AggregateStates

  constructor(node: HashAggregateExec, predicate: Expr | null, context: TaskContext) {
    this.#node = node
    this.#predicate = predicate
    this.#context = context
    this.#region = context.createRegion()
    const keyTypes = node.keys.map((key) => key.type)
    const nullIsValue = keyTypes.map(() => true)
    this.#table = new HashTable(keyTypes, this.#region, nullIsValue)
    this.#states = new AggregateStates(node.calls, node.mode, keyTypes.length, this.#region, context)
  }

  /** Number of groups; one without keys. */
  get size(): number {
    return this.#table.size
  }

  /** Adds rows, or in mode `final` states; gives how many passed the predicate. */
  add(batch: RecordBatch, scratch: Region, rowOffset: number): number {
    const { keys } = this.#node
    const evalContext = this.#context.evalContext(scratch, rowOffset)
    let selection: Int32Array | null = null
    let count = batch.rowCount
    if (this.#predicate !== null) {
      const selected = evaluatePredicate(this.#predicate, batch, evalContext)
      if (selected.count === 0) return 0
      if (selected.count < count) selection = selected.indices
      count = selected.count
    }
    let groups: Int32Array | null = null
    if (keys.length > 0) {
      groups = scratch.int32(count)
      const values = keys.map((key) => evaluateRows(key, batch, selection, count, evalContext))
      this.#table.insert(values, count, groups)
    }
    this.#states.resize(this.#table.size)
    this.#states.add(batch, { selection, count, groups }, evalContext)
    return count
  }

  /** Keys and results, or in mode `partial` states. */
  *results(scratch: Region): Iterable<RecordBatch> {
    const { size } = this.#table
    scratch.reset()
    this.#states.resize(size)
    this.#states.finishInput(scratch)
    for (let from = 0; from < size; from += BATCH_ROWS) {
      this.#context.checkCancelled()
      scratch.reset()
      const count = Math.min(BATCH_ROWS, size - from)
      const columns = [
        ...this.#table.keys(from, count, scratch),
        ...this.#states.columns(from, count, scratch),
      ]
      yield { rowCount: count, columns }
    }
  }

  free(): void {
    this.#region.free()
  }
}
