import type { RecordBatch, Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { HashTable } from './hash-table.ts'

/**
 * The rows of a join's build side by key. Rows of one key lie together, in their order:
 * those of key k are rows[starts[k] .. starts[k + 1]).
 */
export class JoinTable {
  readonly build: RecordBatch
  readonly starts: Int32Array
  readonly rows: Int32Array
  readonly #keys: HashTable

  /**
   * `nullSafe[i]`: NULL in key i finds NULL (<=>); otherwise rows with NULL keys find nothing and are not
   * found.
   */
  constructor(
    build: RecordBatch,
    keys: readonly Vector[],
    keyTypes: readonly DataType[],
    nullSafe: readonly boolean[],
    region: Region,
  ) {
    this.build = build
    this.#keys = new HashTable(keyTypes, region, nullSafe)
    const { rowCount } = build
    const numbers = new Int32Array(rowCount)
    this.#keys.insert(keys, rowCount, numbers)
    this.starts = region.int32(this.#keys.size + 1)
    this.rows = region.int32(rowCount)
    groupRows(numbers, rowCount, this.#keys.size, this.starts, this.rows)
  }

  /** The number of each row's key, -1 where no build row has it. */
  find(keys: readonly Vector[], rowCount: number, out: Int32Array): void {
    this.#keys.find(keys, rowCount, out)
  }
}

/** A counting sort of rows by number; rows numbered -1 are left out. */
export function groupRows(
  numbers: Int32Array,
  rowCount: number,
  size: number,
  starts: Int32Array,
  rows: Int32Array,
): void {
  const next = new Int32Array(size + 1)
  for (let i = 0; i < rowCount; i++) next[numbers[i]! + 1]!++
  // Place 0 counted the rows without a number; from here on it is where number 0 starts.
  next[0] = 0
  for (let number = 1; number <= size; number++) next[number]! += next[number - 1]!
  starts.set(next)
  for (let i = 0; i < rowCount; i++) {
    const number = numbers[i]!
    if (number >= 0) rows[next[number]!++] = i
  }
}

/** Where the enumeration of pairs stands: at match `match` of probe row `row`. */
export interface PairCursor {
  row: number
  match: number
}

/** The next pairs of probe and build rows, as many as fit the arrays; gives their number. */
export function nextPairs(
  numbers: Int32Array,
  rowCount: number,
  table: JoinTable,
  cursor: PairCursor,
  probeRows: Int32Array,
  buildRows: Int32Array,
): number {
  const { starts, rows } = table
  const capacity = probeRows.length
  let { row, match } = cursor
  let count = 0
  while (row < rowCount && count < capacity) {
    const number = numbers[row]!
    if (number >= 0) {
      const start = starts[number]!
      const end = starts[number + 1]!
      let at = start + match
      for (; at < end && count < capacity; at++) {
        probeRows[count] = row
        buildRows[count++] = rows[at]!
      }
      match = at - start
      if (at < end) break
    }
    row++
    match = 0
  }
  cursor.row = row
  cursor.match = match
  return count
}
