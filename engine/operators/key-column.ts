import { type DictionaryVector, type FlatVector, getBit, take, type Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
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
  #dictionaryNumbers = new Int32Array(0)
  #inserting = true

  /** With `nullIsValue` NULL gets a number like any value, else -1. */
  constructor(type: DataType, region: Region, nullIsValue: boolean) {
    this.#store = keyStore(type, region)
    this.#region = region
    this.#nullIsValue = nullIsValue
  }

  /** How many numbers there are. */
  get size(): number {
    return this.#store.size
  }

  /** The number of each row's value. Without `insert`, values that are not there give -1. */
  encode(vector: Vector, rowCount: number, out: Int32Array, insert: boolean): void {
    if (vector.encoding === 'dictionary') this.#encodeDictionary(vector, rowCount, out, insert)
    else if (vector.encoding === 'constant') {
      this.#encodeFlat(vector.value, 1, out, insert)
      out.fill(out[0]!, 0, rowCount)
    } else this.#encodeFlat(vector, rowCount, out, insert)
    if (vector.validity === null || rowCount === 0) return
    if (this.#nullIsValue) this.#encodeNulls(vector, rowCount, out, insert)
    // Codes under NULL are those of some value.
    else if (vector.encoding === 'dictionary') markNulls(vector.validity, -1, rowCount, out)
  }

  /** The distinct values by number; NULL is one of them if it came. */
  values(region: Region): FlatVector {
    if (this.#nullNumber < 0) return this.#store.values(region, null)
    const validity = region.bitmap(this.size, true)
    validity[this.#nullNumber >> 3]! &= ~(1 << (this.#nullNumber & 7))
    return this.#store.values(region, validity)
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
    markNulls(vector.validity!, this.#nullNumber, rowCount, out)
  }

  /** Rows that are NULL may get any number. */
  #encodeDictionary(vector: DictionaryVector, rowCount: number, out: Int32Array, insert: boolean): void {
    const { codes, dictionary } = vector
    if (this.#dictionary !== dictionary || this.#inserting !== insert) {
      this.#dictionary = dictionary
      this.#inserting = insert
      this.#dictionaryNumbers = new Int32Array(Math.max(1, dictionary.length)).fill(UNKNOWN)
    }
    const numbers = this.#dictionaryNumbers
    if (!mapCodes(codes, numbers, rowCount, out)) {
      this.#lookUp(vector, rowCount, insert)
      mapCodes(codes, numbers, rowCount, out)
    }
  }

  /**
   * Numbers for the entries of the dictionary that these rows use for the first time. The code under a NULL
   * is no use: a number for it would be a group without rows.
   */
  #lookUp(vector: DictionaryVector, rowCount: number, insert: boolean): void {
    const { codes, dictionary, validity } = vector
    const numbers = this.#dictionaryNumbers
    const unknown = new Int32Array(Math.min(rowCount, dictionary.length))
    let count = 0
    for (let i = 0; i < rowCount; i++) {
      const code = codes[i]!
      if (numbers[code] !== UNKNOWN || (validity !== null && !getBit(validity, i))) continue
      numbers[code] = -1
      unknown[count++] = code
    }
    if (count === 0) return
    const scratch = this.#region.pool.createRegion(this.#region.tag)
    try {
      const entries = take(dictionary, unknown, count, scratch) as FlatVector
      const found = new Int32Array(count)
      this.#encodeFlat(entries, count, found, insert)
      for (let i = 0; i < count; i++) numbers[unknown[i]!] = found[i]!
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

/** Gathers numbers by code; false if one was not yet looked up. */
function mapCodes(codes: Int32Array, numbers: Int32Array, rowCount: number, out: Int32Array): boolean {
  let lowest = 0
  for (let i = 0; i < rowCount; i++) {
    const number = numbers[codes[i]!]!
    if (number < lowest) lowest = number
    out[i] = number
  }
  return lowest > UNKNOWN
}

function markNulls(validity: Uint8Array, number: number, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) if (!getBit(validity, i)) out[i] = number
}
