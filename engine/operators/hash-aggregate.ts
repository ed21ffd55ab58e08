import { BATCH_ROWS, type RecordBatch } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
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
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const scratch = context.createRegion()
    let groups = new Groups(node, context)
    let rowOffset = 0
    try {
      for await (const batch of input!) {
        context.checkCancelled()
        if (batch.rowCount === 0) continue
        scratch.reset()
        groups.add(batch, scratch, rowOffset)
        rowOffset += batch.rowCount
        if (node.mode !== 'partial' || groups.size < MAX_PARTIAL_GROUPS) continue
        yield* groups.results(scratch)
        groups.free()
        groups = new Groups(node, context)
      }
      // A partial aggregate of no rows sends nothing: the final one makes the row of an empty total.
      if (rowOffset > 0 || (node.keys.length === 0 && node.mode !== 'partial')) yield* groups.results(scratch)
    } finally {
      scratch.free()
      groups.free()
    }
  },
}

/** A partial aggregate sends what it has when it holds so many groups: the final one merges them anyway. */
const MAX_PARTIAL_GROUPS = 1 << 20

/** The groups of an aggregate: their keys and the states of all calls, in one region. */
class Groups {
  readonly #node: HashAggregateExec
  readonly #context: TaskContext
  readonly #region: Region
  readonly #table: HashTable
  readonly #states: AggregateStates

  constructor(node: HashAggregateExec, context: TaskContext) {
    this.#node = node
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

  /** Adds rows, or in mode `final` states. */
  add(batch: RecordBatch, scratch: Region, rowOffset: number): void {
    const node = this.#node
    const evalContext = this.#context.evalContext(scratch, rowOffset)
    const keys = node.keys.map((key) => evaluate(key, batch, evalContext))
    const groups = scratch.int32(batch.rowCount)
    this.#table.insert(keys, batch.rowCount, groups)
    this.#states.resize(this.#table.size)
    this.#states.add(batch, { selection: null, count: batch.rowCount, groups }, evalContext)
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
