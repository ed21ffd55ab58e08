import {
  allocateFixed,
  type BytesVector,
  bytesVector,
  type FixedVector,
  type FlatVector,
  fixedVector,
  lanesOf,
  nullVector,
  type Vector,
  valueForm,
} from '../batch/index.ts'
import { addressIn, keyRowKernels, VALUE_FORMS, type ValueForm } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { DirectKeys } from './direct-keys.ts'
import { FixedKeyTable, StringKeyTable } from './key-table.ts'

/** The distinct non-NULL values of one key column, numbered in order of arrival. */
export interface KeyStore {
  readonly size: number
  /**
   * The number of each row's value; new values get the next numbers in the order of rows. -1 for NULL.
   * `out` lies in the arena, here and below.
   */
  insert(vector: FlatVector, rowCount: number, out: Int32Array): void
  /** The number of each row's value; -1 for NULL and values that are not there. */
  find(vector: FlatVector, rowCount: number, out: Int32Array): void
  /**
   * Takes a number for NULL, which no value finds; what `values` has there is undefined. `vector`: any of
   * the type.
   */
  reserveNull(vector: FlatVector): number
  /** The values [from, from + count) by number; buffers may be the store's own. `validity` is put on them. */
  values(from: number, count: number, region: Region, validity: Uint8Array | null): FlatVector
}

/** Types of single values. */
export type FlatType = Exclude<DataType, { readonly kind: 'struct' | 'list' | 'map' }>

/** One column of keys as numbers, in any encoding, for stores of nested values. */
export interface KeyEncoder {
  readonly size: number
  /** The number of each row's value; without `insert`, -1 for values that are not there. */
  encode(vector: Vector, rowCount: number, out: Int32Array, insert: boolean): void
}

/**
 * The store for keys of a type without members. Equality is that of GROUP BY: -0.0 is 0.0, NaN is NaN,
 * lanes do not matter.
 */
export function flatKeyStore(type: FlatType, region: Region): KeyStore {
  if (type.kind === 'null') return new NullStore()
  if (type.kind === 'string' || type.kind === 'binary') return new StringStore(type, region)
  return new FixedStore(type, region)
}

/** Bytes of a value of fixed width in a key: 4, 8, or 16 for wide decimals. */
export function keyBytesOf(type: DataType): 4 | 8 | 16 {
  switch (type.kind) {
    case 'boolean':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'interval_ym':
    case 'float32':
      return 4
    default:
      return lanesOf(type) === 2 ? 16 : 8
  }
}

/** Puts -1 where a row is NULL; whether any is. */
export function maskNulls(vector: Vector, rowCount: number, out: Int32Array, region: Region): boolean {
  if (vector.validity === null) return false
  out.fill(0, 0, rowCount)
  keyRowKernels(region.pool).numberNulls(addressIn(region, vector.validity), -1, rowCount, out.byteOffset)
  return true
}

/** Values of a fixed width, from numbers to wide decimals; integers of a narrow range by position. */
class FixedStore implements KeyStore {
  readonly #type: DataType
  readonly #region: Region
  readonly #keyBytes: 4 | 8 | 16
  readonly #scratch: GrowingBuffer
  #direct: DirectKeys | null = null
  #table: FixedKeyTable | null = null

  constructor(type: DataType, region: Region) {
    this.#type = type
    this.#region = region
    const keyBytes = keyBytesOf(type)
    this.#keyBytes = keyBytes
    const isFloat = type.kind === 'float32' || type.kind === 'float64'
    if (keyBytes === 16 || isFloat) this.#table = new FixedKeyTable(region, keyBytes)
    else this.#direct = new DirectKeys(region, keyBytes)
    this.#scratch = new GrowingBuffer(region)
  }

  get size(): number {
    return this.#held.size
  }

