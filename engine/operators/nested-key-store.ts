import {
  concat,
  deepFlatten,
  type FlatVector,
  type ListVector,
  type StructVector,
  slice,
  take,
} from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, mapEntryType } from '../types/index.ts'
import { type KeyEncoder, type KeyStore, maskNulls } from './key-store.ts'
import { StringKeyTable } from './key-table.ts'
import { type MemberRows, TupleTable } from './tuple-table.ts'

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
  // A field that is there for every row serves structs without fields, and its -1 marks NULL.
  const fields = type.fields.map((field) => encoder(field.type))
  const tuples = new TupleTable(
    [{ kind: 'codes' }, ...fields.map(() => ({ kind: 'codes' }) as const)],
    region,
  )
  const first = new FirstRows(region)
  let size = 0
  const numbers: number[] = []
  const membersOf = (vector: StructVector, count: number, insert: boolean, scratch: Region): MemberRows[] => {
    const present = scratch.int32(count).fill(0)
    maskNulls(vector, count, present, scratch)
    return [
      { kind: 'codes', codes: present, size: 1 },
      ...fields.map((field, index): MemberRows => {
        const codes = scratch.int32(count)
        field.encode(vector.children[index]!, count, codes, insert)
        return { kind: 'codes', codes, size: field.size }
      }),
    ]
  }
  return {
    get size() {
      return size
    },
    insert(vector, rowCount, out) {
      const before = tuples.size
      withScratch(region, (scratch) => {
        tuples.insert(membersOf(vector as StructVector, rowCount, true, scratch), rowCount, out)
      })
      first.add(vector, out, rowCount, before)
      for (let i = before; i < tuples.size; i++) numbers[i] = size++
      renumber(numbers, rowCount, out)
    },
    find(vector, rowCount, out) {
      withScratch(region, (scratch) => {
        tuples.find(membersOf(vector as StructVector, rowCount, false, scratch), rowCount, out)
      })
      renumber(numbers, rowCount, out)
    },
    reserveNull(vector) {
      first.addNull(vector)
      return size++
    },
    values: (from, count, into) => slice(first.all(into), from, count, into) as FlatVector,
  }
}

function withScratch(region: Region, work: (scratch: Region) => void): void {
  const scratch = region.pool.createRegion(region.tag)
  try {
    work(scratch)
  } finally {
    scratch.free()
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
  const table = new StringKeyTable(region)
  const first = new FirstRows(region)
  const look = (vector: ListVector, rowCount: number, out: Int32Array, insert: boolean) => {
    withScratch(region, (scratch) => {
      const { child } = vector
      const codes = scratch.int32(child.length)
      elements.encode(child, child.length, codes, insert)
      const offsets = scratch.int32(rowCount + 1)
      for (let i = 0; i <= rowCount; i++) offsets[i] = vector.offsets[i]! * 4
      const masked = maskNulls(vector, rowCount, out, scratch)
      if (insert) table.insert(offsets, codes.byteOffset, rowCount, out, masked)
      else table.find(offsets, codes.byteOffset, rowCount, out, masked)
    })
  }
  return {
    get size() {
      return table.size
    },
    insert(vector, rowCount, out) {
      const before = table.size
      look(vector as ListVector, rowCount, out, true)
      first.add(vector, out, rowCount, before)
    },
    find(vector, rowCount, out) {
      look(vector as ListVector, rowCount, out, false)
    },
    reserveNull(vector) {
      first.addNull(vector)
      return table.reserveOne()
    },
    values: (from, count, into) => slice(first.all(into), from, count, into) as FlatVector,
  }
}
