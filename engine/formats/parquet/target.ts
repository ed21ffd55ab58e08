import {
  allocateFixed,
  type FixedArray,
  fixedVector,
  getBit,
  setBit,
  type Vector,
} from '../../batch/index.ts'
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
  /** The last `dense` rows become `count` rows, of which those are there whose bit of `validity` is set. */
  spread(dense: number, count: number, validity: Uint8Array): void
  finish(validity: Uint8Array | null): Vector
}

/** Numbers. */
export class FixedTarget implements Target {
  readonly type: DataType
  readonly lanes: 1 | 2
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
  }

  reserve(count: number): void {
    if (this.length + count <= this.#capacity) return
    this.#capacity = Math.max(2 * this.#capacity, this.length + count)
    const larger = allocateFixed(this.type, this.#capacity, this.#region, this.lanes)
    larger.set(this.values as never)
    this.values = larger
  }

  spread(dense: number, count: number, validity: Uint8Array): void {
    const end = this.length - dense
    this.length = end + count
    const { values, lanes } = this
    if (values instanceof BigInt64Array) {
      const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
      if (lanes === 1) spread64(halves, end, dense, count, validity)
      else spread128(halves, end, dense, count, validity)
    } else if (values instanceof Int32Array) spread32(values, end, dense, count, validity)
    else if (values instanceof Float64Array) spreadFloat64(values, end, dense, count, validity)
    else spreadOther(values as Int16Array, end, dense, count, validity)
  }

  finish(validity: Uint8Array | null): Vector {
    const { type, length, lanes } = this
    const values = this.values.subarray(0, length * lanes)
    if (lanes === 2 && narrowPairs(values as BigInt64Array, length))
      return fixedVector(type, length, values.subarray(0, length), validity, 1)
    return fixedVector(type, length, values, validity, lanes)
  }
}

// Rows move from the end, so that none is overwritten before it has moved.

function spread32(
  values: Int32Array,
  from: number,
  dense: number,
  count: number,
  validity: Uint8Array,
): void {
  let source = from + dense
  for (let row = from + count - 1; row >= from; row--)
    if (getBit(validity, row)) values[row] = values[--source]!
}

function spread64(
  halves: Int32Array,
  from: number,
  dense: number,
  count: number,
  validity: Uint8Array,
): void {
  let source = 2 * (from + dense)
  for (let row = from + count - 1; row >= from; row--) {
    if (!getBit(validity, row)) continue
    halves[2 * row + 1] = halves[--source]!
    halves[2 * row] = halves[--source]!
  }
}

function spread128(
  words: Int32Array,
  from: number,
  dense: number,
  count: number,
  validity: Uint8Array,
): void {
  let source = 4 * (from + dense)
  for (let row = from + count - 1; row >= from; row--) {
    if (!getBit(validity, row)) continue
    words[4 * row + 3] = words[--source]!
    words[4 * row + 2] = words[--source]!
    words[4 * row + 1] = words[--source]!
    words[4 * row] = words[--source]!
  }
}

function spreadFloat64(
  values: Float64Array,
  from: number,
  dense: number,
  count: number,
  validity: Uint8Array,
): void {
  let source = from + dense
  for (let row = from + count - 1; row >= from; row--)
    if (getBit(validity, row)) values[row] = values[--source]!
}

/** One and two byte integers and 32-bit floats: rarer, so one polymorphic loop serves them. */
function spreadOther(
  values: Int16Array,
  from: number,
  dense: number,
  count: number,
  validity: Uint8Array,
): void {
  let source = from + dense
  for (let row = from + count - 1; row >= from; row--)
    if (getBit(validity, row)) values[row] = values[--source]!
}

/** Pairs become single values in place if all fit; false if not. */
function narrowPairs(pairs: BigInt64Array, length: number): boolean {
  const words = new Int32Array(pairs.buffer, pairs.byteOffset, pairs.length * 2)
  for (let at = 0; at < length * 4; at += 4) {
    const sign = words[at + 1]! >> 31
    if (words[at + 2] !== sign || words[at + 3] !== sign) return false
  }
  for (let row = 0; row < length; row++) {
    words[2 * row] = words[4 * row]!
    words[2 * row + 1] = words[4 * row + 1]!
  }
  return true
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

  finish(validity: Uint8Array | null): Vector {
    return fixedVector(this.type, this.length, this.bits.subarray(0, (this.length + 7) >> 3), validity)
  }
}
