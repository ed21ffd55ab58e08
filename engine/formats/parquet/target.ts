import {
  allocateFixed,
  clearBit,
  type FixedArray,
  fixedVector,
  getBit,
  setBit,
  type Vector,
} from '../../batch/index.ts'
import { convertKernels, type WantedRows } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'

/**
 * The values of one batch while they are decoded. Values that are there are appended without gaps;
 * then `spread` opens the gaps where NULLs are.
 */
export interface Target {
  /** Rows so far. */
  length: number
  /** Makes room for `count` more rows. */
  reserve(count: number): void
  /** Appends the wanted rows of another target of the same kind, whose first is row `base`. */
  appendRows(source: Target, base: number, wanted: WantedRows): void
  /** The last `dense` rows become `count` rows, of which those are there whose bit of `validity` is set. */
  spread(dense: number, count: number, validity: Uint8Array): void
  finish(validity: Uint8Array | null): Vector
}

/** Numbers. */
export class FixedTarget implements Target {
  readonly type: DataType
  readonly lanes: 1 | 2
  /** Binary logarithm of the bytes of a row. */
  readonly shift: number
  values: FixedArray
  length = 0
  readonly #region: Region
  #capacity: number

  constructor(type: DataType, lanes: 1 | 2, capacity: number, region: Region) {
    this.type = type
    this.lanes = lanes
    this.#region = region
    this.#capacity = capacity
    this.values = allocateFixed(type, capacity, region, lanes)
    this.shift = 31 - Math.clz32(this.values.BYTES_PER_ELEMENT * lanes)
  }

  reserve(count: number): void {
    if (this.length + count <= this.#capacity) return
    this.#capacity = Math.max(2 * this.#capacity, this.length + count)
    const larger = allocateFixed(this.type, this.#capacity, this.#region, this.lanes)
    larger.set(this.values as never)
    this.values = larger
  }

  spread(dense: number, count: number, validity: Uint8Array): void {
    const from = this.length - dense
    this.length = from + count
    const { values, shift } = this
    const kernels = convertKernels(this.#region.pool)
    kernels.spreadRows(values.byteOffset, shift, from, dense, count, validity.byteOffset)
  }

  appendRows(source: FixedTarget, base: number, wanted: WantedRows): void {
    this.appendValues(source.values.byteOffset, base, wanted)
  }

  /** Appends the wanted of values of this width, of which row `base` is the first. */
  appendValues(values: number, base: number, { rows, from, to }: WantedRows): void {
    const kernels = convertKernels(this.#region.pool)
    const start = rows.byteOffset + 4 * from
    kernels.gatherValuesAt(values, this.shift, base, start, to - from, this.nextAddress)
    this.length += to - from
  }

  /** Where the next row goes. */
  get nextAddress(): number {
    return this.values.byteOffset + this.length * (1 << this.shift)
  }

  finish(validity: Uint8Array | null): Vector {
    const { type, length, lanes } = this
    const values = this.values.subarray(0, length * lanes)
    if (lanes === 2 && convertKernels(this.#region.pool).narrowPairs(values.byteOffset, length) === 1)
      return fixedVector(type, length, values.subarray(0, length), validity, 1)
    return fixedVector(type, length, values, validity, lanes)
  }
}

/** Booleans, as bits. */
export class BitTarget implements Target {
  readonly type: DataType
  bits: Uint8Array
  length = 0
  readonly #region: Region

  constructor(type: DataType, capacity: number, region: Region) {
    this.type = type
    this.#region = region
    this.bits = region.bitmap(capacity)
  }

  reserve(count: number): void {
    if (this.length + count <= this.bits.length * 8) return
    const larger = this.#region.bitmap(Math.max(this.bits.length * 16, this.length + count))
    larger.set(this.bits)
    this.bits = larger
  }

  spread(dense: number, count: number, validity: Uint8Array): void {
    const from = this.length - dense
    this.length = from + count
    let source = from + dense
    const { bits } = this
    for (let row = from + count - 1; row >= from; row--) {
      const isSet = getBit(validity, row) && getBit(bits, --source)
      if (isSet) setBit(bits, row)
      else bits[row >> 3]! &= ~(1 << (row & 7))
    }
  }

  appendRows(source: BitTarget, base: number, { rows, from, to }: WantedRows): void {
    const { bits } = this
    for (let i = from; i < to; i++) {
      const at = this.length++
      if (getBit(source.bits, rows[i]! - base)) setBit(bits, at)
      else clearBit(bits, at)
    }
  }

  finish(validity: Uint8Array | null): Vector {
    return fixedVector(this.type, this.length, this.bits.subarray(0, (this.length + 7) >> 3), validity)
  }
}
