import {
  type BytesVector,
  bytesVector,
  type FixedVector,
  type FlatVector,
  fixedVector,
  widen,
} from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { BytesTable } from './bytes-table.ts'
import type { KeyStore } from './key-store.ts'

/** Wide decimals, as byte strings of 16. Vectors of one lane are widened first. */
export class Decimal128Store implements KeyStore {
  readonly #table: BytesTable
  readonly #type: DataType

  constructor(type: DataType, region: Region) {
    this.#type = type
    this.#table = new BytesTable(region)
  }

  get size(): number {
    return this.#table.size
  }

  insert(vector: FlatVector, rowCount: number, out: Int32Array): void {
    const { offsets, bytes } = wideBytes(vector as FixedVector, rowCount)
    this.#table.insert(offsets, bytes, vector.validity, rowCount, out)
  }

  find(vector: FlatVector, rowCount: number, out: Int32Array): void {
    const { offsets, bytes } = wideBytes(vector as FixedVector, rowCount)
    this.#table.find(offsets, bytes, vector.validity, rowCount, out)
  }

  reserveNull(): number {
    return this.#table.reserveOne()
  }

  values(region: Region, validity: Uint8Array | null): FlatVector {
    const { size, offsets, bytes } = this.#table
    const lanes = region.int64(size * 2)
    const out = new Uint8Array(lanes.buffer, lanes.byteOffset, size * 16).fill(0)
    for (let i = 0; i < size; i++) out.set(bytes.subarray(offsets[i]!, offsets[i + 1]!), i * 16)
    return fixedVector(this.#type, size, lanes, validity, 2)
  }
}

function wideBytes(vector: FixedVector, rowCount: number): { offsets: Int32Array; bytes: Uint8Array } {
  const offsets = new Int32Array(rowCount + 1)
  for (let i = 0; i <= rowCount; i++) offsets[i] = i * 16
  const values = vector.values as BigInt64Array
  if (vector.lanes === 2)
    return { offsets, bytes: new Uint8Array(values.buffer, values.byteOffset, rowCount * 16) }
  const lanes = new BigInt64Array(rowCount * 2)
  widen(values, rowCount, lanes)
  return { offsets, bytes: new Uint8Array(lanes.buffer) }
}

/** Strings and binary. */
export class BytesStore implements KeyStore {
  readonly #table: BytesTable
  readonly #type: DataType

  constructor(type: DataType, region: Region) {
    this.#type = type
    this.#table = new BytesTable(region)
  }

  get size(): number {
    return this.#table.size
  }

  insert(vector: FlatVector, rowCount: number, out: Int32Array): void {
    const { offsets, bytes, validity } = vector as BytesVector
    this.#table.insert(offsets, bytes, validity, rowCount, out)
  }

  find(vector: FlatVector, rowCount: number, out: Int32Array): void {
    const { offsets, bytes, validity } = vector as BytesVector
    this.#table.find(offsets, bytes, validity, rowCount, out)
  }

  reserveNull(): number {
    return this.#table.reserveOne()
  }

  values(_region: Region, validity: Uint8Array | null): FlatVector {
    const { size, offsets, bytes } = this.#table
    return bytesVector(
      this.#type,
      size,
      offsets.subarray(0, size + 1),
      bytes.subarray(0, offsets[size]!),
      validity,
    )
  }
}
