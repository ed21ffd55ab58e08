import { copyBits, countOnes, setBit } from '../../../batch/index.ts'
import { corrupt, type Place } from '../corrupt-file.ts'
import { type Unpack, unpackOf } from './bit-unpack.ts'

/**
 * Reads the hybrid of run-length and bit-packed numbers: levels, dictionary codes, booleans.
 *
 * ```
 * varint header h: h even: the number that follows, h/2 times
 *                  h odd:  (h>>1) groups of 8 numbers, bit-packed
 * ```
 * It keeps its place between calls, so that a batch may end anywhere.
 */
export class RleDecoder {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #width: number
  readonly #unpack: Unpack
  readonly #place: Place
  readonly #group = new Int32Array(8)
  #at: number
  /** Numbers left of the current run. */
  #left = 0
  #isPacked = false
  #value = 0
  /** Numbers of the current group of 8 that were taken, for a packed run. */
  #taken = 0

  /** Reads `bytes[from .. end)`; `width` is 0 to 32 bits. */
  constructor(bytes: Uint8Array, from: number, end: number, width: number, place: Place) {
    this.#bytes = bytes
    this.#at = from
    this.#end = end
    this.#width = width
    this.#unpack = unpackOf(width)
    this.#place = place
  }

  /** The next `count` numbers into `out` from `to` on; CORRUPT_FILE if there are fewer. */
  read(out: Int32Array, to: number, count: number): void {
    let at = to
    const stop = to + count
    while (at < stop) {
      if (this.#left === 0) this.#nextRun()
      const take = Math.min(this.#left, stop - at)
      if (this.#isPacked) this.#readPacked(out, at, take)
      else out.fill(this.#value, at, at + take)
      this.#left -= take
      at += take
    }
  }

  /**
   * The next `count` numbers of one bit as bits of a zeroed bitmap from bit `to` on; gives the number of
   * ones.
   */
  readBits(out: Uint8Array, to: number, count: number): number {
    let at = to
    let ones = 0
    const stop = to + count
    while (at < stop) {
      if (this.#left === 0) this.#nextRun()
      const take = Math.min(this.#left, stop - at)
      if (this.#isPacked) ones += this.#copyPackedBits(out, at, take)
      else if (this.#value !== 0) {
        fillOnes(out, at, take)
        ones += take
      }
      this.#left -= take
      at += take
    }
    return ones
  }

  #nextRun(): void {
    const header = this.#varint()
    if ((header & 1) === 1) {
      const groups = header >>> 1
      const available = this.#end - this.#at
      // Writers may cut the padding of the last group, so bytes may lack but not whole groups.
      if (groups === 0 || (this.#width > 0 && (groups - 1) * this.#width >= available))
        throw corrupt(
          this.#place,
          `${groups} groups of ${this.#width} bits do not fit into ${available} bytes`,
        )
      this.#isPacked = true
      this.#taken = 0
      this.#left = groups * 8
      return
    }
    this.#left = header >>> 1
    if (this.#left === 0) throw corrupt(this.#place, 'a run has no values')
    this.#isPacked = false
    const byteCount = (this.#width + 7) >> 3
    if (this.#at + byteCount > this.#end) throw corrupt(this.#place, 'a run is cut off')
    let value = 0
    for (let i = 0; i < byteCount; i++) value |= this.#bytes[this.#at++]! << (8 * i)
    if (this.#width < 32 && value >>> this.#width !== 0)
      throw corrupt(this.#place, `a run of value ${value} exceeds ${this.#width} bits`)
    this.#value = value
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#at >= this.#end) throw corrupt(this.#place, 'encoded values end too early')
      const byte = this.#bytes[this.#at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw corrupt(this.#place, 'a run is too long')
  }

  #readPacked(out: Int32Array, to: number, count: number): void {
    let at = to
    const stop = to + count
    if (this.#taken > 0) at = this.#finishGroup(out, at, stop)
    const whole = Math.min((stop - at) >> 3, this.#wholeGroups())
    if (whole > 0) {
      this.#unpack(this.#bytes, this.#at, out, at, whole)
      this.#at += whole * this.#width
      at += whole * 8
    }
    while (at < stop) at = this.#finishGroup(out, at, stop)
  }

  /** Groups that lie in the bytes without their padding being cut. */
  #wholeGroups(): number {
    return this.#width === 0 ? 0x0fffffff : Math.floor((this.#end - this.#at) / this.#width)
  }

  /** Takes what is wanted of one group; gives the new end of `out`. */
  #finishGroup(out: Int32Array, to: number, stop: number): number {
    if (this.#wholeGroups() > 0) this.#unpack(this.#bytes, this.#at, this.#group, 0, 1)
    else {
      const padded = new Uint8Array(this.#width)
      padded.set(this.#bytes.subarray(this.#at, this.#end))
      this.#unpack(padded, 0, this.#group, 0, 1)
    }
    let at = to
    while (at < stop && this.#taken < 8) out[at++] = this.#group[this.#taken++]!
    if (this.#taken === 8) {
      this.#taken = 0
      this.#at = Math.min(this.#end, this.#at + this.#width)
    }
    return at
  }

  /** Packed numbers of one bit are a bitmap already. */
  #copyPackedBits(out: Uint8Array, to: number, count: number): number {
    const source = this.#bytes.subarray(this.#at, this.#end)
    const ones = moveBits(source, this.#taken, out, to, count)
    const taken = this.#taken + count
    this.#at = Math.min(this.#end, this.#at + (taken >> 3))
    this.#taken = taken & 7
    return ones
  }
}

/** Sets `count` bits from bit `to` on. */
export function fillOnes(out: Uint8Array, to: number, count: number): void {
  let at = to
  const stop = to + count
  while (at < stop && (at & 7) !== 0) setBit(out, at++)
  const whole = (stop - at) >> 3
  if (whole > 0) out.fill(0xff, at >> 3, (at >> 3) + whole)
  for (at += whole * 8; at < stop; at++) setBit(out, at)
}

/** Copies bits into a zeroed bitmap at any bit; gives the number of ones. */
export function moveBits(
  source: Uint8Array,
  from: number,
  out: Uint8Array,
  to: number,
  count: number,
): number {
  if ((to & 7) === 0) {
    const target = out.subarray(to >> 3)
    const byteCount = (count + 7) >> 3
    if (source.length >= (from + count + 7) >> 3) {
      copyBits(source, from, target.subarray(0, byteCount), count)
      if ((count & 7) !== 0) target[byteCount - 1]! &= (1 << (count & 7)) - 1
      return countOnes(target, count)
    }
  }
  let ones = 0
  for (let i = 0; i < count; i++) {
    const bit = from + i
    if (((source[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) continue
    setBit(out, to + i)
    ones++
  }
  return ones
}
