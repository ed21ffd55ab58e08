import { BATCH_ROWS, identity, type RecordBatch } from '../batch/index.ts'
import {
  type AddedRows,
  type EvalContext,
  evaluatePredicate,
  evaluateRows,
  type Probes,
} from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import { flatStateKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { AggregateStates } from './aggregate-states.ts'
import { CodedKeys, firstAtLeast } from './coded-groups.ts'
import { HashTable } from './hash-table.ts'
import type { TaskContext } from './operator.ts'

/** More bytes, in those held, that tables take on their way to twice as many groups. */
const GROWTH = 1.5

/** So many batches of states on their way to disk go into the limit, at least. */
const STATES_A_LIMIT = 128
const LEAST_ROWS = 16

/** Values of so few groups go to disk by themselves, if they take a part of the limit. */
const FEW_GROUPS = 64
const VALUES_A_LIMIT = 128

/** The groups of an aggregate: their keys and the states of all calls, in one region. */
export class AggregateGroups {
  readonly #node: HashAggregateExec
  readonly #predicate: Expr | null
  readonly #context: TaskContext
  readonly #region: Region
  readonly #table: HashTable
  readonly #states: AggregateStates
  readonly #coded: CodedKeys | null

  /** `probes`: what rows go through that `addProbed` adds. */
  constructor(
    node: HashAggregateExec,
    predicate: Expr | null,
    context: TaskContext,
    probes: Probes | null = null,
  ) {
    this.#node = node
    this.#predicate = predicate
    this.#context = context
    this.#region = context.createRegion()
    const keyTypes = node.keys.map((key) => key.type)
    const nullIsValue = keyTypes.map(() => true)
    this.#table = new HashTable(keyTypes, this.#region, nullIsValue)
    const { calls } = node
    const mode = node.mode === 'merge' ? 'final' : node.mode
    const asked = probes ?? predicate
    this.#states = new AggregateStates(calls, mode, keyTypes.length, this.#region, context, asked)
    this.#coded = CodedKeys.of(node.keys, this.#table, this.#region)
  }

  /** Number of groups; one without keys. */
  get size(): number {
    return this.#table.size
  }

  /** Whether groups may go on with the batch that brought them. */
  get canPass(): boolean {
    return this.#states.canClear
  }

  /** Whether their memory is wanted by others, or would not do for the groups of another batch. */
  get isLarge(): boolean {
    const { size } = this
    const held = this.#region.heldBytes + this.#states.heldBytes
    // Tables double where their size passes a power of two.
    const doubles = Math.clz32(size) !== Math.clz32(size + BATCH_ROWS)
    const growth = Math.max(this.#states.growth, doubles ? GROWTH : 0)
    return this.#context.pool.shouldSpill(held, held * growth)
  }

  /** Adds rows, or in mode `final` states; gives how many passed the predicate. */
  add(batch: RecordBatch, scratch: Region, rowOffset: number): number {
    const { keys } = this.#node
    const evalContext = this.#context.evalContext(scratch, rowOffset)
    const done = this.#addWhole(batch, evalContext)
    if (done === batch.rowCount) return this.#table.size === 0 ? 0 : done
    const { selection, count } = selectRows(this.#predicate, done, batch, evalContext)
    if (count === 0) return done
    let groups: Int32Array | null = null
    if (keys.length > 0) {
      groups = scratch.int32(count)
      if (!this.#findByCodes(batch, selection, count, groups, evalContext)) {
        const values = keys.map((key) => evaluateRows(key, batch, selection, count, evalContext))
        this.#table.insert(values, count, groups)
      }
    }
    this.#states.resize(this.#table.size)
    this.#states.add(batch, { selection, count, groups }, evalContext)
    return count
  }

  /**
   * Adds the rows of a batch that pass all probes, in a total without keys; gives how many rows it went
   * through.
   */
  addProbed(wide: RecordBatch, scratch: Region): number {
    this.#states.resize(this.#table.size)
    return this.#states.addWhole(wide, null, this.#context.evalContext(scratch))
  }

  /** Finds groups by the codes of their keys; false if these have no short dictionaries. */
  #findByCodes(
    batch: RecordBatch,
    selection: Int32Array | null,
    count: number,
    out: Int32Array,
    context: EvalContext,
  ): boolean {
    // Where all states are flat, that was tried before.
    if (this.#states.canClear) return false
    const coded = this.#coded?.bind(batch, this.#predicate, context, () => {}) ?? null
    if (coded === null) return false
    const { cells, meet } = coded
    const slots = context.region.int32(coded.slots.length)
    slots.set(coded.slots)
    const kernels = flatStateKernels(context.region.pool)
    const keyCount = coded.keys.length
    const rows = selection?.byteOffset ?? 0
    for (let at = 0; ; ) {
      at = kernels.groupsOfCells(
        slots.byteOffset,
        keyCount,
        cells.byteOffset,
        rows,
        at,
        count,
        out.byteOffset,
      )
      if (at === count) return true
      if (!meet(selection === null ? at : selection[at]!)) return false
    }
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

  /** Keys and results, or in mode `partial` states. */
  results(scratch: Region): Iterable<RecordBatch> {
    scratch.reset()
    this.#states.resize(this.size)
    this.#states.finishInput(scratch)
    // Results that are lists or texts may be as large as the states.
    const batchRows = this.#states.growth > 0 ? this.#fewRows : BATCH_ROWS
    return this.#batches(scratch, (from, count) => this.#states.columns(from, count, scratch), batchRows)
  }

  /** Keys and partial states, in batches that take little memory: there is not much left. */
  states(scratch: Region): Iterable<RecordBatch> {
    this.#states.resize(this.size)
    const columnsOf = (from: number, count: number) => this.#states.states(from, count, scratch)
    return this.#batches(scratch, columnsOf, this.#fewRows)
  }

  /** So many groups that their states take a small part of the limit. */
  get #fewRows(): number {
    const rows =
      (this.#context.pool.limitBytes / STATES_A_LIMIT) *
      (this.size / (this.#region.heldBytes + this.#states.heldBytes))
    return Math.min(BATCH_ROWS, Math.max(LEAST_ROWS, Math.floor(rows)))
  }

  *#batches(
    scratch: Region,
    columnsOf: (from: number, count: number) => RecordBatch['columns'],
    batchRows: number,
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

  /**
   * Moves the values of DISTINCT aggregates to disk if they are many for few groups. Gives whether there are
   * values on disk; then the groups have no states to give.
   */
  spillValues(): boolean {
    const { limitBytes } = this.#context.pool
    const leastBytes = this.size <= FEW_GROUPS ? limitBytes / VALUES_A_LIMIT : Number.POSITIVE_INFINITY
    return this.#states.spillValues(this.#node.id, leastBytes)
  }

  free(): void {
    this.#states.free()
    this.#region.free()
  }
}

/** The rows from `from` on for which the predicate is TRUE, in no group yet. */
export function selectRows(
  predicate: Expr | null,
  from: number,
  batch: RecordBatch,
  context: EvalContext,
): AddedRows {
  const { rowCount } = batch
  if (predicate === null) {
    const selection = from === 0 ? null : identity(rowCount - from, context.region, from)
    return { selection, count: rowCount - from, groups: null }
  }
  const { indices, count } = evaluatePredicate(predicate, batch, context)
  if (count === rowCount && from === 0) return { selection: null, count, groups: null }
  const selection = indices.subarray(firstAtLeast(indices.subarray(0, count), from), count)
  return { selection, count: selection.length, groups: null }
}
