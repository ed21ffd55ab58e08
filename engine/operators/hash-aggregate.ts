import { BATCH_ROWS, identity, type RecordBatch } from '../batch/index.ts'
import { type AddedRows, type EvalContext, evaluatePredicate, evaluateRows } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { AggregateStates } from './aggregate-states.ts'
import { CodedKeys, firstAtLeast } from './coded-groups.ts'
import { HashTable } from './hash-table.ts'
import type { Operator, TaskContext } from './operator.ts'
import { MAX_SPILL_LEVELS, SPILL_FAN_OUT, SpillPartitions, type SpillTarget } from './spill-partitions.ts'

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
export function runAggregate(
  node: HashAggregateExec,
  predicate: Expr | null,
  input: AsyncIterable<RecordBatch>,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  return aggregate(node, predicate, input, 0, context)
}

/**
 * Groups that memory does not hold go to disk as partial states, parted by the hash of their keys, and others
 * begin; at the end the states of each partition are merged. A partial aggregate sends them on instead: the
 * final one merges them anyway. `level`: how often rows were parted already.
 */
async function* aggregate(
  node: HashAggregateExec,
  predicate: Expr | null,
  input: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  level: number,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const scratch = context.createRegion()
  let groups = new Groups(node, predicate, context)
  const spilled = new SpillPartitions(spillTarget(node, level), context)
  let rowOffset = 0
  let isEmpty = true
  try {
    for await (const batch of input) {
      context.checkCancelled()
      if (batch.rowCount === 0) continue
      scratch.reset()
      if (groups.add(batch, scratch, rowOffset) > 0) isEmpty = false
      rowOffset += batch.rowCount
      const isPartial = node.mode === 'partial'
      if (isPartial ? groups.size < MAX_PARTIAL_GROUPS && !groups.isLarge : !groups.isLarge) continue
      if (isPartial) yield* groups.results(scratch)
      else if (level < MAX_SPILL_LEVELS) for (const states of groups.states(scratch)) spilled.add(states)
      else continue
      groups.free()
      groups = new Groups(node, predicate, context)
    }
    if (spilled.rowCount > 0) {
      for (const states of groups.states(scratch)) spilled.add(states)
      groups.free()
      for (let partition = 0; partition < SPILL_FAN_OUT; partition++)
        yield* aggregate(mergeOf(node), null, spilled.read(partition), level + 1, context)
    }
    // A partial aggregate of no rows sends nothing: the final one makes the row of an empty total.
    else if (!isEmpty || (node.keys.length === 0 && node.mode !== 'partial')) yield* groups.results(scratch)
  } finally {
    scratch.free()
    groups.free()
    spilled.free()
  }
}

/** A partial aggregate sends what it has when it holds so many groups. */
const MAX_PARTIAL_GROUPS = 1 << 20

/** Partial states begin with the keys. */
function spillTarget({ id, keys }: HashAggregateExec, level: number): SpillTarget {
  return { nodeId: id, level, keysOf: ({ columns }) => columns.slice(0, keys.length) }
}

/** The aggregate over the partial states of another. */
function mergeOf(node: HashAggregateExec): HashAggregateExec {
  const keys = node.keys.map(({ type }, index): Expr => ({ kind: 'column', index, name: '', type }))
  return { ...node, mode: 'final', keys, calls: node.calls.map((call) => ({ ...call, filter: null })) }
}

/** More bytes, in those held, that tables take on their way to twice as many groups. */
const GROWTH = 1.5

/** So many batches of states on their way to disk go into the limit, at least. */
const STATES_A_LIMIT = 64
const LEAST_ROWS = 256

/** The groups of an aggregate: their keys and the states of all calls, in one region. */
class Groups {
  readonly #node: HashAggregateExec
  readonly #predicate: Expr | null
  readonly #context: TaskContext
  readonly #region: Region
  readonly #table: HashTable
  readonly #states: AggregateStates
  readonly #coded: CodedKeys | null

