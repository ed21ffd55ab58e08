import {
  BATCH_ROWS,
  dictionaryVector,
  type FixedVector,
  type FlatVector,
  fixedVector,
  flatten,
  isFixedWidth,
  take,
  takeValidity,
  type Vector,
} from '../batch/index.ts'
import { keyRowKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'
import { type DataType, types } from '../types/index.ts'
import { DependentKeys } from './dependent-keys.ts'
import { KeyColumn } from './key-column.ts'
import { type Member, type MemberRows, TupleTable } from './tuple-table.ts'

/**
 * The distinct keys of any columns, numbered 0, 1, 2 …: what grouping, joining and DISTINCT stand on.
 *
 *   one column ──KeyColumn──▶ number
 *   several    ──KeyColumn──▶ a code for each string or nested value ─┐
 *                             values of fixed width as they are ──────┴─TupleTable──▶ number
 *
 * Texts beside values of fixed width that may determine them are kept by DependentKeys, until a row shows
 * that they do not. Numbers are dense, so whatever belongs to a key is an array indexed by number.
 */
export class HashTable {
  readonly #region: Region
  /** The one column, or null for those whose values are members of tuples themselves. */
  readonly #columns: readonly (KeyColumn | null)[]
  readonly #tuples: TupleTable | null
  readonly #numbers: GrowingBuffer
  #dependent: DependentKeys | null

  /** `nullIsValue[i]`: NULL in column i equals NULL (GROUP BY, <=>); else a key with NULL has number -1. */
  constructor(keyTypes: readonly DataType[], region: Region, nullIsValue: readonly boolean[]) {
    this.#region = region
    this.#numbers = new GrowingBuffer(region)
    const isTuple = keyTypes.length > 1
    this.#columns = keyTypes.map((type, index) =>
      isTuple && isFixedWidth(type) ? null : new KeyColumn(type, region, nullIsValue[index]!),
    )
    const members = keyTypes.map((type, index): Member => {
      if (this.#columns[index] !== null) return { kind: 'codes' }
      return { kind: 'values', type, nullIsValue: nullIsValue[index]! }
    })
    this.#tuples = isTuple ? new TupleTable(members, region) : null
    this.#dependent = nullIsValue.every((is) => is) ? DependentKeys.of(keyTypes, region) : null
  }

  /** Number of keys. Without key columns there is one. */
  get size(): number {
    return this.#dependent?.size ?? this.#tuples?.size ?? this.#columns[0]?.size ?? 1
  }

  /** The number of each row's key, new keys getting new numbers. */
  insert(columns: readonly Vector[], rowCount: number, out: Int32Array): void {
    this.#look(columns, rowCount, out, true)
  }

  /** The number of each row's key, -1 where it is not there. */
  find(columns: readonly Vector[], rowCount: number, out: Int32Array): void {
    this.#look(columns, rowCount, out, false)
  }

  /** The keys [from, from + count) as columns in `region` or the table's own, good while both last. */
  keys(from: number, count: number, region: Region): readonly Vector[] {
    if (this.#dependent !== null) return this.#dependent.keys(from, count, region)
    const tuples = this.#tuples
    if (tuples === null) return this.#columns.map((column) => column!.values(from, count, region))
    return this.#columns.map((column, index) => {
      if (column === null) return tuples.values(index, from, count, region)
      const codes = tuples.codes(index, from, count, region)
      const values = column.values(0, column.size, region)
      const isText = values.type.kind === 'string' || values.type.kind === 'binary'
      // Few distinct strings stay a dictionary; many would be carried along with every small batch.
      if (!isText || column.size > Math.max(256, count >> 2)) return take(values, codes, count, region)
      return codesAsDictionary(codes, values, count, region)
    })
  }

  /** Kernels write to the arena: numbers for an array outside it are copied from there. */
  #look(columns: readonly Vector[], rowCount: number, out: Int32Array, insert: boolean): void {
    if (this.#columns.length === 0) out.fill(0, 0, rowCount)
    else if (out.buffer instanceof SharedArrayBuffer) this.#number(columns, rowCount, out, insert)
    else {
      this.#numbers.reserve(rowCount * 4)
      const numbers = this.#numbers.int32(rowCount)
      this.#number(columns, rowCount, numbers, insert)
      out.set(numbers)
    }
  }

  #number(columns: readonly Vector[], rowCount: number, out: Int32Array, insert: boolean): void {
    const tuples = this.#tuples
    if (tuples === null) {
      this.#columns[0]!.encode(columns[0]!, rowCount, out, insert)
      return
    }
    const scratch = this.#region.pool.createRegion(this.#region.tag)
    try {
      if (this.#dependent !== null && this.#numberDependent(columns, rowCount, out, insert, scratch)) return
      this.#numberTuples(tuples, columns, rowCount, out, insert, scratch)
    } finally {
      scratch.free()
    }
  }

  #numberTuples(
    tuples: TupleTable,
    columns: readonly Vector[],
    rowCount: number,
    out: Int32Array,
    insert: boolean,
    scratch: Region,
  ): void {
    const members = this.#columns.map((column, index): MemberRows => {
      const vector = columns[index]!
      if (column === null) return { kind: 'values', vector: flatten(vector, scratch) as FixedVector }
      const codes = scratch.int32(rowCount)
      column.encode(vector, rowCount, codes, insert)
      return { kind: 'codes', codes, size: column.size }
    })
    if (insert) tuples.insert(members, rowCount, out)
    else tuples.find(members, rowCount, out)
  }

  /** False if texts turn out to be keys of their own: what there was before is then in the tuples. */
  #numberDependent(
    columns: readonly Vector[],
    rowCount: number,
    out: Int32Array,
    insert: boolean,
    scratch: Region,
  ): boolean {
    const dependent = this.#dependent!
    if (!insert) dependent.find(columns, rowCount, out, scratch)
    else if (!dependent.insert(columns, rowCount, out, scratch)) {
      const { size } = dependent
      this.#dependent = null
      for (let from = 0; from < size; from += BATCH_ROWS) {
        scratch.reset()
        const count = Math.min(BATCH_ROWS, size - from)
        const keys = dependent.keys(from, count, scratch)
        this.#numberTuples(this.#tuples!, keys, count, scratch.int32(count), true, scratch)
      }
      return false
    }
    return true
  }
}

function codesAsDictionary(codes: Int32Array, values: FlatVector, count: number, region: Region): Vector {
  const validity = takeValidity(values, codes, count, region)
  const vector = dictionaryVector(count, codes, values, validity)
  if (validity !== null) clearUnderNulls(codes, validity, count)
  return vector
}

/** Codes under NULL are 0. */
function clearUnderNulls(codes: Int32Array, validity: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) if ((validity[i >> 3]! & (1 << (i & 7))) === 0) codes[i] = 0
}

/**
 * The rows whose number comes for the first time: those of new keys, in order. `before` and `after`: the
 * table's size before and after they were inserted. Arrays lie in the arena. Gives their number.
 */
export function firstRows(
  numbers: Int32Array,
  rowCount: number,
  before: number,
  after: number,
  out: Int32Array,
  scratch: Region,
): number {
  if (after === before) return 0
  const seen = scratch.uint8(after - before).fill(0)
  const kernels = keyRowKernels(scratch.pool)
  return kernels.firstRows(numbers.byteOffset, rowCount, before, seen.byteOffset, out.byteOffset)
}

/** A column of numbers, such as groups. */
export function numbersVector(numbers: Int32Array, rowCount: number): Vector {
  return fixedVector(types.int32, rowCount, numbers)
}
