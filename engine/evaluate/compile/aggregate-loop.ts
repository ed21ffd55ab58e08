import { type RecordBatch, take, type Vector } from '../../batch/index.ts'
import type { Expr } from '../../expr/index.ts'
import { flatStateKernels } from '../../kernels/index.ts'
import { columnsOf } from '../can-fail.ts'
import type { Interpreter } from '../eval-context.ts'
import { CompiledLoop, type EmitLoop } from './compiled-loop.ts'
import { AGGREGATE_SLOTS, emitAggregate, type RowsForm } from './emit-aggregate.ts'
import { EmitError } from './emitted.ts'
import { exprKey, planKey } from './expr-key.ts'
import type { PlacedState } from './flat-state.ts'
import { isSmall, planInputs, type Wanted } from './plan-inputs.ts'

/**
 * Rows to be added: rows `selection` of the batch (null: all), row i of them to group `groups[i]` (null: 0).
 */
export interface AddedRows {
  readonly selection: Int32Array | null
  readonly count: number
  readonly groups: Int32Array | null
}

/** Where states are: of how many groups, and the offset in bytes and number of words of each exact sum. */
export interface StateTarget {
  readonly address: number
  readonly groupCount: number
  readonly sums: Int32Array
}

/** Whether a batch brings many rows a group, so that looking at all groups before and after is nothing. */
function isDense({ groupCount, sums }: StateTarget, count: number): boolean {
  return sums.length > 0 && groupCount * 16 <= count
}

/**
 * Adds rows to the states of their groups. What can be compiled is one loop over the columns; rows from the
 * first that it cannot do are computed by the interpreter, and only added by a loop.
 */
export class AggregateLoop {
  readonly #states: readonly PlacedState[]
  readonly #wordsPerGroup: number
  readonly #loops = new Map<number, CompiledLoop | null>()
  readonly #plain = new Map<string, PlainLoop>()

  constructor(states: readonly PlacedState[], wordsPerGroup: number) {
    this.#states = states
    this.#wordsPerGroup = wordsPerGroup
  }

  /** Adds rows to states. Arrays lie in the arena. */
  add(batch: RecordBatch, rows: AddedRows, target: StateTarget, context: Interpreter): void {
    if (rows.count === 0) return
    let done = 0
    for (const isNarrow of isDense(target, rows.count) ? [true, false] : [false])
      if (done < rows.count) done = this.#addCompiled(batch, rows, done, isNarrow, target, context)
    if (done < rows.count) this.#addInterpreted(batch, rows, done, target.address, context)
  }

