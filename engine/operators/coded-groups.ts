import {
  type DictionaryVector,
  getBit,
  identity,
  type RecordBatch,
  take,
  type Vector,
} from '../batch/index.ts'
import { type CodedGroups, type EvalContext, type SelectedRows, selectAmong } from '../evaluate/index.ts'
import type { ColumnExpr, Expr } from '../expr/index.ts'
import { flatStateKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'
import type { HashTable } from './hash-table.ts'

/** So many combinations of codes have cells, and no more than the batch has rows. */
const MAX_CELLS = 1 << 16

/** Rows that are looked through for new keys when one comes; twice as many the next time. */
const FIRST_WINDOW = 2048

/**
 * Finds groups by the codes of dictionaries, without a look at the keys: only the first row of a combination
 * goes to the hash table. Cells hold while the dictionaries stay the same, which those of a row group do.
 */
export class CodedKeys {
  readonly #keys: readonly ColumnExpr[]
  readonly #table: HashTable
  readonly #cells: GrowingBuffer
  #dictionaries: readonly Vector[] = []
  #cellCount = 0

  /** null if the keys are not columns. The cells lie in `region`. */
  static of(keys: readonly Expr[], table: HashTable, region: Region): CodedKeys | null {
    const columns = keys.filter((key) => key.kind === 'column')
    return columns.length === keys.length ? new CodedKeys(columns, table, region) : null
  }

  private constructor(keys: readonly ColumnExpr[], table: HashTable, region: Region) {
    this.#keys = keys
    this.#table = table
    this.#cells = new GrowingBuffer(region)
  }

  /**
   * The groups of a batch, of which only rows where the predicate is TRUE get one; null if its keys have no
   * small dictionaries. `onNew` is called when there are more groups.
   */
  bind(
    batch: RecordBatch,
    predicate: Expr | null,
    context: EvalContext,
    onNew: () => void,
  ): CodedGroups | null {
    const columns: DictionaryVector[] = []
    let cellCount = 1
    for (const { index } of this.#keys) {
      const column = batch.columns[index]!
      if (column.encoding !== 'dictionary' || !(column.codes.buffer instanceof SharedArrayBuffer)) return null
      columns.push(column)
      // One more for NULL, which is there for all batches of a dictionary if it is for one.
      cellCount *= column.dictionary.length + 1
      if (cellCount > Math.min(MAX_CELLS, Math.max(64, batch.rowCount))) return null
    }
    const cells = this.#cellsFor(columns, cellCount)
    let step = 1
    const slots = columns.flatMap(({ codes, validity, dictionary }) => {
      const own = step
      step *= dictionary.length + 1
      return [codes.byteOffset, validity?.byteOffset ?? 0, own, own * dictionary.length]
    })
    const keys = columns.map(({ validity }) => validity !== null)
    let window = FIRST_WINDOW
    const meet = (row: number): boolean => {
      if (cells[cellOf(columns, slots, row)]! >= 0) return false
      const count = Math.min(window, batch.rowCount - row)
      window *= 2
      let rows: SelectedRows = { indices: identity(count, context.region, row), count }
      if (predicate !== null) rows = selectAmong(predicate, batch, rows, context)
      const found = this.#meet(columns, slots, cells, rows, context.region)
      if (found >= 0) onNew()
      return found === row
    }
    return { keys, slots, cells, meet }
  }

  #cellsFor(columns: readonly DictionaryVector[], cellCount: number): Int32Array {
    this.#cells.reserve(cellCount * 4)
    const cells = this.#cells.int32(cellCount)
    const isKnown =
      this.#cellCount === cellCount &&
      columns.every(({ dictionary }, index) => dictionary === this.#dictionaries[index])
    if (!isKnown) cells.fill(-1)
    this.#dictionaries = columns.map(({ dictionary }) => dictionary)
    this.#cellCount = cellCount
    return cells
  }

  /** Gives the first row that got a new group; -1 if none did. */
  #meet(
    columns: readonly DictionaryVector[],
    slots: readonly number[],
    cells: Int32Array,
    { indices, count }: SelectedRows,
    region: Region,
  ): number {
    const table = region.int32(slots.length)
    table.set(slots)
    const [rows, at] = [region.int32(count), region.int32(count)]
    const found = flatStateKernels(region.pool).newCells(
      table.byteOffset,
      columns.length,
      cells.byteOffset,
      indices.byteOffset,
      count,
      rows.byteOffset,
      at.byteOffset,
    )
    if (found === 0) return -1
    const keys = columns.map((column) => take(column, rows, found, region))
    const numbers = region.int32(found)
    this.#table.insert(keys, found, numbers)
    for (let i = 0; i < found; i++) cells[at[i]!] = numbers[i]!
    return rows[0]!
  }
}

function cellOf(columns: readonly DictionaryVector[], slots: readonly number[], row: number): number {
  let cell = 0
  for (const [index, { codes, validity }] of columns.entries()) {
    const isNull = validity !== null && !getBit(validity, row)
    cell += isNull ? slots[4 * index + 3]! : codes[row]! * slots[4 * index + 2]!
  }
  return cell
}

/** Where the first number of at least `least` stands among ascending ones. */
export function firstAtLeast(numbers: Int32Array, least: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! < least) low = middle + 1
    else high = middle
  }
  return low
}
