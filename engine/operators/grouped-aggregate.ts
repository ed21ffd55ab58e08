import {
  type FixedVector,
  flatten,
  type ListVector,
  type RecordBatch,
  take,
  takeBatch,
  type Vector,
} from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import { type EvalContext, evaluate, evaluatePredicate } from '../evaluate/index.ts'
import type { AggregateCall } from '../expr/index.ts'
import { type Accumulator, lookupAggregate } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import { types } from '../types/index.ts'
import { BatchCollector, emptyBatch } from './collect.ts'
import { CollectedValues } from './collected-values.ts'
import { DistinctRows } from './distinct-rows.ts'
import { GroupedRows, rowsOfLists } from './grouped-rows.ts'
import { numbersVector } from './hash-table.ts'
import type { TaskContext } from './operator.ts'
import { sortIndices, sortWords } from './row-order.ts'

/** Buffers of states double; rows of DISTINCT are copied to go by group, those of ORDER BY are sorted too. */
const GROWTH = 2.5
const ORDERED_GROWTH = 4

/**
 * One aggregate call over all groups of an operator: FILTER, DISTINCT and ORDER BY around its accumulator.
 */
export class GroupedAggregate {
  /** Columns of its partial state. */
  readonly stateWidth: number
  readonly #call: AggregateCall
  readonly #accumulator: Accumulator
  /** Seen (group, arguments) of a DISTINCT aggregate. */
  readonly #distinct: DistinctRows | null
  /** Rows of an ordered aggregate, kept until the end: group, arguments, order keys. */
  readonly #ordered: BatchCollector | null
  readonly #region: Region
  #groupCount = 0
  /** The rows by group, once they are asked for. */
  #rows: GroupedRows | null = null

