import type { Region } from '../../memory/index.ts'
import { op, wasm } from '../../wasm/index.ts'
import { type Emission, emitTruth } from './emit-expr.ts'
import { BLOCK_ROWS, emitLookup, SCRATCH_BYTES } from './emit-lookup.ts'
import type { PlannedInput } from './plan-inputs.ts'
import type { ProbeStep, Probes, RowLookup } from './probe-step.ts'
import { FROM, type RowCode, TO } from './row-code.ts'

/** Scratch of lookups. */
const SCRATCH = 0
/** Then for each source where the rows go that are left. */
const ROWS = 1
/** For each step: the number of rows that passed, which the function writes; then the table of a lookup. */
const SLOTS_PER_STEP = 5

/** Locals with the first position and the one behind the last. */
type Range = readonly [begin: number, end: number]

/** Slots of probes, behind all others. */
export function probeSlots({ steps, sourceCount }: Probes): number {
  return ROWS + sourceCount + steps.length * SLOTS_PER_STEP
}

/** The first slot of a step, of those of probes. */
export function stepSlot({ sourceCount }: Probes, step: number): number {
  return ROWS + sourceCount + step * SLOTS_PER_STEP
}

/** What a call of a function with probes works in. */
export interface ProbeMemory {
  /** By source the rows that are left; null where the rows found are not wanted. */
  readonly rows: readonly (Int32Array | null)[]
  /** What goes into the slots. */
  readonly slots: readonly number[]
}

/** Room for the rows of a batch. */
export function probeMemory(probes: Probes, rowCount: number, region: Region): ProbeMemory {
  const { steps, sourceCount } = probes
  const wanted = new Set(steps.map((step) => (step.kind === 'lookup' ? step.source : null)))
  const rows = Array.from({ length: sourceCount }, (_, source) =>
    source === 0 || wanted.has(source) ? region.int32(rowCount + 1) : null,
  )
  const ofSteps = steps.flatMap((step) => {
    if (step.kind === 'test') return [0, 0, 0, 0, 0]
    const { ranges, heads, slotCount, codes } = step.table
    return [0, ranges, heads, slotCount, codes]
  })
  const scratch = region.allocate(SCRATCH_BYTES)
  return { rows, slots: [scratch, ...rows.map((array) => array?.byteOffset ?? 0), ...ofSteps] }
}

/**
 * Emits the steps as loops, one after the other. Each goes over the rows that are left and writes those that
 * pass over them, without a branch to be guessed wrong:
 *
 *   rows  0 1 2 3 4 …  ─▶  1 3 4 …  ─▶  3 …        of the batch
 *                          7 2 9 …  ─▶  2 …        found in the first table
 *                                       5 …        found in the second
 */
export class ProbeCode {
  /** The local with the number of rows that are left. */
  #count = -1
  readonly #probes: Probes
  readonly #slot: number
  readonly #row: RowCode
  /** By source the local with its row. */
  readonly #locals: readonly number[]
  /** Sources whose rows are known. */
  readonly #known: number[] = [0]
  #failed = 0

