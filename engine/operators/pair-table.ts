import { clearBit } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { Int64Table } from './int-tables.ts'

/** Pairs are looked up by position while both numbers together need no more bits than this. */
const DIRECT_BITS = 16

/**
 * Distinct pairs of small numbers (codes of key columns), numbered in order of arrival. Few distinct codes
 * are found by position in one array, without hashing: the common case of grouping by two short
 * dictionaries.
 */
export class PairTable {
  #direct: Int32Array | null
  /** Bits of the second number in a direct position. */
  #bits = 4
  #count = 0
  readonly #hashed: Int64Table
  readonly #region: Region
  #scratch = new Int32Array(0)

  constructor(region: Region) {
    this.#region = region
    this.#hashed = new Int64Table(region)
    this.#direct = region.int32(1 << 8).fill(-1)
  }

  get size(): number {
    return this.#direct === null ? this.#hashed.size : this.#count
  }

  /**
   * The number of each pair, new ones getting the next; -1 where either is negative. `firstSize`,
   * `secondSize`: bounds of the codes.
   */
  insert(
    first: Int32Array,
    second: Int32Array,
    sizes: readonly [firstSize: number, secondSize: number],
    rowCount: number,
    out: Int32Array,
  ): void {
    if (this.#direct !== null) this.#fit(sizes[0], sizes[1])
    if (this.#direct !== null) {
      this.#count = insertDirect(this.#direct, this.#bits, this.#count, first, second, rowCount, out)
      return
    }
    const keys = this.#keys(first, second, rowCount)
    this.#hashed.insert(keys, validPairs(first, second, rowCount), rowCount, out)
  }

  /** The number of each pair; -1 where it is not there or either is negative. */
  find(first: Int32Array, second: Int32Array, rowCount: number, out: Int32Array): void {
    if (this.#direct !== null) {
      findDirect(this.#direct, this.#bits, first, second, rowCount, out)
      return
    }
    const keys = this.#keys(first, second, rowCount)
    this.#hashed.find(keys, validPairs(first, second, rowCount), rowCount, out)
  }

  #keys(first: Int32Array, second: Int32Array, rowCount: number): Int32Array {
    if (this.#scratch.length < rowCount * 2) this.#scratch = new Int32Array(rowCount * 2)
    const keys = this.#scratch
    for (let i = 0; i < rowCount; i++) {
      keys[2 * i] = first[i]!
      keys[2 * i + 1] = second[i]!
    }
    return keys
  }

  /** Makes the direct array large enough for codes below the sizes, or moves to hashing. */
  #fit(firstSize: number, secondSize: number): void {
    const direct = this.#direct!
    if (secondSize <= 1 << this.#bits && firstSize <= direct.length >> this.#bits) return
    const secondBits = Math.max(this.#bits, bitsFor(secondSize))
    const firstBits = Math.max(bitsFor(direct.length >> this.#bits), bitsFor(firstSize))
    const pairs = directPairs(direct, this.#bits, this.#count)
    if (firstBits + secondBits > DIRECT_BITS) {
      this.#hashed.insert(pairs, null, this.#count, new Int32Array(this.#count))
      this.#direct = null
      return
    }
    const larger = this.#region.int32(1 << (firstBits + secondBits)).fill(-1)
    for (let i = 0; i < this.#count; i++) larger[(pairs[2 * i]! << secondBits) | pairs[2 * i + 1]!] = i
    this.#direct = larger
    this.#bits = secondBits
  }
}

/** A bitmap of the rows where neither code is negative; null if that holds for all. */
function validPairs(first: Int32Array, second: Int32Array, rowCount: number): Uint8Array | null {
  let bits: Uint8Array | null = null
  for (let i = 0; i < rowCount; i++) {
    if ((first[i]! | second[i]!) >= 0) continue
    bits ??= new Uint8Array((rowCount + 7) >> 3).fill(0xff)
    clearBit(bits, i)
  }
  return bits
}

/** Bits that hold all numbers below `size`. */
function bitsFor(size: number): number {
  return size <= 1 ? 0 : 32 - Math.clz32(size - 1)
}

/** All pairs of a direct array by number, as int32 halves. */
function directPairs(direct: Int32Array, bits: number, count: number): Int32Array {
  const pairs = new Int32Array(count * 2)
  for (let at = 0; at < direct.length; at++) {
    const entry = direct[at]!
    if (entry < 0) continue
    pairs[2 * entry] = at >> bits
    pairs[2 * entry + 1] = at & ((1 << bits) - 1)
  }
  return pairs
}

function insertDirect(
  direct: Int32Array,
  bits: number,
  count: number,
  first: Int32Array,
  second: Int32Array,
  rowCount: number,
  out: Int32Array,
): number {
  let next = count
  for (let i = 0; i < rowCount; i++) {
    if ((first[i]! | second[i]!) < 0) {
      out[i] = -1
      continue
    }
    const at = (first[i]! << bits) | second[i]!
    let entry = direct[at]!
    if (entry < 0) {
      entry = next++
      direct[at] = entry
    }
    out[i] = entry
  }
  return next
}

function findDirect(
  direct: Int32Array,
  bits: number,
  first: Int32Array,
  second: Int32Array,
  rowCount: number,
  out: Int32Array,
): void {
  for (let i = 0; i < rowCount; i++)
    out[i] = (first[i]! | second[i]!) < 0 ? -1 : direct[(first[i]! << bits) | second[i]!]!
}
