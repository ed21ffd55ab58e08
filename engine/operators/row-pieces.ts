import { concat, deepFlatten, type RecordBatch, type Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type OwnedDictionaries, ownRows } from '../shuffle/index.ts'
import type { TaskContext } from './operator.ts'

/** Rows of a piece, at most: ids have 16 bits for the row. */
export const PIECE_ROWS = 65_536

/** Batches with fewer rows are joined before they become a piece, as long as they take few bytes. */
const SMALL_ROWS = 16_384
const SMALL_PARTS_OF_LIMIT = 64

/**
 * Keeps copies of rows in pieces of at most 65,536, so that a row has the id `piece << 16 | row`. Small
 * batches are joined; large ones are copied once. Call `seal` before reading, `free` at the end.
 */
export class RowPieces {
  readonly pieces: RecordBatch[] = []
  readonly #region: Region
  readonly #small: Region
  readonly #owned: OwnedDictionaries = new Map()
  #smallBatches: RecordBatch[] = []
  #smallRows = 0
  #smallOwned: OwnedDictionaries = new Map()
  rowCount = 0

  constructor(context: TaskContext) {
    this.#region = context.createRegion()
    this.#small = context.createRegion()
  }

  /** Bytes held. */
  get heldBytes(): number {
    return this.#region.heldBytes + this.#small.heldBytes
  }

  /** Bytes that sealing, and gathering rows in another order, take beside those held. */
  get gatherBytes(): number {
    const isNested = (column: Vector): boolean => column.encoding === 'list' || column.encoding === 'struct'
    const nested = this.pieces[0]?.columns.some(isNested) === true
    return this.#small.heldBytes + (nested ? this.#region.heldBytes : 0)
  }

  /** Copies in the rows of a batch, or those at `indices`. */
  add(batch: RecordBatch, indices: Int32Array | null = null): void {
    const count = indices === null ? batch.rowCount : indices.length
    if (count === 0) return
    this.rowCount += count
    if (count > PIECE_ROWS) {
      this.#addLarge(batch, indices, count)
      return
    }
    if (count < SMALL_ROWS) {
      if (this.#smallRows + count > PIECE_ROWS) this.seal()
      this.#smallBatches.push(ownRows(batch, indices, count, this.#small, this.#smallOwned))
      this.#smallRows += count
      if (this.#small.heldBytes * SMALL_PARTS_OF_LIMIT > this.#region.pool.limitBytes) this.seal()
      return
    }
    this.seal()
    this.pieces.push(this.#own(batch, indices, count))
  }

  /** Makes pieces of all rows. */
  seal(): void {
    const batches = this.#smallBatches
    if (batches.length === 0) return
    if (batches.length === 1) this.pieces.push(this.#own(batches[0]!, null, this.#smallRows))
    else {
      const columns = batches[0]!.columns.map((_, index) => {
        const flat = batches.map((batch) => deepFlatten(batch.columns[index]!, this.#small))
        return concat(flat, this.#region)
      })
      this.pieces.push({ rowCount: this.#smallRows, columns })
    }
    this.#smallBatches = []
    this.#smallRows = 0
    this.#smallOwned = new Map()
    this.#small.reset()
  }

  free(): void {
    this.#region.free()
    this.#small.free()
  }

  #own(batch: RecordBatch, indices: Int32Array | null, count: number): RecordBatch {
    return ownRows(batch, indices, count, this.#region, this.#owned)
  }

  #addLarge(batch: RecordBatch, indices: Int32Array | null, count: number): void {
    this.rowCount -= count
    const rows = indices ?? Int32Array.from({ length: count }, (_, row) => row)
    for (let from = 0; from < count; from += PIECE_ROWS)
      this.add(batch, rows.subarray(from, Math.min(count, from + PIECE_ROWS)))
  }
}