  /** `slot`: the first of the probes'. */
  constructor(probes: Probes, slot: number, row: RowCode) {
    this.#probes = probes
    this.#slot = slot
    this.#row = row
    this.#locals = Array.from({ length: probes.sourceCount }, (_, source) =>
      source === 0 ? row.row : row.code.local(wasm.i32),
    )
  }

  /** The inputs, each read at the row of its source. */
  placed(inputs: Emission['inputs'], planned: ReadonlyMap<string, PlannedInput>): Emission['inputs'] {
    return new Map(
      [...inputs].map(([key, input]) => {
        const { expr } = planned.get(key)!
        const source = expr.kind === 'column' ? this.#probes.sources[expr.index]! : 0
        return [key, { ...input, at: this.#locals[source]! }]
      }),
    )
  }

  /**
   * Emits the steps, a loop over the rows that are left (null: none), what comes after it, and the result of
   * the function: where it came to. A row that fails in a step fails them all.
   */
  loop(emission: Emission, body: ((next: number) => void) | null, after: () => void): void {
    const { code, position } = this.#row
    const result = code.local(wasm.i32)
    code.block()
    this.#failed = code.label
    code.get(FROM).set(result)
    this.#probes.steps.forEach((step, index) => {
      this.#step(step, this.#slot + stepSlot(this.#probes, index), emission)
    })
    code.get(TO).set(result)
    if (body !== null) {
      this.#pass(body)
      after()
      code.get(position).get(this.#count).emit(op.i32Ne).if()
      this.#row.at(this.#rowsOf(0), position, 2).memory(op.i32Load, 2).set(result)
      code.end()
    }
    code.end().get(result)
  }

  /** A loop over the rows that are left. */
  #pass(body: (next: number) => void, [begin, end]: Range = this.#range): void {
    const row = this.#row
    row.pass(begin, end, (next) => {
      if (this.#count < 0) row.code.get(row.position).set(row.row)
      else
        for (const source of this.#known)
          row.at(this.#rowsOf(source), row.position, 2).memory(op.i32Load, 2).set(this.#locals[source]!)
      body(next)
    })
  }

  /** The local with the address of the rows of a source. */
  #rowsOf(source: number): number {
    return this.#row.pointer(this.#slot + ROWS + source)
  }

  get #range(): Range {
    return this.#count < 0 ? [FROM, TO] : [this.#row.zero, this.#count]
  }

  #step(step: ProbeStep, slot: number, emission: Emission): void {
    const { code } = this.#row
    const out = code.local(wasm.i32)
    code.i32(0).set(out)
    if (step.kind === 'test') {
      this.#checked(() => this.#keep(out, emitTruth(step.predicate, true, emission), null))
    } else this.#lookup(step, slot, out, emission)
    if (step.kind === 'lookup' && step.source !== null) this.#known.push(step.source)
    code.get(out).i32(2).emit(op.i32ShrU)
    this.#count = this.#row.keep(wasm.i32)
    code
      .get(0)
      .get(this.#count)
      .memory(op.i32Store, 2, slot * 4)
  }

  #lookup(step: RowLookup, slot: number, out: number, emission: Emission): void {
    const { code } = this.#row
    const { source } = step
    const first = code.local(wasm.i32)
    const scratch = this.#row.pointer(this.#slot + SCRATCH)
    const lookup = emitLookup(step, slot + 1, scratch, first, emission)
    const keep = () => {
      const { found, isFound } = lookup.find()
      let isKept = isFound
      if (step.isAnti) {
        code.get(isFound).emit(op.i32Eqz)
        isKept = this.#row.keep(wasm.i32)
      }
      this.#keep(out, isKept, source === null || found === null ? null : { source, found })
    }
    const { touch } = lookup
    if (touch === null) {
      this.#checked(keep)
      return
    }
    const [begin, end] = this.#range
    const last = code.local(wasm.i32)
    code.get(begin).set(first).block()
    const done = code.label
    code.get(first).get(end).emit(op.i32GeS).brIf(done).loop()
    const again = code.label
    code.get(first).i32(BLOCK_ROWS).emit(op.i32Add).tee(last).get(end)
    code.get(last).get(end).emit(op.i32LtS, op.select).set(last)
    this.#checked(touch, [first, last])
    this.#checked(keep, [first, last])
    code.get(last).tee(first).get(end).emit(op.i32LtS).brIf(again)
    code.end().end()
  }

  /** A pass after which nothing goes on if a row failed. */
  #checked(body: () => void, range: Range = this.#range): void {
    const { code, position } = this.#row
    this.#pass(body, range)
    code.get(position).get(range[1]).emit(op.i32Ne).brIf(this.#failed)
  }

  /** Writes the row to `out`, and lets the next one overwrite it unless `isKept`. */
  #keep(out: number, isKept: number, more: { source: number; found: number } | null): void {
    const { code } = this.#row
    const store = (source: number, local: number) =>
      code.get(this.#rowsOf(source)).get(out).emit(op.i32Add).get(local).memory(op.i32Store, 2)
    for (const source of this.#known) store(source, this.#locals[source]!)
    if (more !== null) store(more.source, more.found)
    code.get(out).get(isKept).i32(2).emit(op.i32Shl, op.i32Add).set(out)
  }
}
