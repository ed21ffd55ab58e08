import { bytesVector, dictionaryVector, type FlatVector, getBit, type Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import type { Target } from './target.ts'

/** Longest column of strings in one batch: offsets are int32. */
const MAX_BYTES = 2 ** 31 - 1

/** Strings and binary: codes of the chunk's dictionary as long as pages have them, else bytes. */
export class BytesTarget implements Target {
  readonly type: DataType
  length = 0
  /** Not null while all rows are codes of `dictionary`. */
  codes: Int32Array | null = null
  dictionary: FlatVector | null = null
  offsets: Int32Array
  bytes: Uint8Array
  used = 0
  readonly #region: Region
  readonly #place: Place
  #capacity: number

  constructor(type: DataType, capacity: number, region: Region, place: Place) {
    this.type = type
    this.#region = region
    this.#place = place
    this.#capacity = capacity
    this.offsets = EMPTY
    this.bytes = NO_BYTES
  }

  /**
   * Switches to codes if no row came yet or rows are codes of the same dictionary; false if rows are bytes.
   */
  takesCodes(dictionary: FlatVector): boolean {
    if (this.length === 0 && this.codes === null && this.offsets === EMPTY) {
      this.codes = this.#region.int32(this.#capacity)
      this.dictionary = dictionary
    }
    return this.codes !== null
  }

  /** Switches to bytes; rows that were codes are looked up. */
  takeBytes(): void {
    if (this.offsets !== EMPTY) return
    this.offsets = this.#region.int32(this.#capacity + 1)
    this.offsets[0] = 0
    const { codes, dictionary, length } = this
    this.codes = null
    if (codes === null || dictionary?.encoding !== 'bytes') return
    this.length = 0
    this.appendEntries(codes, length, dictionary.offsets, dictionary.bytes)
  }

  /** Appends entries of a dictionary of bytes. */
  appendEntries(codes: Int32Array, count: number, offsets: Int32Array, bytes: Uint8Array): void {
    let total = 0
    for (let i = 0; i < count; i++) total += offsets[codes[i]! + 1]! - offsets[codes[i]!]!
    this.reserveBytes(total)
    let at = this.used
    for (let i = 0; i < count; i++) {
      const start = offsets[codes[i]!]!
      const end = offsets[codes[i]! + 1]!
      for (let j = start; j < end; j++) this.bytes[at++] = bytes[j]!
      this.offsets[this.length + i + 1] = at
    }
    this.used = at
    this.length += count
  }

  reserve(count: number): void {
    if (this.length + count <= this.#capacity) return
    this.#capacity = Math.max(2 * this.#capacity, this.length + count)
    if (this.codes !== null) {
      const larger = this.#region.int32(this.#capacity)
      larger.set(this.codes)
      this.codes = larger
    }
    if (this.offsets === EMPTY) return
    const larger = this.#region.int32(this.#capacity + 1)
    larger.set(this.offsets)
    this.offsets = larger
  }

  /** Makes room for `count` more bytes. */
  reserveBytes(count: number): void {
    const need = this.used + count
    if (need <= this.bytes.length) return
    if (need > MAX_BYTES) throw corrupt(this.#place, 'a batch holds more than 2 GiB of text in one column')
    const larger = this.#region.uint8(Math.min(MAX_BYTES, Math.max(need, this.bytes.length * 2)))
    larger.set(this.bytes.subarray(0, this.used))
    this.bytes = larger
  }

  spread(dense: number, count: number, validity: Uint8Array): void {
    const from = this.length - dense
    this.length = from + count
    let source = from + dense
    if (this.codes !== null) {
      const { codes } = this
      for (let row = from + count - 1; row >= from; row--)
        codes[row] = getBit(validity, row) ? codes[--source]! : 0
      return
    }
    // The end of each row; a NULL ends where it begins.
    const { offsets } = this
    for (let row = from + count; row > from; row--) {
      offsets[row] = offsets[source]!
      if (getBit(validity, row - 1)) source--
    }
  }

  finish(validity: Uint8Array | null): Vector {
    const { codes, dictionary, length } = this
    if (codes !== null && dictionary !== null)
      return dictionaryVector(length, codes.subarray(0, length), dictionary, validity)
    this.takeBytes()
    return bytesVector(
      this.type,
      length,
      this.offsets.subarray(0, length + 1),
      this.bytes.subarray(0, this.used),
      validity,
    )
  }
}

const EMPTY = new Int32Array(0)
const NO_BYTES = new Uint8Array(0)
