import {
  type FixedVector,
  type FlatVector,
  fixedVector,
  getBit,
  halvesOf,
  nullVector,
  setBit,
  type Vector,
} from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, MAX_INT64_PRECISION } from '../types/index.ts'
import { BytesStore, Decimal128Store } from './bytes-key-store.ts'
import { Int32Table, Int64Table } from './int-tables.ts'

/** The distinct non-NULL values of one key column, numbered in order of arrival. */
export interface KeyStore {
  readonly size: number
  /** The number of each row's value; new values get the next numbers in the order of rows. -1 for NULL. */
  insert(vector: FlatVector, rowCount: number, out: Int32Array): void
  /** The number of each row's value; -1 for NULL and values that are not there. */
  find(vector: FlatVector, rowCount: number, out: Int32Array): void
  /**
   * Takes a number for NULL, which no value finds; what `values` has there is undefined. `vector`: any of
   * the type.
   */
  reserveNull(vector: FlatVector): number
  /** All values by number; buffers may be the store's own. `validity` is put on them. */
  values(region: Region, validity: Uint8Array | null): FlatVector
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
  switch (type.kind) {
    case 'boolean':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'interval_ym':
    case 'float32':
      return new Int32Store(type, region)
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'interval_dt':
    case 'float64':
      return new Int64Store(type, region)
    case 'decimal':
      return type.precision > MAX_INT64_PRECISION
        ? new Decimal128Store(type, region)
        : new Int64Store(type, region)
    case 'string':
    case 'binary':
      return new BytesStore(type, region)
    case 'null':
      return new NullStore()
  }
}

class Int32Store implements KeyStore {
  readonly #table: Int32Table
  readonly #type: DataType
  #scratch = new Int32Array(0)

  constructor(type: DataType, region: Region) {
    this.#type = type
    this.#table = new Int32Table(region)
  }

  get size(): number {
    return this.#table.size
  }

  insert(vector: FlatVector, rowCount: number, out: Int32Array): void {
    this.#table.insert(this.#keys(vector as FixedVector, rowCount), vector.validity, rowCount, out)
  }

  find(vector: FlatVector, rowCount: number, out: Int32Array): void {
    this.#table.find(this.#keys(vector as FixedVector, rowCount), vector.validity, rowCount, out)
  }

  reserveNull(): number {
    return this.#table.reserveOne()
  }

  values(region: Region, validity: Uint8Array | null): FlatVector {
    const { size, values } = this.#table
    switch (this.#type.kind) {
      case 'boolean': {
        const bits = region.bitmap(size)
        for (let i = 0; i < size; i++) if (values[i] !== 0) setBit(bits, i)
        return fixedVector(this.#type, size, bits, validity)
      }
      case 'int8':
      case 'int16': {
        const small = this.#type.kind === 'int8' ? region.int8(size) : region.int16(size)
        small.set(values.subarray(0, size))
        return fixedVector(this.#type, size, small, validity)
      }
      case 'float32':
        return fixedVector(
          this.#type,
          size,
          new Float32Array(values.buffer, values.byteOffset, size),
          validity,
        )
      default:
        return fixedVector(this.#type, size, values.subarray(0, size), validity)
    }
  }

  /** The values as int32 keys; other widths go through scratch. */
  #keys(vector: FixedVector, rowCount: number): Int32Array {
    const { values } = vector
    if (values instanceof Int32Array) return values
    if (this.#scratch.length < rowCount) this.#scratch = new Int32Array(rowCount)
    const keys = this.#scratch
    if (values instanceof Float32Array) float32Keys(values, rowCount, keys)
    else if (this.#type.kind === 'boolean')
      for (let i = 0; i < rowCount; i++) keys[i] = getBit(values as Uint8Array, i) ? 1 : 0
    else for (let i = 0; i < rowCount; i++) keys[i] = (values as Int16Array)[i]!
    return keys
  }
}

function float32Keys(values: Float32Array, rowCount: number, keys: Int32Array): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < rowCount; i++) {
    const value = values[i]!
    keys[i] = value === 0 ? 0 : value !== value ? 0x7fc00000 : bits[i]!
  }
}

class Int64Store implements KeyStore {
  readonly #table: Int64Table
  readonly #type: DataType
  #scratch = new Int32Array(0)

  constructor(type: DataType, region: Region) {
    this.#type = type
    this.#table = new Int64Table(region)
  }

  get size(): number {
    return this.#table.size
  }

  insert(vector: FlatVector, rowCount: number, out: Int32Array): void {
    this.#table.insert(this.#keys(vector as FixedVector, rowCount), vector.validity, rowCount, out)
  }

  find(vector: FlatVector, rowCount: number, out: Int32Array): void {
    this.#table.find(this.#keys(vector as FixedVector, rowCount), vector.validity, rowCount, out)
  }

  reserveNull(): number {
    return this.#table.reserveOne()
  }

  values(_region: Region, validity: Uint8Array | null): FlatVector {
    const { size, values } = this.#table
    if (this.#type.kind === 'float64')
      return fixedVector(this.#type, size, new Float64Array(values.buffer, values.byteOffset, size), validity)
    return fixedVector(this.#type, size, values.subarray(0, size), validity)
  }

  #keys(vector: FixedVector, rowCount: number): Int32Array {
    const { values } = vector
    if (values instanceof BigInt64Array) return halvesOf(values)
    if (this.#scratch.length < rowCount * 2) this.#scratch = new Int32Array(rowCount * 2)
    float64Keys(values as Float64Array, rowCount, this.#scratch)
    return this.#scratch
  }
}

function float64Keys(values: Float64Array, rowCount: number, keys: Int32Array): void {
  const bits = halvesOf(values)
  for (let i = 0; i < rowCount; i++) {
    const value = values[i]!
    keys[2 * i] = value === 0 || value !== value ? 0 : bits[2 * i]!
    keys[2 * i + 1] = value === 0 ? 0 : value !== value ? 0x7ff80000 : bits[2 * i + 1]!
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

  values(region: Region): FlatVector {
    return nullVector(this.size, region)
  }
}
