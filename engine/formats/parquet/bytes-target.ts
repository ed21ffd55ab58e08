import { bytesVector, dictionaryVector, type FlatVector, type Vector } from '../../batch/index.ts'
import { convertKernels, copyEntries, entriesBytes, type WantedRows } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import type { Target } from './target.ts'

/** Longest column of strings in one batch: offsets are int32. */
const MAX_BYTES = 2 ** 31 - 1

/** Most bytes that are set aside before the first rows are there. */
const MAX_FIRST_BYTES = 8 << 20

/** Byte strings by their offsets. */
interface BytesOf {
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}

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
    this.appendEntries(codes, length, dictionary)
  }

  /** Appends entries of a dictionary of bytes. */
  appendEntries(codes: Int32Array, count: number, dictionary: BytesOf): void {
    const { pool } = this.#region
    this.reserveBytes(entriesBytes(pool, codes, count, dictionary.offsets))
    copyEntries(pool, codes, count, dictionary, this, this.length)
    this.length += count
    this.used = this.offsets[this.length]!
  }

  appendRows(source: BytesTarget, base: number, { rows, from, to }: WantedRows): void {
    const picked = this.#region.int32(to - from)
    for (let i = from; i < to; i++) picked[i - from] = rows[i]! - base
    if (source.codes === null) {
      this.takeBytes()
      this.appendEntries(picked, picked.length, source)
      return
    }
    const dictionary = source.dictionary!
    for (let i = 0; i < picked.length; i++) picked[i] = source.codes[picked[i]!]!
    if (this.takesCodes(dictionary)) {
      this.codes!.set(picked, this.length)
      this.length += picked.length
    } else if (dictionary.encoding === 'bytes') this.appendEntries(picked, picked.length, dictionary)
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

  /**
   * Makes room for `bytes` more bytes of `count` rows, and at the start as much for each other row, since
   * growing copies what is there.
   */
  reserveShare(bytes: number, count: number): void {
    const isStart = this.bytes === NO_BYTES && count > 0
    const whole = isStart ? Math.min(MAX_FIRST_BYTES, Math.ceil((bytes / count) * this.#capacity)) : 0
    this.reserveBytes(Math.max(bytes, whole))
  }

  /** Makes room for `count` more bytes. */
  reserveBytes(count: number): void {
    const need = this.used + count
    if (need <= this.bytes.length && this.bytes !== NO_BYTES) return
    if (need > MAX_BYTES) throw corrupt(this.#place, 'a batch holds more than 2 GiB of text in one column')
    const larger = this.#region.uint8(Math.min(MAX_BYTES, Math.max(need, this.bytes.length * 2)))
    larger.set(this.bytes.subarray(0, this.used))
    this.bytes = larger
  }

  spread(dense: number, count: number, validity: Uint8Array): void {
    const from = this.length - dense
    this.length = from + count
    const kernels = convertKernels(this.#region.pool)
    if (this.codes !== null)
      kernels.spreadRows(this.codes.byteOffset, 2, from, dense, count, validity.byteOffset)
    else kernels.spreadOffsets(this.offsets.byteOffset, from, dense, count, validity.byteOffset)
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
