import { type DictionaryVector, type FlatVector, take, type Vector } from '../batch/index.ts'
import { addressIn, addressOrZero, keyRowKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { flatKeyStore, type KeyEncoder, type KeyStore } from './key-store.ts'
import { listKeyStore, structKeyStore } from './nested-key-store.ts'

/** Not yet looked up, in the map from dictionary codes to numbers. */
const UNKNOWN = -2

/**
 * One key column as numbers: equal values get one number, in any encoding. Dictionaries are looked up an
 * entry at a time, and only entries that rows use.
 */
export class KeyColumn implements KeyEncoder {
  readonly #store: KeyStore
  readonly #region: Region
  readonly #nullIsValue: boolean
  #nullNumber = -1
  #dictionary: FlatVector | null = null
  /** The number of each entry of the dictionary. */
  readonly #numbers: GrowingBuffer
  #inserting = true

  /** With `nullIsValue` NULL gets a number like any value, else -1. */
  constructor(type: DataType, region: Region, nullIsValue: boolean) {
    this.#store = keyStore(type, region)
    this.#region = region
    this.#nullIsValue = nullIsValue
    this.#numbers = new GrowingBuffer(region)
  }

  /** How many numbers there are. */
  get size(): number {
    return this.#store.size
  }

  /**
   * The number of each row's value, to `out` in the arena. Without `insert`, values that are not there give
   * -1.
   */
  encode(vector: Vector, rowCount: number, out: Int32Array, insert: boolean): void {
    if (vector.encoding === 'dictionary') this.#encodeDictionary(vector, rowCount, out, insert)
    else if (vector.encoding === 'constant') {
      this.#encodeFlat(vector.value, 1, out, insert)
      out.fill(out[0]!, 0, rowCount)
    } else this.#encodeFlat(vector, rowCount, out, insert)
    if (vector.validity === null || rowCount === 0) return
    if (this.#nullIsValue) this.#encodeNulls(vector, rowCount, out, insert)
    // Codes under NULL are those of some value.
    else if (vector.encoding === 'dictionary') this.#numberNulls(vector.validity, -1, rowCount, out)
  }

  /** The distinct values [from, from + count) by number; NULL is one of them if it came. */
  values(from: number, count: number, region: Region): FlatVector {
    const at = this.#nullNumber - from
    if (this.#nullNumber < 0 || at < 0 || at >= count) return this.#store.values(from, count, region, null)
    const validity = region.bitmap(count, true)
    validity[at >> 3]! &= ~(1 << (at & 7))
    return this.#store.values(from, count, region, validity)
  }

  #encodeFlat(vector: FlatVector, rowCount: number, out: Int32Array, insert: boolean): void {
    if (insert) this.#store.insert(vector, rowCount, out)
    else this.#store.find(vector, rowCount, out)
  }

  #encodeNulls(vector: Vector, rowCount: number, out: Int32Array, insert: boolean): void {
    if (this.#nullNumber < 0 && insert) {
      const flat =
        vector.encoding === 'dictionary'
          ? vector.dictionary
          : vector.encoding === 'constant'
            ? vector.value
            : vector
      this.#nullNumber = this.#store.reserveNull(flat)
    }
    this.#numberNulls(vector.validity!, this.#nullNumber, rowCount, out)
  }

  #numberNulls(validity: Uint8Array, number: number, rowCount: number, out: Int32Array): void {
    const bits = addressIn(this.#region, validity)
    keyRowKernels(this.#region.pool).numberNulls(bits, number, rowCount, out.byteOffset)
  }

  /** Rows that are NULL may get any number. */
  #encodeDictionary(vector: DictionaryVector, rowCount: number, out: Int32Array, insert: boolean): void {
    const { dictionary } = vector
    const entries = Math.max(1, dictionary.length)
    const numbers = this.#numbers.reserve(entries * 4)
    if (this.#dictionary !== dictionary || this.#inserting !== insert) {
      this.#dictionary = dictionary
      this.#inserting = insert
      this.#numbers.int32(entries).fill(UNKNOWN)
    }
    const kernels = keyRowKernels(this.#region.pool)
    const codes = addressIn(this.#region, vector.codes)
    if (kernels.mapCodes(codes, numbers, rowCount, out.byteOffset) > UNKNOWN) return
    this.#lookUp(vector, codes, rowCount, insert)
    kernels.mapCodes(codes, numbers, rowCount, out.byteOffset)
  }

  /**
   * Numbers for the entries of the dictionary that these rows use for the first time. The code under a NULL
   * is no use: a number for it would be a group without rows.
   */
  #lookUp(vector: DictionaryVector, codes: number, rowCount: number, insert: boolean): void {
    const { dictionary } = vector
    const kernels = keyRowKernels(this.#region.pool)
    const numbers = this.#numbers.address
    const scratch = this.#region.pool.createRegion(this.#region.tag)
    try {
      const unknown = scratch.int32(Math.min(rowCount, dictionary.length))
      const validity = addressOrZero(scratch, vector.validity)
      const to = unknown.byteOffset
      const count = kernels.unknownCodes(codes, validity, numbers, UNKNOWN, rowCount, to)
      if (count === 0) return
      const entries = take(dictionary, unknown, count, scratch) as FlatVector
      const found = scratch.int32(count)
      this.#encodeFlat(entries, count, found, insert)
      kernels.scatter32(found.byteOffset, to, count, numbers)
    } finally {
      scratch.free()
    }
  }
}

/**
 * The store for keys of any type. Members of nested keys are columns of keys themselves, where NULL is a
 * value.
 */
function keyStore(type: DataType, region: Region): KeyStore {
  const encoder = (member: DataType) => new KeyColumn(member, region, true)
  if (type.kind === 'struct') return structKeyStore(type, region, encoder)
  if (type.kind === 'list' || type.kind === 'map') return listKeyStore(type, region, encoder)
  return flatKeyStore(type, region)
}
