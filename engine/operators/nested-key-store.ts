import { concat, type FlatVector, getBit, type ListVector, type StructVector, take } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, mapEntryType } from '../types/index.ts'
import { BytesTable } from './bytes-table.ts'
import { CodeTuples } from './code-tuples.ts'
import { deepFlatten } from './collect.ts'
import type { KeyEncoder, KeyStore } from './key-store.ts'

/** Copies of the first row of each distinct nested value, in order of arrival. */
class FirstRows {
  readonly #chunks: FlatVector[] = []
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
  }

  /** Adds the rows of a vector that got numbers from `before` on, where numbers rise with the rows. */
  add(vector: FlatVector, numbers: Int32Array, rowCount: number, before: number): void {
    const rows = new Int32Array(rowCount)
    let count = 0
    for (let i = 0; i < rowCount; i++) if (numbers[i] === before + count) rows[count++] = i
    if (count > 0) this.#chunks.push(this.#own(vector, rows, count))
  }

  addNull(vector: FlatVector): void {
    this.#chunks.push(this.#own(vector, Int32Array.of(-1), 1))
  }

  all(region: Region): FlatVector {
    return concat(this.#chunks, region)
  }

  #own(vector: FlatVector, rows: Int32Array, count: number): FlatVector {
    return deepFlatten(take(vector, rows, count, this.#region), this.#region)
  }
}

/** A store of structs: each field is numbered by itself, then the tuples of numbers. */
export function structKeyStore(
  type: DataType & { kind: 'struct' },
  region: Region,
  encoder: (type: DataType) => KeyEncoder,
): KeyStore {
  // A field that is there for every row keeps tuples at least two wide.
  const fields = type.fields.map((field) => encoder(field.type))
  const tuples = new CodeTuples(fields.length + 1, region)
  const first = new FirstRows(region)
  let size = 0
  const numbers: number[] = []
  const present = (vector: FlatVector, rowCount: number): Int32Array => {
    const codes = new Int32Array(rowCount)
    if (vector.validity !== null)
      for (let i = 0; i < rowCount; i++) if (!getBit(vector.validity, i)) codes[i] = -1
    return codes
  }
  const codesOf = (vector: StructVector, rowCount: number, insert: boolean): Int32Array[] => [
    present(vector, rowCount),
    ...fields.map((field, index) => {
      const codes = new Int32Array(rowCount)
      field.encode(vector.children[index]!, rowCount, codes, insert)
      return codes
    }),
  ]
  return {
    get size() {
      return size
    },
    insert(vector, rowCount, out) {
      const codes = codesOf(vector as StructVector, rowCount, true)
      const before = tuples.size
      tuples.insert(codes, [1, ...fields.map((field) => field.size)], rowCount, out)
      first.add(vector, out, rowCount, before)
      for (let i = before; i < tuples.size; i++) numbers[i] = size++
      renumber(numbers, rowCount, out)
    },
    find(vector, rowCount, out) {
      tuples.find(codesOf(vector as StructVector, rowCount, false), rowCount, out)
      renumber(numbers, rowCount, out)
    },
    reserveNull(vector) {
      first.addNull(vector)
      return size++
    },
    values: (into) => first.all(into),
  }
}

/** Numbers of the tuples as numbers of the store, which also counts NULL. */
function renumber(numbers: readonly number[], rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) if (out[i]! >= 0) out[i] = numbers[out[i]!]!
}

/** A store of lists and maps: elements are numbered, then the strings of numbers. */
export function listKeyStore(
  type: DataType & { kind: 'list' | 'map' },
  region: Region,
  encoder: (type: DataType) => KeyEncoder,
): KeyStore {
  const elements = encoder(type.kind === 'map' ? mapEntryType(type) : type.element)
  const table = new BytesTable(region)
  const first = new FirstRows(region)
  const bytesOf = (vector: ListVector, rowCount: number, insert: boolean) => {
    const codes = new Int32Array(vector.child.length)
    elements.encode(vector.child, vector.child.length, codes, insert)
    const offsets = new Int32Array(rowCount + 1)
    for (let i = 0; i <= rowCount; i++) offsets[i] = vector.offsets[i]! * 4
    return { offsets, bytes: new Uint8Array(codes.buffer) }
  }
  return {
    get size() {
      return table.size
    },
    insert(vector, rowCount, out) {
      const { offsets, bytes } = bytesOf(vector as ListVector, rowCount, true)
      const before = table.size
      table.insert(offsets, bytes, vector.validity, rowCount, out)
      first.add(vector, out, rowCount, before)
    },
    find(vector, rowCount, out) {
      const { offsets, bytes } = bytesOf(vector as ListVector, rowCount, false)
      table.find(offsets, bytes, vector.validity, rowCount, out)
    },
    reserveNull(vector) {
      first.addNull(vector)
      return table.reserveOne()
    },
    values: (into) => first.all(into),
  }
}
