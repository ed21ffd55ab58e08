import { type FixedVector, getBit, halvesOf } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { growFloat64, growUint8, NO_BYTES, NO_FLOATS } from './growable.ts'

const WORD = 0x1_0000_0000

/** Rows added between carries: each adds less than 2^32 to a word, and doubles are exact below 2^53. */
const ROWS_BETWEEN_CARRIES = 1 << 20

/**
 * Exact sums of integers and decimals, one a group, of 128 bits and more, without a BigInt in the loop:
 * four doubles hold 32 bits each and overflow into the next one only every million rows.
 */
export class ExactSums {
  readonly #region: Region
  #words: [Float64Array, Float64Array, Float64Array, Float64Array] = [
    NO_FLOATS,
    NO_FLOATS,
    NO_FLOATS,
    NO_FLOATS,
  ]
  #seen = NO_BYTES
  #groupCount = 0
  #pending = 0

  constructor(region: Region) {
    this.#region = region
  }

  resize(groupCount: number): void {
    this.#groupCount = groupCount
    for (let i = 0; i < 4; i++) this.#words[i] = growFloat64(this.#words[i]!, groupCount, this.#region)
    this.#seen = growUint8(this.#seen, groupCount, this.#region)
  }

  /** Adds the rows that are not NULL. Any integer, interval or decimal. */
  add(vector: FixedVector, groups: Int32Array, rowCount: number): void {
    for (let from = 0; from < rowCount; from += ROWS_BETWEEN_CARRIES) {
      const to = Math.min(rowCount, from + ROWS_BETWEEN_CARRIES)
      if (this.#pending + to - from > ROWS_BETWEEN_CARRIES) this.#carry()
      this.#pending += to - from
      this.#addRows(vector, groups, from, to)
    }
  }

  /** Whether the group had a value. */
  has(group: number): boolean {
    return this.#seen[group] === 1
  }

  /** Words of all groups, each but the last in [0, 2^32), the last signed. */
  words(): readonly [Float64Array, Float64Array, Float64Array, Float64Array] {
    this.#carry()
    return this.#words
  }

  #addRows(vector: FixedVector, groups: Int32Array, from: number, to: number): void {
    const { values, validity, lanes } = vector
    const [w0, w1, w2, w3] = this.#words
    if (!(values instanceof BigInt64Array))
      addInts(values as Int32Array, validity, groups, from, to, w0, this.#seen)
    else if (lanes === 1) addHalves(halvesOf(values), validity, groups, from, to, w0, w1, this.#seen)
    else addPairs(halvesOf(values), validity, groups, from, to, w0, w1, w2, w3, this.#seen)
  }

  #carry(): void {
    this.#pending = 0
    const [w0, w1, w2, w3] = this.#words
    carryWord(w0, w1, this.#groupCount)
    carryWord(w1, w2, this.#groupCount)
    carryWord(w2, w3, this.#groupCount)
  }
}

function carryWord(word: Float64Array, next: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const carry = Math.floor(word[i]! / WORD)
    if (carry === 0) continue
    word[i]! -= carry * WORD
    next[i]! += carry
  }
}

function addInts(
  values: Int32Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  from: number,
  to: number,
  w0: Float64Array,
  seen: Uint8Array,
): void {
  for (let i = from; i < to; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const group = groups[i]!
    w0[group]! += values[i]!
    seen[group] = 1
  }
}

function addHalves(
  halves: Int32Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  from: number,
  to: number,
  w0: Float64Array,
  w1: Float64Array,
  seen: Uint8Array,
): void {
  for (let i = from; i < to; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const group = groups[i]!
    w0[group]! += halves[2 * i]! >>> 0
    w1[group]! += halves[2 * i + 1]!
    seen[group] = 1
  }
}

function addPairs(
  halves: Int32Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  from: number,
  to: number,
  w0: Float64Array,
  w1: Float64Array,
  w2: Float64Array,
  w3: Float64Array,
  seen: Uint8Array,
): void {
  for (let i = from; i < to; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const group = groups[i]!
    w0[group]! += halves[4 * i]! >>> 0
    w1[group]! += halves[4 * i + 1]! >>> 0
    w2[group]! += halves[4 * i + 2]! >>> 0
    w3[group]! += halves[4 * i + 3]!
    seen[group] = 1
  }
}

/** The sum of one group as a BigInt. */
export function sumOf(words: readonly Float64Array[], group: number): bigint {
  const low = BigInt(words[0]![group]!) + (BigInt(words[1]![group]!) << 32n)
  return low + (BigInt(words[2]![group]!) << 64n) + (BigInt(words[3]![group]!) << 96n)
}

/** Whether the sum of one group fits a signed 64-bit integer. */
export function fits64(words: readonly Float64Array[], group: number): boolean {
  const isNegative = words[1]![group]! >= 0x8000_0000
  return isNegative
    ? words[2]![group] === WORD - 1 && words[3]![group] === -1
    : words[2]![group] === 0 && words[3]![group] === 0
}

/** About the sum of one group, to 53 bits. */
export function approximateSum(words: readonly Float64Array[], group: number): number {
  return (
    ((words[3]![group]! * WORD + words[2]![group]!) * WORD + words[1]![group]!) * WORD + words[0]![group]!
  )
}
