import type { DataType } from '../../types/index.ts'
import { op, wasm } from '../../wasm/index.ts'
import { EmitError, type Emitted, formOf } from './emitted.ts'
import type { RowCode } from './row-code.ts'

/** A value that one of several branches gives. */
export class Choice {
  readonly #row: RowCode
  readonly #form: ReturnType<typeof formOf>
  readonly #low: number
  readonly #high: number
  readonly #valid: number
  #isNullable = false
  #isWide = false
  #least: bigint | null = null
  #most: bigint | null = null

  constructor(type: DataType, row: RowCode) {
    const { code } = row
    this.#row = row
    this.#form = formOf(type)
    this.#low = code.local(this.#form === 'float' ? wasm.f64 : this.#form === 'bool' ? wasm.i32 : wasm.i64)
    this.#high = code.local(wasm.i64)
    this.#valid = code.local(wasm.i32)
  }

  /** Emits that the current branch gives the value. */
  assign(value: Emitted): void {
    const { code } = this.#row
    if (value.kind === 'float' || value.kind === 'bool') code.get(value.local).set(this.#low)
    else if (value.kind === 'int') {
      this.#row.push(value).tee(this.#low).i64(63n).emit(op.i64ShrS).set(this.#high)
      this.#bound(value)
    } else {
      code.get(value.low).set(this.#low).get(value.high).set(this.#high)
      this.#isWide = true
      this.#bound(value)
    }
    if (value.valid === null) code.i32(1)
    else {
      code.get(value.valid)
      this.#isNullable = true
    }
    code.set(this.#valid)
  }

  /** Emits that the current branch gives NULL. The value under it must be set: rows before left theirs. */
  assignNull(): void {
    const { code } = this.#row
    if (this.#form === 'float') code.f64(0).set(this.#low)
    else if (this.#form === 'bool') code.i32(0).set(this.#low)
    else {
      code.i64(0n).tee(this.#low).set(this.#high)
      this.#bound({ least: 0n, most: 0n })
    }
    code.i32(0).set(this.#valid)
    this.#isNullable = true
  }

  /** The value, behind all branches. */
  result(): Emitted {
    const valid = this.#isNullable ? this.#valid : null
    if (this.#form === 'float') return { kind: 'float', local: this.#low, valid }
    if (this.#form === 'bool') return { kind: 'bool', local: this.#low, valid }
    if (this.#form === null || this.#least === null || this.#most === null) throw new EmitError('choice')
    const bounds = { least: this.#least, most: this.#most }
    return this.#isWide
      ? { kind: 'wide', low: this.#low, high: this.#high, ...bounds, valid }
      : { kind: 'int', source: this.#low, ...bounds, valid }
  }

  #bound({ least, most }: { readonly least: bigint; readonly most: bigint }): void {
    if (this.#least === null || least < this.#least) this.#least = least
    if (this.#most === null || most > this.#most) this.#most = most
  }
}
