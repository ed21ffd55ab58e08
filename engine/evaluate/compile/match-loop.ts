import type { RecordBatch } from '../../batch/index.ts'
import { assembleModule, wasm } from '../../wasm/index.ts'
import type { Interpreter } from '../eval-context.ts'
import { isWorthCompiling } from './compile-predicate.ts'
import { CompiledLoop } from './compiled-loop.ts'
import { EmitError } from './emitted.ts'
import { ProbeCode, probeMemory, probeSlots, stepSlot } from './probe-code.ts'
import { type Probes, planProbes, probesKey } from './probe-step.ts'
import { RowCode } from './row-code.ts'

/** Rows of a batch that are left, with the rows that each of them found. */
export interface Matches {
  /** By source; null where the rows found are not wanted. Longer than `count`. */
  readonly rows: readonly (Int32Array | null)[]
  readonly count: number
  /** How many rows passed each step. */
  readonly passed: readonly number[]
}

/** All steps of probes as one compiled function. */
export class MatchLoop {
  readonly #probes: Probes
  readonly #loop: CompiledLoop

  /** null if there is a step that has no compiled form. */
  static of(probes: Probes): MatchLoop | null {
    try {
      return new MatchLoop(probes)
    } catch (error) {
      if (error instanceof EmitError) return null
      throw error
    }
  }

  private constructor(probes: Probes) {
    const planned = planProbes(probes, [])
    this.#probes = probes
    this.#loop = new CompiledLoop(`match ${probesKey(probes)}`, planned, (inputs, slot) => {
      const row = new RowCode(slot + probeSlots(probes), true)
      const { code } = row
      const steps = new ProbeCode(probes, slot, row)
      steps.loop({ row, inputs: steps.placed(inputs, planned) }, null, () => {})
      return assembleModule(code, [wasm.i32])
    })
  }

  /** The rows of a batch from `from` on that pass all steps; null if they have to be found otherwise. */
  match(batch: RecordBatch, from: number, context: Interpreter): Matches | null {
    const loop = this.#loop
    if (!isWorthCompiling(loop, batch, context)) return null
    const { region } = context
    const { steps } = this.#probes
    const { rows, slots } = probeMemory(this.#probes, batch.rowCount, region)
    let bound = loop.bind(batch, context)
    while (bound !== null) {
      const run = loop.runFor(bound, region.pool.memory)
      if (run === null) return null
      const table = loop.table(bound, slots, context)
      if (run(table.byteOffset, from, batch.rowCount) === batch.rowCount) {
        const passed = steps.map((_, step) => table[loop.slotCount + stepSlot(this.#probes, step)]!)
        return { rows, count: passed.at(-1) ?? batch.rowCount, passed }
      }
      bound = loop.grow(bound)
    }
    loop.fail()
    return null
  }
}
