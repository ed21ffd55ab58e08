import { FunctionEmitter, op, type WasmType, wasm } from '../../wasm/index.ts'
import { EmitError, type Emitted, fitsBits, type IntValue, type WideValue } from './emitted.ts'

/** Parameters of every compiled function: addresses, and the positions it goes through. */
const TABLE = 0
export const FROM = 1
export const TO = 2

/**
 * The function that is being emitted: a loop over positions, and where values of the current row are.
 *
 * ```
 * run(table, from, to) → to, or the position of a row that it cannot do
 * table: an address for each slot
 * ```
 *
 * What was computed once for the row is found again by its key, within the branch it was computed in.
 */
export class RowCode {
  readonly code = new FunctionEmitter([wasm.i32, wasm.i32, wasm.i32])
  /** The position that the loop is at, and the row of the batch that stands there. */
  readonly position: number
  readonly row: number
  /** A local i32 that is always 0: it is the validity of NULL, and the place of a constant's value. */
  readonly zero: number
  readonly #pointers: readonly number[]
  readonly #scopes: Map<string, Emitted | number>[] = [new Map()]
  #exit = 0

  constructor(slotCount: number, isSelected: boolean) {
    this.position = this.code.local(wasm.i32)
    this.row = isSelected ? this.code.local(wasm.i32) : this.position
    this.zero = this.code.local(wasm.i32)
    this.#pointers = Array.from({ length: slotCount }, (_, slot) => {
      const pointer = this.code.local(wasm.i32)
      this.code
        .get(TABLE)
        .memory(op.i32Load, 2, slot * 4)
        .set(pointer)
      return pointer
    })
  }

  /** Ends the loop after so many rows, which become known later; gives what `code.fill` takes. */
  atMost(): number {
    const { code } = this
    code.get(TO).get(FROM).emit(op.i32Sub)
    const first = code.i32Later()
    const rows = this.keep(wasm.i32)
    code.get(rows).emit(op.i32GtS).if().get(FROM).get(rows).emit(op.i32Add).set(TO).end()
    return first
  }

  /** The local that has the address of a slot. */
  pointer(slot: number): number {
    const pointer = this.#pointers[slot]
    if (pointer === undefined) throw new Error(`slot ${slot} is not among ${this.#pointers.length}`)
    return pointer
  }

  /**
   * Emits the loop and what comes after it. `selection` is the slot of the rows to visit; -1 visits all.
   * `body` may jump to `next` to leave the row.
   */
  loop(selection: number, body: (next: number) => void, after: () => void): void {
    const { position, row } = this
    this.pass(FROM, TO, (next) => {
      if (selection >= 0) this.at(this.pointer(selection), position, 2).memory(op.i32Load, 2).set(row)
      body(next)
    })
    after()
    this.code.get(position)
  }

  /**
   * Emits a loop over the positions from local `begin` to local `end`. Behind it `position` is not `end` if a
   * row failed.
   */
  pass(begin: number, end: number, body: (next: number) => void): void {
    const { code, position } = this
    code.get(begin).set(position)
    code.block()
    this.#exit = code.label
    code.get(begin).get(end).emit(op.i32GeS).brIf(this.#exit)
    code.loop()
    const again = code.label
    code.block()
    this.branch(() => body(code.label))
    code.end()
    code.get(position).i32(1).emit(op.i32Add).tee(position).get(end).emit(op.i32LtS).brIf(again)
    code.end().end()
  }

  /** Takes an i32 from the stack: unless it is 0 the function ends at this row. */
  failIf(): void {
    this.code.brIf(this.#exit)
  }

  /** What `make` emitted for the key, once for the row as far as control flow allows. */
  once<T extends Emitted | number>(key: string, make: () => T): T {
    for (const scope of this.#scopes) {
      const found = scope.get(key)
      // The caller asks for what it put in: keys tell values and locals apart.
      if (found !== undefined) return found as T
    }
    const made = make()
    this.#scopes.at(-1)!.set(key, made)
    return made
  }

  /** Emits code that only some rows run: what it computes is not known behind it. */
  branch(body: () => void): void {
    this.#scopes.push(new Map())
    body()
    this.#scopes.pop()
  }

  /** A new local with the value that is on the stack. */
  keep(type: WasmType): number {
    const local = this.code.local(type)
    this.code.set(local)
    return local
  }

  /** Pushes `pointer + (index << log2)`. */
  at(pointer: number, index: number, log2: number): FunctionEmitter {
    const offset =
      log2 === 0
        ? index
        : this.once(`offset ${index} ${log2}`, () => {
            this.code.get(index).i32(log2).emit(op.i32Shl)
            return this.keep(wasm.i32)
          })
    return this.code.get(pointer).get(offset).emit(op.i32Add)
  }

  /** Pushes an integer as i64. */
  push(value: IntValue): FunctionEmitter {
    const { source } = value
    return typeof source === 'bigint' ? this.code.i64(source) : this.code.get(source)
  }

  /** Keeps the i64 on the stack as an integer with proven bounds. */
  int(least: bigint, most: bigint, valid: number | null): IntValue {
    return { kind: 'int', source: this.keep(wasm.i64), least, most, valid }
  }

  /** A constant. */
  constant(value: bigint): IntValue | WideValue {
    if (fitsBits({ least: value, most: value }, 64))
      return { kind: 'int', source: value, least: value, most: value, valid: null }
    if (!fitsBits({ least: value, most: value }, 128)) throw new EmitError('a constant beyond 128 bits')
    this.code.i64(BigInt.asIntN(64, value))
    const low = this.keep(wasm.i64)
    this.code.i64(value >> 64n)
    return { kind: 'wide', low, high: this.keep(wasm.i64), least: value, most: value, valid: null }
  }

  /** 1 where both are: validities, of which null is always 1. */
  both(a: number | null, b: number | null): number | null {
    if (a === null || a === b) return b
    if (b === null) return a
    this.code.get(a).get(b).emit(op.i32And)
    return this.keep(wasm.i32)
  }
}
