import { keyRowKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'

/** Tuples are looked up by position while all codes together need no more bits than this. */
const DIRECT_BITS = 16

/**
 * Distinct tuples of small codes, numbered in order of arrival: the codes side by side are a position in one
 * array. The common case of grouping by a few short dictionaries, without hashing.
 */
export class DirectTuples {
  size = 0
  #bits: readonly number[]
  readonly #region: Region
  /** The number at each position, or -1. */
  readonly #direct: GrowingBuffer
  /** The position of each number. */
  readonly #kept: GrowingBuffer

  /** For tuples of `width` codes. */
  constructor(width: number, region: Region) {
    this.#region = region
    this.#bits = Array.from({ length: width }, () => 0)
    this.#direct = new GrowingBuffer(region)
    this.#kept = new GrowingBuffer(region)
    this.#clear()
  }

  /** Makes room for codes below `sizes`; false if they are too many. */
  fit(sizes: readonly number[]): boolean {
    const bits = this.#bits.map((held, index) => Math.max(held, bitsFor(sizes[index]!)))
    if (bits.reduce((sum, more) => sum + more, 0) > DIRECT_BITS) return false
    if (bits.every((more, index) => more === this.#bits[index])) return true
    const columns = bits.map((_, index) => this.codes(index, 0, this.size))
    this.#bits = bits
    this.#clear()
    const kept = this.#kept.int32(this.size)
    const direct = this.#direct.int32(this.#positions)
    for (let number = 0; number < this.size; number++) {
      let [position, shift] = [0, 0]
      for (const [index, codes] of columns.entries()) {
        position |= codes[number]! << shift
        shift += bits[index]!
      }
      kept[number] = position
      direct[position] = number
    }
    return true
  }

  /** The number of each row's tuple, new ones getting the next; -1 where a code is negative. */
  insert(codes: readonly number[], rowCount: number, out: Int32Array): void {
    const to = this.#pack(codes, rowCount, out)
    const [direct, kept] = [this.#direct.address, this.#kept.address]
    this.size = keyRowKernels(this.#region.pool).insertDirect(to, direct, kept, this.size, rowCount, to)
  }

  /** The number of each row's tuple; -1 where it is not there. */
  find(codes: readonly number[], rowCount: number, out: Int32Array): void {
    const to = this.#pack(codes, rowCount, out)
    keyRowKernels(this.#region.pool).findDirect(to, this.#direct.address, rowCount, to)
  }

  /** The codes at place `index` of tuples [from, from + count). */
  codes(index: number, from: number, count: number): Int32Array {
    const shift = this.#bits.slice(0, index).reduce((sum, more) => sum + more, 0)
    const mask = (1 << this.#bits[index]!) - 1
    return this.#kept
      .int32(this.size)
      .slice(from, from + count)
      .map((position) => (position >> shift) & mask)
  }

  get #positions(): number {
    return 1 << this.#bits.reduce((sum, more) => sum + more, 0)
  }

  #clear(): void {
    const positions = this.#positions
    this.#direct.reserve(positions * 4)
    this.#kept.reserve(positions * 4, this.size * 4)
    this.#direct.int32(positions).fill(-1)
  }

  #pack(codes: readonly number[], rowCount: number, out: Int32Array): number {
    const { packCodes } = keyRowKernels(this.#region.pool)
    out.fill(0, 0, rowCount)
    let shift = 0
    for (const [index, column] of codes.entries()) {
      packCodes(column, shift, rowCount, out.byteOffset)
      shift += this.#bits[index]!
    }
    return out.byteOffset
  }
}

/** Bits that hold all codes below `size`. */
function bitsFor(size: number): number {
  return size <= 1 ? 0 : 32 - Math.clz32(size - 1)
}