  constructor(node: HashAggregateExec, predicate: Expr | null, context: TaskContext) {
    this.#node = node
    this.#predicate = predicate
    this.#context = context
    this.#region = context.createRegion()
    const keyTypes = node.keys.map((key) => key.type)
    const nullIsValue = keyTypes.map(() => true)
    this.#table = new HashTable(keyTypes, this.#region, nullIsValue)
    const { calls, mode } = node
    this.#states = new AggregateStates(calls, mode, keyTypes.length, this.#region, context, predicate)
    this.#coded = CodedKeys.of(node.keys, this.#table, this.#region)
  }

  /** Number of groups; one without keys. */
  get size(): number {
    return this.#table.size
  }

  /** Whether their memory is wanted by others, or would not do for the groups of another batch. */
  get isLarge(): boolean {
    const { size } = this
    if (!this.#states.canMerge) return false
    const held = this.#region.heldBytes
    // Tables double where their size passes a power of two.
    const doubles = Math.clz32(size) !== Math.clz32(size + BATCH_ROWS)
    return this.#context.pool.shouldSpill(held, doubles ? held * GROWTH : 0)
  }

  /** Adds rows, or in mode `final` states; gives 0 if none passed the predicate, or there is no group yet. */
  add(batch: RecordBatch, scratch: Region, rowOffset: number): number {
    const { keys } = this.#node
    const evalContext = this.#context.evalContext(scratch, rowOffset)
    const done = this.#addWhole(batch, evalContext)
    if (done === batch.rowCount) return this.#table.size
    const { selection, count } = this.#rowsFrom(done, batch, evalContext)
    if (count === 0) return done
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

  /** Filters, finds groups and adds in one loop, where keys have few codes; gives how many rows it did. */
  #addWhole(batch: RecordBatch, context: EvalContext): number {
    const resize = () => this.#states.resize(this.#table.size)
    if (this.#node.keys.length > 0) {
      const groups = this.#coded?.bind(batch, this.#predicate, context, resize) ?? null
      return groups === null ? 0 : this.#states.addWhole(batch, groups, context)
    }
    if (this.#predicate === null) return 0
    resize()
    return this.#states.addWhole(batch, null, context)
  }

  /** The rows from `from` on that pass the predicate. */
  #rowsFrom(from: number, batch: RecordBatch, context: EvalContext): AddedRows {
    const { rowCount } = batch
    if (this.#predicate === null) {
      const selection = from === 0 ? null : identity(rowCount - from, context.region, from)
      return { selection, count: rowCount - from, groups: null }
    }
    const { indices, count } = evaluatePredicate(this.#predicate, batch, context)
    if (count === rowCount && from === 0) return { selection: null, count, groups: null }
    const selection = indices.subarray(firstAtLeast(indices.subarray(0, count), from), count)
    return { selection, count: selection.length, groups: null }
  }

  /** Keys and results, or in mode `partial` states. */
  results(scratch: Region): Iterable<RecordBatch> {
    scratch.reset()
    this.#states.resize(this.size)
    this.#states.finishInput(scratch)
    return this.#batches(scratch, (from, count) => this.#states.columns(from, count, scratch))
  }

  /** Keys and partial states, in batches that take little memory: there is not much left. */
  states(scratch: Region): Iterable<RecordBatch> {
    const { size } = this
    this.#states.resize(size)
    const rows = (this.#context.pool.limitBytes / STATES_A_LIMIT) * (size / this.#region.heldBytes)
    const batchRows = Math.min(BATCH_ROWS, Math.max(LEAST_ROWS, Math.floor(rows)))
    return this.#batches(scratch, (from, count) => this.#states.states(from, count, scratch), batchRows)
  }

  *#batches(
    scratch: Region,
    columnsOf: (from: number, count: number) => RecordBatch['columns'],
    batchRows = BATCH_ROWS,
  ): Iterable<RecordBatch> {
    const { size } = this.#table
    for (let from = 0; from < size; from += batchRows) {
      this.#context.checkCancelled()
      scratch.reset()
      const count = Math.min(batchRows, size - from)
      yield {
        rowCount: count,
        columns: [...this.#table.keys(from, count, scratch), ...columnsOf(from, count)],
      }
    }
  }

  free(): void {
    this.#region.free()
  }
}