  insert(vector: FlatVector, rowCount: number, out: Int32Array): void {
    const masked = maskNulls(vector, rowCount, out, this.#region)
    const keys = this.#keys(vector as FixedVector, rowCount)
    if (this.#direct?.insert(keys, rowCount, out, masked) === true) return
    this.#hashed().insert(keys, rowCount, out, masked)
  }

  find(vector: FlatVector, rowCount: number, out: Int32Array): void {
    const masked = maskNulls(vector, rowCount, out, this.#region)
    this.#held.find(this.#keys(vector as FixedVector, rowCount), rowCount, out, masked)
  }

  reserveNull(): number {
    return this.#held.reserveOne()
  }

  values(from: number, count: number, region: Region, validity: Uint8Array | null): FlatVector {
    const lanes = lanesOf(this.#type)
    const out = allocateFixed(this.#type, count, region, lanes)
    const vector = fixedVector(this.#type, count, out, validity, lanes)
    const at = this.#held.keys + from * this.#keyBytes
    keyRowKernels(region.pool).decodeValues(valueForm(vector), at, this.#keyBytes, count, out.byteOffset)
    return vector
  }

  get #held(): DirectKeys | FixedKeyTable {
    return (this.#direct ?? this.#table)!
  }

  /** The table of hashed keys, to which those of a range that got too wide are moved. Their numbers stay. */
  #hashed(): FixedKeyTable {
    const direct = this.#direct
    if (direct === null) return this.#table!
    const table = new FixedKeyTable(this.#region, this.#keyBytes)
    this.#table = table
    this.#direct = null
    const scratch = this.#region.pool.createRegion(this.#region.tag)
    try {
      const numbers = scratch.int32(direct.size)
      const add = (from: number, to: number) =>
        table.insert(direct.keys + from * this.#keyBytes, to - from, numbers, false)
      if (direct.reserved < 0) add(0, direct.size)
      else {
        add(0, direct.reserved)
        table.reserveOne()
        add(direct.reserved + 1, direct.size)
      }
    } finally {
      scratch.free()
    }
    return table
  }

  /** Where the values lie as keys. Those that are none as they are go through scratch. */
  #keys(vector: FixedVector, rowCount: number): number {
    const form = valueForm(vector)
    const values = addressIn(this.#region, vector.values)
    if (isKeyForm(form, this.#keyBytes)) return values
    const keys = this.#scratch.reserve(rowCount * this.#keyBytes)
    const kernels = keyRowKernels(this.#region.pool)
    kernels.encodeValues(form, this.#keyBytes, values, rowCount, keys, this.#keyBytes)
    return keys
  }
}

function isKeyForm(form: ValueForm, keyBytes: number): boolean {
  if (form === VALUE_FORMS.int64) return keyBytes === 8
  return form === VALUE_FORMS.int32 || form === VALUE_FORMS.int128
}

/** Strings and binary. */
class StringStore implements KeyStore {
  readonly #type: DataType
  readonly #region: Region
  readonly #table: StringKeyTable

  constructor(type: DataType, region: Region) {
    this.#type = type
    this.#region = region
    this.#table = new StringKeyTable(region)
  }

  get size(): number {
    return this.#table.size
  }

  insert(vector: FlatVector, rowCount: number, out: Int32Array): void {
    const masked = maskNulls(vector, rowCount, out, this.#region)
    const { offsets, bytes } = this.#near(vector as BytesVector)
    this.#table.insert(offsets, bytes, rowCount, out, masked)
  }

  find(vector: FlatVector, rowCount: number, out: Int32Array): void {
    const masked = maskNulls(vector, rowCount, out, this.#region)
    const { offsets, bytes } = this.#near(vector as BytesVector)
    this.#table.find(offsets, bytes, rowCount, out, masked)
  }

  reserveNull(): number {
    return this.#table.reserveOne()
  }

  values(from: number, count: number, _region: Region, validity: Uint8Array | null): FlatVector {
    const { offsets, bytes } = this.#table
    return bytesVector(this.#type, count, offsets.subarray(from, from + count + 1), bytes, validity)
  }

  #near({ offsets, bytes }: BytesVector): { readonly offsets: Int32Array; readonly bytes: number } {
    if (offsets.buffer instanceof SharedArrayBuffer) return { offsets, bytes: addressIn(this.#region, bytes) }
    const copy = this.#region.int32(offsets.length)
    copy.set(offsets)
    return { offsets: copy, bytes: addressIn(this.#region, bytes) }
  }
}

/** Keys of type `null` have no values. */
class NullStore implements KeyStore {
  size = 0

  insert(_vector: FlatVector, rowCount: number, out: Int32Array): void {
    out.fill(-1, 0, rowCount)
  }

  find(_vector: FlatVector, rowCount: number, out: Int32Array): void {
    out.fill(-1, 0, rowCount)
  }

  reserveNull(): number {
    return this.size++
  }

  values(_from: number, count: number, region: Region): FlatVector {
    return nullVector(count, region)
  }
}
