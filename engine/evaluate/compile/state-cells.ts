import { type FunctionEmitter, op, wasm } from '../../wasm/index.ts'
import { formOf } from './emitted.ts'
import type { PlacedState } from './flat-state.ts'

/** Where the words of the current row's group are. */
export interface Cells {
  /** Pushes a word. */
  load(word: number, isFloat: boolean): void
  /** Stores what `push` pushes; nothing may be on the stack before. */
  store(word: number, isFloat: boolean, push: () => void): void
}

/** Words in memory, at the address of the group. */
export class GroupCells implements Cells {
  readonly address: number
  readonly #code: FunctionEmitter

  constructor(code: FunctionEmitter) {
    this.#code = code
    this.address = code.local(wasm.i32)
  }

  load(word: number, isFloat: boolean): void {
    this.#code.get(this.address).memory(isFloat ? op.f64Load : op.i64Load, 3, word * 8)
  }

  store(word: number, isFloat: boolean, push: () => void): void {
    this.#code.get(this.address)
    push()
    this.#code.memory(isFloat ? op.f64Store : op.i64Store, 3, word * 8)
  }
}

/** Words of the one group in locals, from before the loop until behind it. */
export class TotalCells implements Cells {
  readonly #base: number
  readonly #locals = new Map<number, { readonly local: number; readonly isFloat: boolean }>()
  readonly #code: FunctionEmitter

  constructor(base: number, states: readonly PlacedState[], code: FunctionEmitter) {
    this.#base = base
    this.#code = code
    for (const state of states)
      for (let word = state.word; word < state.word + state.words; word++) {
        const isFloat = isFloatState(state)
        const local = code.local(isFloat ? wasm.f64 : wasm.i64)
        code
          .get(base)
          .memory(isFloat ? op.f64Load : op.i64Load, 3, word * 8)
          .set(local)
        this.#locals.set(word, { local, isFloat })
      }
  }

  load(word: number): void {
    this.#code.get(this.#locals.get(word)!.local)
  }

  store(word: number, _isFloat: boolean, push: () => void): void {
    push()
    this.#code.set(this.#locals.get(word)!.local)
  }

  writeBack(): void {
    for (const [word, { local, isFloat }] of this.#locals)
      this.#code
        .get(this.#base)
        .get(local)
        .memory(isFloat ? op.f64Store : op.i64Store, 3, word * 8)
  }
}

/** Whether the word of a state is a double. */
function isFloatState({ kind, arg }: PlacedState): boolean {
  if (kind === 'float') return true
  return (kind === 'least' || kind === 'greatest') && formOf(arg!.type) === 'float'
}
