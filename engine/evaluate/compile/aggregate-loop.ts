import type { RecordBatch, Vector } from '../../batch/index.ts'
import type { Expr } from '../../expr/index.ts'
import { flatStateKernels } from '../../kernels/index.ts'
import type { Interpreter } from '../eval-context.ts'
import type { AddedRows, CodedGroups, StateTarget } from './added-rows.ts'
import { CompiledLoop, type EmitLoop } from './compiled-loop.ts'
import { type AddedStates, emitAggregate, type RowsForm } from './emit-aggregate.ts'
import { EmitError } from './emitted.ts'
import { exprKey, planKey } from './expr-key.ts'
import type { PlacedState } from './flat-state.ts'
import { isSmall, planInputs, type Wanted } from './plan-inputs.ts'
import { probeMemory } from './probe-code.ts'
import { type Probes, planProbes, probesKey } from './probe-step.ts'
import { byFilter, gather, restOf } from './rest-of-rows.ts'

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
  readonly #asked: Expr | Probes | null
  readonly #loops = new Map<string, CompiledLoop | null>()
  readonly #plain = new Map<string, PlainLoop>()

  /** `asked`: what `addWhole` asks of rows. */
  constructor(states: readonly PlacedState[], wordsPerGroup: number, asked: Expr | Probes | null) {
    this.#states = states
    this.#wordsPerGroup = wordsPerGroup
    this.#asked = asked
  }

  /** Adds rows to states. Arrays lie in the arena. */
  add(batch: RecordBatch, rows: AddedRows, target: StateTarget, context: Interpreter): void {
    if (rows.count === 0) return
    const added: Added = { ...rows, coded: null, target: () => target }
    const form: Form = {
      isSelected: rows.selection !== null,
      groups: rows.groups === null ? 'total' : 'listed',
      keys: [],
      isFiltered: false,
    }
    const done = this.#addCompiled(batch, added, form, context)
    if (done < rows.count) this.#addInterpreted(batch, rows, done, target.address, context)
  }

  /**
   * Adds the rows of a batch for which the predicate is TRUE, or which pass all probes, all in one loop, to
   * group 0 or to groups by the codes of their keys. Gives how many rows it went through: those behind are
   * the caller's.
   */
  addWhole(
    batch: RecordBatch,
    coded: CodedGroups | null,
    target: () => StateTarget,
    context: Interpreter,
  ): number {
    const form: Form = {
      isSelected: false,
      groups: coded === null ? 'total' : 'coded',
      keys: coded?.keys ?? [],
      isFiltered: this.#asked !== null,
    }
    const rows: Added = { selection: null, groups: null, count: batch.rowCount, coded, target }
    return this.#addCompiled(batch, rows, form, context)
  }

  /** Gives the position that it came to. */
  #addCompiled(batch: RecordBatch, rows: Added, form: Form, context: Interpreter): number {
    let done = 0
    for (const isNarrow of isDense(rows.target(), rows.count) ? [true, false] : [false]) {
      if (done === rows.count) break
      const key = JSON.stringify([form, isNarrow])
      let loop = this.#loops.get(key)
      if (loop === undefined) {
        const asked = form.isFiltered ? this.#asked : null
        const added = { states: this.#states, wordsPerGroup: this.#wordsPerGroup, ...askedOf(asked) }
        loop = loopOf(added, { ...form, isNarrow }, false)
        this.#loops.set(key, loop)
      }
      if (loop === null) continue
      const stride = isNarrow ? this.#wordsPerGroup * 8 : null
      const probes = form.isFiltered ? askedOf(this.#asked).probes : null
      // What is computed for every row is better computed for those that pass, which are few.
      if (probes !== null && !loop.areAtHand(batch)) continue
      done = runLoop(loop, batch, { ...rows, probes }, done, stride, context)
    }
    return done
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

/** What `RowsForm` says, and whether the predicate is asked. */
type Form = Omit<RowsForm, 'isNarrow'> & { readonly isFiltered: boolean }

/** A predicate or probes, as one of two. */
function askedOf(asked: Expr | Probes | null): {
  readonly predicate: Expr | null
  readonly probes: Probes | null
} {
  if (asked === null) return { predicate: null, probes: null }
  return 'steps' in asked ? { predicate: null, probes: asked } : { predicate: asked, probes: null }
}

/** What is added; the inputs of probes come from it. */
type Unplanned = Omit<AddedStates, 'probes'> & { readonly probes: Probes | null }

function loopOf(added: Unplanned, form: RowsForm, isRequired: boolean): CompiledLoop | null {
  const { states, wordsPerGroup, predicate, probes } = added
  const exprs = wantedBy(states, form.isSelected || predicate !== null || probes !== null)
  if (predicate !== null) exprs.unshift({ expr: predicate, isLazy: false })
  if (!exprs.every(({ expr }) => isSmall(expr))) return null
  try {
    // Else what the interpreter computes for it would be computed for all rows, and not only for a few.
    if (predicate !== null && !isPure(predicate)) return null
    const planned = probes === null ? planInputs(exprs) : planProbes(probes, exprs)
    const parts = [...(predicate === null ? [] : [predicate]), ...states]
    const asked = probes === null ? '' : probesKey(probes)
    const key = `add ${wordsPerGroup} ${JSON.stringify(form)} ${parts.map(planKey).join(';')} ${asked}`
    const whole: AddedStates = { ...added, probes: probes && { ...probes, planned } }
    const emit: EmitLoop = (inputs, slot) => emitAggregate(whole, form, inputs, slot)
    return new CompiledLoop(key, planned, emit, isRequired)
  } catch (error) {
    if (error instanceof EmitError) return null
    throw error
  }
}

function isPure(predicate: Expr): boolean {
  const inputs = planInputs([{ expr: predicate, isLazy: false }])
  return [...inputs.values()].every(({ expr }) => expr.kind === 'column')
}

function wantedBy(states: readonly PlacedState[], isLazy: boolean): Wanted[] {
  return states.flatMap(({ kind, arg, filter }) => {
    const wanted: Wanted[] = []
    if (filter !== null) wanted.push({ expr: filter, isLazy })
    if (arg === null) return wanted
    // Of what is only counted no value is read: it may be of any type.
    const expr: Expr =
      kind === 'nulls' ? { kind: 'call', name: 'isnull', args: [arg], type: { kind: 'boolean' } } : arg
    return [...wanted, { expr, isLazy: isLazy || filter !== null }]
  })
}

/** Whether rows are added to the states by compiled code that computes their arguments; for EXPLAIN. */
export function isCompiledAggregate(states: readonly PlacedState[], wordsPerGroup: number): boolean {
  const form: RowsForm = { isSelected: false, groups: 'listed', keys: [], isNarrow: false }
  return loopOf({ states, wordsPerGroup, predicate: null, probes: null }, form, false) !== null
}

/** What stands around every call of a narrow loop. */
interface NarrowSums {
  /** Whether all sums are small enough. */
  areSmall(): boolean
  /** Makes their upper words right. */
  extend(): void
}

function narrowSums(
  { address, groupCount, sums }: StateTarget,
  stride: number,
  context: Interpreter,
): NarrowSums {
  const kernels = flatStateKernels(context.region.pool)
  const count = sums.length >> 1
  return {
    areSmall: () => kernels.flatAreSmall(address, stride, groupCount, sums.byteOffset, count) === 1,
    extend: () => kernels.flatExtend(address, stride, groupCount, sums.byteOffset, count),
  }
}

/** Rows, how their groups are found, and where the states are now. */
interface Added extends AddedRows {
  readonly coded: CodedGroups | null
  readonly probes?: Probes | null
  readonly target: () => StateTarget
}

/**
 * Adds rows from position `from` on; gives the position that it came to. `stride` of a narrow loop: bytes a
 * group.
 */
function runLoop(
  loop: CompiledLoop,
  batch: RecordBatch,
  rows: Added,
  from: number,
  stride: number | null,
  context: Interpreter,
): number {
  const { selection, count, groups, coded } = rows
  const probes = rows.probes ? probeMemory(rows.probes, batch.rowCount, context.region) : null
  let bound = loop.bind(batch, context)
  let done = from
  while (bound !== null) {
    const run = loop.runFor(bound, context.region.pool.memory)
    if (run === null) return done
    const found = coded?.cells ?? groups
    const ofGroups = [0, found?.byteOffset ?? 0, selection?.byteOffset ?? 0, ...(coded?.slots ?? [])]
    const others = [...ofGroups, ...(probes?.slots ?? [])]
    const table = loop.table(bound, others, context)
    for (let isStuck = false; !isStuck; ) {
      const target = rows.target()
      const sums = stride === null ? null : narrowSums(target, stride, context)
      if (sums !== null && !sums.areSmall()) return done
      table[loop.slotCount] = target.address
      const next = run(table.byteOffset, done, count)
      sums?.extend()
      if (next === count) return count
      // A narrow loop also ends where sums could become large; what ends at its first row cannot do that row.
      isStuck = sums === null || next === done
      done = next
      if (coded?.meet(done)) isStuck = false
    }
    bound = loop.grow(bound)
  }
  loop.fail()
  return done
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
      const groupsForm = isGrouped ? 'listed' : 'total'
      const form: RowsForm = { isSelected: false, groups: groupsForm, keys: [], isNarrow: false }
      const added = { states: this.#states, wordsPerGroup: this.#wordsPerGroup, ...askedOf(null) }
      const made = loopOf(added, form, true)
      if (made === null) throw new Error('states over columns have no loop')
      loop = made
      this.#loops.set(isGrouped, loop)
    }
    const target: StateTarget = { address, groupCount: 0, sums: new Int32Array(0) }
    const rows: Added = { selection: null, count: rowCount, groups, coded: null, target: () => target }
    const done = runLoop(loop, { rowCount, columns }, rows, 0, null, context)
    if (done < rowCount) throw new Error(`a loop over columns added ${done} of ${rowCount} rows`)
  }
}
