import { dictionaryVector, fixedVector, getBit, identity, take, type Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, types } from '../types/index.ts'
import { CodeTuples } from './code-tuples.ts'
import { KeyColumn } from './key-column.ts'

/**
 * The distinct keys of any columns, numbered 0, 1, 2 …: what grouping, joining and DISTINCT stand on.
 *
 *   key columns ──KeyColumn──▶ a number per column ──CodeTuples──▶ one number per key
 *
 * One key column needs no tuples. Numbers are dense, so whatever belongs to a key is an array indexed by
 * number.
 */
export class HashTable {
  readonly #columns: readonly KeyColumn[]
  readonly #tuples: CodeTuples | null
  /** For each key the numbers of its columns; unused for one column. */
  #codes: Int32Array[]
  readonly #region: Region
  #scratch: Int32Array[] = []

  /** `nullIsValue[i]`: NULL in column i equals NULL (GROUP BY, <=>); else a key with NULL has number -1. */
  constructor(keyTypes: readonly DataType[], region: Region, nullIsValue: readonly boolean[]) {
    this.#region = region
    this.#columns = keyTypes.map((type, index) => new KeyColumn(type, region, nullIsValue[index]!))
    this.#tuples = keyTypes.length > 1 ? new CodeTuples(keyTypes.length, region) : null
    this.#codes = this.#tuples === null ? [] : keyTypes.map(() => region.int32(64))
  }

  /** Number of keys. Without key columns there is one. */
  get size(): number {
    return this.#tuples?.size ?? this.#columns[0]?.size ?? 1
  }

  /** The number of each row's key, new keys getting new numbers. */
  insert(columns: readonly Vector[], rowCount: number, out: Int32Array): void {
    if (this.#columns.length === 0) out.fill(0, 0, rowCount)
    else if (this.#tuples === null) this.#columns[0]!.encode(columns[0]!, rowCount, out, true)
    else {
      const codes = this.#encode(columns, rowCount, true)
      const before = this.#tuples.size
      const sizes = this.#columns.map((column) => column.size)
      this.#tuples.insert(codes, sizes, rowCount, out)
      this.#reserve(this.#tuples.size)
      for (const [index, kept] of this.#codes.entries()) keepFirst(out, codes[index]!, rowCount, before, kept)
    }
  }

  /** The number of each row's key, -1 where it is not there. */
  find(columns: readonly Vector[], rowCount: number, out: Int32Array): void {
    if (this.#columns.length === 0) out.fill(0, 0, rowCount)
    else if (this.#tuples === null) this.#columns[0]!.encode(columns[0]!, rowCount, out, false)
    else this.#tuples.find(this.#encode(columns, rowCount, false), rowCount, out)
  }

  /** The keys [from, from + count) as columns in `region`. */
  keys(from: number, count: number, region: Region): readonly Vector[] {
    return this.#columns.map((column, index) => {
      const values = column.values(region)
      const numbers =
        this.#tuples === null ? identity(count, region, from) : this.#codes[index]!.slice(from, from + count)
      const isText = values.type.kind === 'string' || values.type.kind === 'binary'
      // Few distinct strings stay a dictionary; many would be carried along with every small batch.
      if (!isText || column.size > Math.max(256, count >> 2)) return take(values, numbers, count, region)
      return codesAsDictionary(numbers, values, count, region)
    })
  }

  #encode(columns: readonly Vector[], rowCount: number, insert: boolean): readonly Int32Array[] {
    if (this.#scratch.length === 0 || this.#scratch[0]!.length < rowCount)
      this.#scratch = this.#columns.map(() => new Int32Array(rowCount))
    for (const [index, column] of this.#columns.entries())
      column.encode(columns[index]!, rowCount, this.#scratch[index]!, insert)
    return this.#scratch
  }

  #reserve(size: number): void {
    if (size <= this.#codes[0]!.length) return
    this.#codes = this.#codes.map((codes) => {
      const larger = this.#region.int32(Math.max(size, codes.length * 2))
      larger.set(codes)
      return larger
    })
  }
}

/** Keeps the code of the first row of each key from `before` on; numbers of new keys rise with the rows. */
function keepFirst(
  numbers: Int32Array,
  codes: Int32Array,
  rowCount: number,
  before: number,
  kept: Int32Array,
): void {
  let next = before
  for (let i = 0; i < rowCount; i++) if (numbers[i] === next) kept[next++] = codes[i]!
}

function codesAsDictionary(
  numbers: Int32Array,
  values: Exclude<Vector, { encoding: 'dictionary' | 'constant' }>,
  count: number,
  region: Region,
): Vector {
  const codes = region.int32(count)
  codes.set(numbers)
  if (values.validity === null) return dictionaryVector(count, codes, values)
  const validity = region.bitmap(count, true)
  for (let i = 0; i < count; i++) {
    if (getBit(values.validity, numbers[i]!)) continue
    codes[i] = 0
    validity[i >> 3]! &= ~(1 << (i & 7))
  }
  return dictionaryVector(count, codes, values, validity)
}

/**
 * Marks the rows whose number comes for the first time: those of new keys. `seen` is the table's size
 * before.
 */
export function firstRows(
  numbers: Int32Array,
  rowCount: number,
  before: number,
  after: number,
  out: Int32Array,
): number {
  if (after === before) return 0
  const seen = new Uint8Array(after - before)
  let count = 0
  for (let i = 0; i < rowCount; i++) {
    const at = numbers[i]! - before
    if (at < 0 || seen[at] === 1) continue
    seen[at] = 1
    out[count++] = i
  }
  return count
}

/** A column of numbers, such as groups. */
export function numbersVector(numbers: Int32Array, rowCount: number): Vector {
  return fixedVector(types.int32, rowCount, numbers)
}
