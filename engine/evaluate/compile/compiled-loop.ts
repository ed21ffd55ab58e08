import type { RecordBatch, Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { cachedRun, type WasmRun } from '../../wasm/index.ts'
import type { Interpreter } from '../eval-context.ts'
import type { Emission } from './emit-expr.ts'
import { EmitError } from './emitted.ts'
import { type InputShape, shapeKey, shapeOf, sizeOf } from './input-shape.ts'
import { addressesOf, inputVector, isAtHand } from './input-vector.ts'
import { SLOTS_PER_INPUT } from './load-input.ts'
import type { PlannedInput } from './plan-inputs.ts'

/** Shapes that one loop is compiled for; a plan that sees more kinds of batches is interpreted. */
const MAX_VARIANTS = 24

/** Batches that may fail before the compiled code is given up: each was computed in vain. */
const MAX_FAILURES = 3

/** The inputs of one batch, ready to be read. */
export interface BoundInputs {
  readonly vectors: readonly Vector[]
  readonly shapes: readonly InputShape[]
}

/** How a loop is emitted for inputs of given shapes: the bytes of its module. EmitError if it cannot be. */
export type EmitLoop = (inputs: Emission['inputs'], firstFreeSlot: number) => Uint8Array

/**
 * A loop over rows, compiled for each combination of shapes that its inputs come in. Inputs that are small
 * get code for small values, which ends at the first row where it does not hold; `grow` then looks again.
 */
export class CompiledLoop {
  /** What is computed, the same for equal plans. */
  readonly key: string
  readonly #inputs: readonly PlannedInput[]
  readonly #inputKeys: readonly string[]
  readonly #emit: EmitLoop
  readonly #bits: number[]
  readonly #runs = new Map<string, WasmRun | null>()
  readonly #isRequired: boolean
  /** The memory that the functions of `#runs` work in. */
  #memory: WebAssembly.Memory | null = null
  #failures = 0

  /** `isRequired`: nothing else can do it, so that it is never given up. */
  constructor(key: string, inputs: ReadonlyMap<string, PlannedInput>, emit: EmitLoop, isRequired = false) {
    this.key = key
    this.#inputs = [...inputs.values()]
    this.#inputKeys = [...inputs.keys()]
    this.#emit = emit
    this.#isRequired = isRequired
    this.#bits = this.#inputs.map(() => -1)
  }

  /** Slots of the inputs' addresses, which come first in the table. */
  get slotCount(): number {
    return this.#inputs.length * SLOTS_PER_INPUT
  }

  /** Whether code was compiled already, so that it costs nothing to use it. */
  get isWarm(): boolean {
    return this.#runs.size > 0
  }

  /** Whether no input of a batch has to be computed for every row. */
  areAtHand(batch: RecordBatch): boolean {
    return this.#inputs.every(({ expr }) => isAtHand(expr, batch))
  }

  /** The inputs of a batch; null if it has one that compiled code cannot read. */
  bind(batch: RecordBatch, context: Interpreter): BoundInputs | null {
    if (this.#failures >= MAX_FAILURES && !this.#isRequired) return null
    try {
      return this.#shaped(this.#inputs.map(({ expr }) => inputVector(expr, batch, context)))
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      // The interpreter, which goes row by row where it must, says which error comes first.
      this.fail()
      return null
    }
  }

  #shaped(vectors: readonly Vector[]): BoundInputs | null {
    const shapes: InputShape[] = []
    for (const [index, vector] of vectors.entries()) {
      const { needsValues, isSized } = this.#inputs[index]!
      const shape = shapeOf(vector, needsValues, 0)
      if (shape === null) return null
      if (!isSized && shape.lanes === 1) shapes.push(shape)
      else {
        if (this.#bits[index] === -1) this.#bits[index] = sizeOf(vector, true)
        shapes.push({ ...shape, bits: this.#bits[index]! })
      }
    }
    return { vectors, shapes }
  }

  /** The function for bound inputs; null if there is none. */
  runFor(bound: BoundInputs, memory: WebAssembly.Memory): WasmRun | null {
    if (this.#memory !== memory) {
      this.#runs.clear()
      this.#memory = memory
    }
    const variant = bound.shapes.map(shapeKey).join(';')
    let run = this.#runs.get(variant)
    if (run !== undefined) return run
    if (this.#runs.size >= MAX_VARIANTS && !this.#isRequired) return null
    run = cachedRun(`${this.key} ${variant}`, memory, () => this.#compile(bound.shapes))
    this.#runs.set(variant, run)
    return run
  }

  #compile(shapes: readonly InputShape[]): Uint8Array | null {
    const inputs = new Map(
      shapes.map((shape, index) => [this.#inputKeys[index]!, { shape, slot: index * SLOTS_PER_INPUT }]),
    )
    try {
      return this.#emit(inputs, this.slotCount)
    } catch (error) {
      if (error instanceof EmitError) return null
      throw error
    }
  }

  /** The table of addresses: those of the inputs, then `others`. */
  table(bound: BoundInputs, others: readonly number[], context: Interpreter): Int32Array {
    const table = context.region.int32(this.slotCount + others.length)
    bound.vectors.forEach((vector, index) => {
      table.set(addressesOf(vector, context.region), index * SLOTS_PER_INPUT)
    })
    table.set(others, this.slotCount)
    return table
  }

  /**
   * After a row that failed: the same inputs with sizes that hold for all rows; null if that changes nothing.
   */
  grow(bound: BoundInputs): BoundInputs | null {
    let hasGrown = false
    for (const [index, vector] of bound.vectors.entries()) {
      const known = this.#bits[index]!
      if (known <= 0) continue
      const bits = sizeOf(vector, false)
      if (bits !== 0 && bits <= known) continue
      this.#bits[index] = bits
      hasGrown = true
    }
    return hasGrown ? this.#shaped(bound.vectors) : null
  }

  /** Counts a batch that had to be interpreted after all. */
  fail(): void {
    this.#failures++
  }
}
