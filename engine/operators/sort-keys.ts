import { type RecordBatch, sliceBatch, type Vector } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { SortKey } from '../expr/index.ts'
import { type KeyBounds, rowsWithin, SORT_BYTES_A_ROW, sortRowIds } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { TaskContext } from './operator.ts'
import { PIECE_ROWS, type RowPieces } from './row-pieces.ts'
import { type KeyWords, SortWords } from './sort-words.ts'

/**
 * The keys of a sort over batches. Keys that are no plain columns are computed once, when rows come, and kept
 * as columns behind the others: evaluated again they might differ.
 */
export class SortKeys {
  readonly words: SortWords
  readonly #keys: readonly SortKey[]
  readonly #computed: readonly SortKey[]
  readonly #context: TaskContext
  #columnCount = 0

  constructor(keys: readonly SortKey[], context: TaskContext) {
    this.#keys = keys
    this.#computed = keys.filter(({ expr }) => expr.kind !== 'column')
    this.#context = context
    const orders = keys.map(({ expr, descending, nullsFirst }) => ({
      type: expr.type,
      descending,
      nullsFirst,
    }))
    this.words = new SortWords(orders, context.pool)
  }

  /** The batch with its computed keys behind; `rowOffset`: rows before it. */
  extend(batch: RecordBatch, rowOffset: number, region: Region): RecordBatch {
    this.#columnCount = batch.columns.length
    if (this.#computed.length === 0) return batch
    const evalContext = this.#context.evalContext(region, rowOffset)
    const keys = this.#computed.map(({ expr }) => evaluate(expr, batch, evalContext))
    return { rowCount: batch.rowCount, columns: [...batch.columns, ...keys] }
  }

  /** An extended batch without its computed keys. */
  strip(batch: RecordBatch): RecordBatch {
    if (this.#computed.length === 0) return batch
    return { rowCount: batch.rowCount, columns: batch.columns.slice(0, this.#columnCount) }
  }

  /** The words of the rows of an extended batch, of 65,536 rows at most. */
  wordsOf(batch: RecordBatch, region: Region, scratch: Region, startsRegion = region): KeyWords {
    return this.words.make(this.#vectorsOf(batch), batch.rowCount, region, scratch, startsRegion)
  }

  /** Ids of the rows of extended pieces, in order, in `region`; `work` holds keys and scratch. */
  sortedIds({ pieces, rowCount }: RowPieces, region: Region, work: Region): Int32Array {
    const { pool } = this.#context
    const [scratch, starts] = [this.#context.createRegion(), this.#context.createRegion()]
    try {
      const words = pieces.map((piece) => {
        scratch.reset()
        return this.wordsOf(piece, work, scratch, starts)
      })
      const ids = region.int32(rowCount)
      let next = 0
      for (const [index, piece] of pieces.entries())
        for (let row = 0; row < piece.rowCount; row++) ids[next++] = (index << 16) | row
      sortRowIds(pool, ids, this.words.tables(words, work), work)
      return ids
    } finally {
      starts.free()
      scratch.free()
    }
  }

  /** Rows of an extended batch, of 65,536 rows at most, that lie within bounds; in `scratch`. */
  rowsWithin(batch: RecordBatch, bounds: KeyBounds, scratch: Region): Int32Array {
    const tables = this.words.tables([this.wordsOf(batch, scratch, scratch)], scratch)
    const rows = scratch.int32(batch.rowCount)
    return rows.subarray(0, rowsWithin(this.#context.pool, tables, batch.rowCount, bounds, rows))
  }

  /** Bytes that sorting the rows of an extended batch takes beside them, about. */
  sortBytes(batch: RecordBatch): number {
    return batch.rowCount * SORT_BYTES_A_ROW + this.words.bytesOf(this.#vectorsOf(batch), batch.rowCount)
  }

  #vectorsOf({ columns }: RecordBatch): readonly Vector[] {
    let computed = this.#columnCount
    return this.#keys.map(({ expr }) => columns[expr.kind === 'column' ? expr.index : computed++]!)
  }
}

/** A batch in parts of 65,536 rows at most. */
export function* partsOf(batch: RecordBatch, region: Region): Iterable<RecordBatch> {
  for (let from = 0; from < batch.rowCount; from += PIECE_ROWS)
    yield sliceBatch(batch, from, Math.min(PIECE_ROWS, batch.rowCount - from), region)
}
