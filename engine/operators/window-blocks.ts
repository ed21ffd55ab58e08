import { BATCH_ROWS, type RecordBatch, sliceBatch, type Vector } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import { compareRows, type KeyTables } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import { BatchCollector } from './collect.ts'
import type { TaskContext } from './operator.ts'
import { partsOf } from './sort-keys.ts'
import { SortWords } from './sort-words.ts'
import { keyChanges } from './window-rows.ts'

/** So many blocks of wide rows go into the limit, at least. */
const BLOCKS_A_LIMIT = 64

/**
 * Cuts sorted rows into blocks of whole partitions, of about a batch each: a block is as large as its last
 * partition makes it. It lies in `region`, which is emptied for the next one.
 */
export class WindowBlocks {
  readonly #partitionBy: readonly Expr[]
  readonly #words: SortWords
  readonly #context: TaskContext
  readonly #scratch: Region
  #rows: Region
  #collector: BatchCollector
  /** The partition keys of the last row seen, in turn in one of two regions. */
  #last: KeyTables | null = null
  #lastRegion: Region
  #otherRegion: Region

  constructor(partitionBy: readonly Expr[], context: TaskContext) {
    this.#partitionBy = partitionBy
    const orders = partitionBy.map(({ type }) => ({ type, descending: false, nullsFirst: true }))
    this.#words = new SortWords(orders, context.pool)
    this.#context = context
    this.#scratch = context.createRegion()
    this.#rows = context.createRegion()
    this.#collector = new BatchCollector(this.#rows)
    this.#lastRegion = context.createRegion()
    this.#otherRegion = context.createRegion()
  }

  /** Blocks of the sorted batches. */
  *of(batches: Iterable<RecordBatch>, region: Region): Iterable<RecordBatch> {
    const parts = this.#context.createRegion()
    try {
      for (const batch of batches) {
        this.#context.checkCancelled()
        parts.reset()
        for (const part of partsOf(batch, parts)) yield* this.#add(part, parts, region)
      }
      yield* this.#close(region)
    } finally {
      parts.free()
    }
  }

  free(): void {
    for (const region of [this.#scratch, this.#rows, this.#lastRegion, this.#otherRegion]) region.free()
  }

  *#add(batch: RecordBatch, parts: Region, region: Region): Iterable<RecordBatch> {
    const border = this.#firstBorder(batch)
    if (!this.#isFull || border < 0) {
      this.#collector.add(batch)
      return
    }
    if (border > 0) this.#collector.add(sliceBatch(batch, 0, border, parts))
    yield* this.#close(region)
    this.#collector.add(sliceBatch(batch, border, batch.rowCount - border, parts))
  }

  /** Whether what is collected should be given as soon as a partition ends. */
  get #isFull(): boolean {
    if (this.#collector.rowCount >= BATCH_ROWS) return true
    return this.#rows.heldBytes * BLOCKS_A_LIMIT > this.#context.pool.limitBytes
  }

  /** The first row that begins a partition; -1 if none does. */
  #firstBorder(batch: RecordBatch): number {
    this.#scratch.reset()
    const { rowCount } = batch
    const evalContext = this.#context.evalContext(this.#scratch)
    const keys = this.#partitionBy.map((expr) => evaluate(expr, batch, evalContext))
    const changes = keyChanges(this.#words, keys, rowCount, this.#scratch, this.#context)
    const first = this.#tablesOf(keys, 0, this.#scratch)
    const { pool } = this.#context
    if (this.#last !== null && compareRows(pool, this.#last, 0, first, 0) === 0) changes[0] = 0
    this.#otherRegion.reset()
    this.#last = this.#tablesOf(keys, rowCount - 1, this.#otherRegion)
    const swap = this.#lastRegion
    this.#lastRegion = this.#otherRegion
    this.#otherRegion = swap
    return changes.indexOf(1)
  }

  /** The key of one row. */
  #tablesOf(keys: readonly Vector[], row: number, region: Region): KeyTables {
    const batch = sliceBatch({ rowCount: keys[0]?.length ?? 0, columns: keys }, row, 1, this.#scratch)
    return this.#words.tables([this.#words.make(batch.columns, 1, region, this.#scratch)], region)
  }

  *#close(region: Region): Iterable<RecordBatch> {
    region.reset()
    const block = this.#collector.join(region)
    if (block === null) return
    // Dictionaries of the block lie with the rows it was made of.
    const rows = this.#rows
    this.#rows = this.#context.createRegion()
    this.#collector = new BatchCollector(this.#rows)
    try {
      yield block
    } finally {
      rows.free()
    }
  }
}