  /** Gives the position that it came to. */
  #addCompiled(
    batch: RecordBatch,
    rows: AddedRows,
    from: number,
    isNarrow: boolean,
    target: StateTarget,
    context: Interpreter,
  ): number {
    const form = { isSelected: rows.selection !== null, isGrouped: rows.groups !== null, isNarrow }
    const key = (form.isSelected ? 1 : 0) + (form.isGrouped ? 2 : 0) + (isNarrow ? 4 : 0)
    let loop = this.#loops.get(key)
    if (loop === undefined) {
      loop = loopOf(this.#states, this.#wordsPerGroup, form, false)
      this.#loops.set(key, loop)
    }
    if (loop === null) return from
    const sums = isNarrow ? narrowSums(target, this.#wordsPerGroup * 8, context) : null
    return runLoop(loop, batch, rows, from, target.address, sums, context)
  }

  #addInterpreted(
    batch: RecordBatch,
    rows: AddedRows,
    from: number,
    address: number,
    context: Interpreter,
  ): void {
    const whole = restOf(batch, rows, from, this.#states, context)
    for (const [key, states] of byFilter(this.#states)) {
      const { filter } = states[0]!
      let part = whole
      if (filter !== null) {
        const { indices, count } = context.select(filter, whole.batch, context)
        if (count === 0) continue
        part = restOf(whole.batch, { selection: indices, count, groups: null }, 0, states, context)
        if (whole.groups !== null) part = { ...part, groups: gather(whole.groups, indices, count, context) }
      }
      let plain = this.#plain.get(key)
      if (plain === undefined) {
        plain = new PlainLoop(states, this.#wordsPerGroup)
        this.#plain.set(key, plain)
      }
      plain.add(part.batch, part.groups, address, context)
    }
  }
}

function loopOf(
  states: readonly PlacedState[],
  wordsPerGroup: number,
  form: RowsForm,
  isRequired: boolean,
): CompiledLoop | null {
  const exprs = wantedBy(states, form.isSelected)
  if (!exprs.every(({ expr }) => isSmall(expr))) return null
  try {
    const key = `add ${wordsPerGroup} ${JSON.stringify(form)} ${states.map(planKey).join(';')}`
    const emit: EmitLoop = (inputs, slot) => emitAggregate(states, wordsPerGroup, form, inputs, slot)
    return new CompiledLoop(key, planInputs(exprs), emit, isRequired)
  } catch (error) {
    if (error instanceof EmitError) return null
    throw error
  }
}

function wantedBy(states: readonly PlacedState[], isSelected: boolean): Wanted[] {
  return states.flatMap(({ kind, arg, filter }) => {
    const wanted: Wanted[] = []
    if (filter !== null) wanted.push({ expr: filter, isLazy: isSelected })
    if (arg === null) return wanted
    // Of what is only counted no value is read: it may be of any type.
    const expr: Expr =
      kind === 'nulls' ? { kind: 'call', name: 'isnull', args: [arg], type: { kind: 'boolean' } } : arg
    return [...wanted, { expr, isLazy: isSelected || filter !== null }]
  })
}

/** Whether rows are added to the states by compiled code that computes their arguments; for EXPLAIN. */
export function isCompiledAggregate(states: readonly PlacedState[], wordsPerGroup: number): boolean {
  return (
    loopOf(states, wordsPerGroup, { isSelected: false, isGrouped: true, isNarrow: false }, false) !== null
  )
}

/** What stands around every call of a narrow loop. */
interface NarrowSums {
  /** Whether all sums are small enough. */
  areSmall(): boolean
  /** Makes their upper words right. */
  extend(): void
}

function narrowSums(target: StateTarget, stride: number, { region }: Interpreter): NarrowSums {
  const { address, groupCount, sums } = target
  const kernels = flatStateKernels(region.pool)
  const count = sums.length >> 1
  return {
    areSmall: () => kernels.flatAreSmall(address, stride, groupCount, sums.byteOffset, count) === 1,
    extend: () => kernels.flatExtend(address, stride, groupCount, sums.byteOffset, count),
  }
}

/** Adds rows from position `from` on; gives the position that it came to. */
function runLoop(
  loop: CompiledLoop,
  batch: RecordBatch,
  { selection, count, groups }: AddedRows,
  from: number,
  address: number,
  sums: NarrowSums | null,
  context: Interpreter,
): number {
  const others = [address, groups?.byteOffset ?? 0, selection?.byteOffset ?? 0]
  let bound = loop.bind(batch, context)
  let done = from
  while (bound !== null) {
    const run = loop.runFor(bound, context.region.pool.memory)
    if (run === null) return done
    const table = loop.table(bound, others.slice(0, AGGREGATE_SLOTS), context)
    for (let isStuck = false; !isStuck; ) {
      if (sums !== null && !sums.areSmall()) return done
      const next = run(table.byteOffset, done, count)
      sums?.extend()
      if (next === count) return count
      // A narrow loop also ends where sums could become large; what ends at its first row cannot do that row.
      isStuck = sums === null || next === done
      done = next
    }
    bound = loop.grow(bound)
  }
  loop.fail()
  return done
}

interface Rest {
  readonly batch: RecordBatch
  readonly groups: Int32Array | null
}

/** The rows from position `from` on, as a batch of their own. */
function restOf(
  batch: RecordBatch,
  { selection, count, groups }: AddedRows,
  from: number,
  states: readonly PlacedState[],
  { region }: Interpreter,
): Rest {
  if (from === 0 && selection === null) return { batch, groups }
  let indices = selection?.subarray(from, count)
  if (indices === undefined) {
    indices = region.int32(count - from)
    for (let i = from; i < count; i++) indices[i - from] = i
  }
  const used = new Set<number>()
  for (const { arg, filter } of states)
    for (const expr of [arg, filter])
      if (expr !== null) for (const column of columnsOf(expr)) used.add(column)
  const left = count - from
  const columns = batch.columns.map((column, index) =>
    used.has(index) ? take(column, indices, left, region) : column,
  )
  return { batch: { rowCount: left, columns }, groups: groups?.subarray(from, count) ?? null }
}

function gather(groups: Int32Array, indices: Int32Array, count: number, { region }: Interpreter): Int32Array {
  const out = region.int32(count)
  for (let i = 0; i < count; i++) out[i] = groups[indices[i]!]!
  return out
}

function byFilter(states: readonly PlacedState[]): ReadonlyMap<string, readonly PlacedState[]> {
  const groups = new Map<string, PlacedState[]>()
  for (const state of states) {
    const key = state.filter === null ? '' : exprKey(state.filter)
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [state])
    else members.push(state)
  }
  return groups
}

/** The states of one filter, with their arguments computed before: each is a column. */
class PlainLoop {
  readonly #args: readonly Expr[]
  readonly #states: readonly PlacedState[]
  readonly #wordsPerGroup: number
  readonly #loops = new Map<boolean, CompiledLoop>()

  constructor(states: readonly PlacedState[], wordsPerGroup: number) {
    const args = new Map<string, Expr>()
    for (const { arg } of states) if (arg !== null) args.set(exprKey(arg), arg)
    this.#args = [...args.values()]
    const keys = [...args.keys()]
    this.#states = states.map((state): PlacedState => {
      const { arg } = state
      if (arg === null) return { ...state, filter: null }
      const index = keys.indexOf(exprKey(arg))
      return { ...state, filter: null, arg: { kind: 'column', index, name: '', type: arg.type } }
    })
    this.#wordsPerGroup = wordsPerGroup
  }

  add(batch: RecordBatch, groups: Int32Array | null, address: number, context: Interpreter): void {
    const { rowCount } = batch
    const columns: Vector[] = this.#args.map((arg) => context.evaluate(arg, batch, context))
    const isGrouped = groups !== null
    let loop = this.#loops.get(isGrouped)
    if (loop === undefined) {
      const form = { isSelected: false, isGrouped, isNarrow: false }
      const made = loopOf(this.#states, this.#wordsPerGroup, form, true)
      if (made === null) throw new Error('states over columns have no loop')
      loop = made
      this.#loops.set(isGrouped, loop)
    }
    const rows: AddedRows = { selection: null, count: rowCount, groups }
    const done = runLoop(loop, { rowCount, columns }, rows, 0, address, null, context)
    if (done < rowCount) throw new Error(`a loop over columns added ${done} of ${rowCount} rows`)
  }
}