  /** State lives in `region`. */
  constructor(call: AggregateCall, region: Region, context: TaskContext) {
    const aggregate = lookupAggregate(call.name)
    if (aggregate === undefined)
      throw new EngineError('UNRESOLVED_ROUTINE', `aggregate function "${call.name}" does not exist`)
    const argTypes = call.args.map((arg) => arg.type)
    const literals = call.args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined))
    const signature = aggregate.resolve(argTypes, literals)
    this.#call = call
    this.#accumulator = aggregate.accumulator({
      signature,
      region,
      settings: context.settings,
      createRegion: () => context.createRegion(),
      collect: (type, isOfSet) => new CollectedValues(type, isOfSet, region, context),
    })
    const isDistinct = call.distinct && aggregate.ignoresDistinct !== true
    this.#distinct = isDistinct ? new DistinctRows(argTypes, context) : null
    this.#ordered = call.order.length > 0 ? new BatchCollector(region) : null
    this.#region = region
    this.stateWidth = this.needsAllRows ? 1 : signature.state.length
  }

  /** Whether it must see all rows of a group, as DISTINCT and ORDER BY ask. Its state is these rows. */
  get needsAllRows(): boolean {
    return this.#distinct !== null || this.#ordered !== null
  }

  /** What it takes beside what it holds to give states or results, in parts of that, at most. */
  get growth(): number {
    return this.#ordered === null ? GROWTH : ORDERED_GROWTH
  }

  /** Makes room for groups; call it before rows of new groups come. */
  resize(groupCount: number): void {
    this.#groupCount = groupCount
    this.#accumulator.resize(groupCount)
  }

  /** Adds the rows of a batch to their groups. */
  update(batch: RecordBatch, groups: Int32Array, context: EvalContext): void {
    const { filter } = this.#call
    if (filter === null) {
      this.#updateRows(batch, groups, context)
      return
    }
    const { indices, count } = evaluatePredicate(filter, batch, context)
    if (count === batch.rowCount) this.#updateRows(batch, groups, context)
    else if (count > 0)
      this.#updateRows(
        takeBatch(batch, indices, count, context.region),
        gather(groups, indices, count, context.region),
        context,
      )
  }

  /** Adds flat columns of partial states. */
  merge(state: readonly Vector[], groups: Int32Array, rowCount: number, scratch: Region): void {
    if (!this.needsAllRows) {
      this.#accumulator.merge(state, groups, rowCount)
      return
    }
    const rows = rowsOfLists(state[0] as ListVector, groups, scratch)
    const { length } = this.#call.args
    this.#addRows(
      rows.columns.slice(0, length),
      rows.columns.slice(length),
      rows.groups,
      rows.rowCount,
      scratch,
    )
  }

  /** Bytes that it holds beside those in its region. */
  get heldBytes(): number {
    return (this.#distinct?.heldBytes ?? 0) + (this.#accumulator.heldBytes ?? 0)
  }

  /**
   * Moves the values of a DISTINCT aggregate to disk if they are many. Gives whether there are values on
   * disk; then it has no state to give.
   */
  spillValues(nodeId: number, leastBytes: number): boolean {
    if (this.#distinct === null || this.#ordered !== null) return false
    if (this.#distinct.heldBytes >= leastBytes) this.#distinct.spill(nodeId)
    return this.#distinct.isSpilled
  }

  /** Gives all back that does not lie in its region. */
  free(): void {
    this.#distinct?.free()
    this.#accumulator.free?.()
  }

  /** Feeds the rows that wait on disk or to be put in order, now that all are there. */
  finishInput(scratch: Region): void {
    for (const { rowCount, columns } of this.#distinct?.rest() ?? []) {
      scratch.reset()
      const [groups, ...args] = columns.map((column) => flatten(column, scratch))
      this.#accumulator.update(args, (groups as FixedVector).values as Int32Array, rowCount)
    }
    const rows = this.#ordered?.join(scratch)
    if (!rows) return
    const { args, order } = this.#call
    const words = order.flatMap((key, index) =>
      sortWords(rows.columns[1 + args.length + index]!, rows.rowCount, key, scratch),
    )
    const indices = sortIndices(words, rows.rowCount, scratch)
    const sorted = rows.columns
      .slice(0, 1 + args.length)
      .map((column) => flatten(take(column, indices, rows.rowCount, scratch), scratch))
    const groups = sorted[0] as Vector & { encoding: 'fixed' }
    this.#accumulator.update(sorted.slice(1), groups.values as Int32Array, rows.rowCount)
  }

  /** Partial states of groups [from, from + count). */
  state(from: number, count: number, region: Region): readonly Vector[] {
    if (!this.needsAllRows) return this.#accumulator.state(from, count, region)
    this.#rows ??= this.#rowsByGroup()
    return [this.#rows.lists(from, count, region)]
  }

  /** Results of groups [from, from + count). */
  finish(from: number, count: number, region: Region): Vector {
    return this.#accumulator.finish(from, count, region)
  }

  #rowsByGroup(): GroupedRows {
    const { rowCount, columns } =
      this.#ordered === null ? this.#distinct!.keys(this.#region) : this.#orderedRows(this.#ordered)
    const [groups, ...values] = columns
    const numbers = (groups as FixedVector).values as Int32Array
    return new GroupedRows(values, numbers, rowCount, this.#groupCount, this.#region)
  }

  #orderedRows(collector: BatchCollector): RecordBatch {
    const rows = collector.join(this.#region)
    if (rows !== null) return rows
    const { args, order } = this.#call
    const exprs = [...args, ...order.map(({ expr }) => expr)]
    const fields = [types.int32, ...exprs.map(({ type }) => type)].map((type) => ({
      name: '',
      type,
      nullable: true,
    }))
    return emptyBatch({ fields }, this.#region)
  }

  #updateRows(batch: RecordBatch, groups: Int32Array, context: EvalContext): void {
    const args = this.#call.args.map((arg) => evaluate(arg, batch, context))
    const orderKeys = this.#call.order.map((key) => evaluate(key.expr, batch, context))
    this.#addRows(args, orderKeys, groups, batch.rowCount, context.region)
  }

  #addRows(
    args: readonly Vector[],
    orderKeys: readonly Vector[],
    groups: Int32Array,
    rowCount: number,
    scratch: Region,
  ): void {
    if (rowCount === 0) return
    if (this.#distinct === null) {
      this.#keep(args, orderKeys, groups, rowCount, scratch)
      return
    }
    const fresh = scratch.int32(rowCount)
    const count = this.#distinct.add(args, groups, rowCount, fresh, scratch)
    const taken = (vector: Vector): Vector => take(vector, fresh, count, scratch)
    this.#keep(args.map(taken), orderKeys.map(taken), gather(groups, fresh, count, scratch), count, scratch)
  }

  /** Gives rows to the accumulator, or keeps them until all are there. */
  #keep(
    args: readonly Vector[],
    orderKeys: readonly Vector[],
    groups: Int32Array,
    rowCount: number,
    scratch: Region,
  ): void {
    if (rowCount === 0) return
    if (this.#ordered !== null)
      this.#ordered.add({ rowCount, columns: [numbersVector(groups, rowCount), ...args, ...orderKeys] })
    else
      this.#accumulator.update(
        args.map((arg) => flatten(arg, scratch)),
        groups,
        rowCount,
      )
  }
}

function gather(groups: Int32Array, indices: Int32Array, count: number, region: Region): Int32Array {
  const out = region.int32(count)
  for (let i = 0; i < count; i++) out[i] = groups[indices[i]!]!
  return out
}
