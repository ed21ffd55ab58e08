import { BATCH_ROWS, type RecordBatch } from '../batch/index.ts'
import type { KeyBounds } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { TopNExec } from '../plan/index.ts'
import type { Operator, TaskContext } from './operator.ts'
import { rowGather } from './piece-gather.ts'
import { RowPieces } from './row-pieces.ts'
import { partsOf, SortKeys } from './sort-keys.ts'

/** Candidates kept between two cuts, at least. */
const MIN_CANDIDATES = 8192

/**
 * The first rows by the keys. Candidates are cut to the rows wanted when they are many; from then on only
 * rows before the last of these are looked at further, which few are.
 */
export const topN: Operator<TopNExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    if (node.fetch === 0) return
    const top = new TopRows(node, context)
    const out = context.createRegion()
    try {
      for await (const batch of input!) {
        context.checkCancelled()
        top.add(batch)
      }
      yield* top.rows(node.skip, out)
    } finally {
      out.free()
      top.free()
    }
  },
}

/** The first rows so far, and others that came since the last cut. */
class TopRows {
  readonly #wanted: number
  readonly #keys: SortKeys
  readonly #context: TaskContext
  readonly #scratch: Region
  readonly #words: Region
  /** The last row wanted, once there are so many: rows that do not come before it are out. */
  #boundRegion: Region
  #bound: KeyBounds | null = null
  #pieces: RowPieces
  #rowOffset = 0

  constructor(node: TopNExec, context: TaskContext) {
    this.#wanted = node.skip + node.fetch
    this.#keys = new SortKeys(node.keys, context)
    this.#context = context
    this.#scratch = context.createRegion()
    this.#words = context.createRegion()
    this.#boundRegion = context.createRegion()
    this.#pieces = new RowPieces(context)
  }

  add(batch: RecordBatch): void {
    this.#scratch.reset()
    const extended = this.#keys.extend(batch, this.#rowOffset, this.#scratch)
    this.#rowOffset += batch.rowCount
    for (const part of partsOf(extended, this.#scratch)) {
      this.#words.reset()
      const bounds = this.#bound
      this.#pieces.add(part, bounds === null ? null : this.#keys.rowsWithin(part, bounds, this.#words))
      if (this.#pieces.rowCount >= this.#wanted * 2 + MIN_CANDIDATES) this.#cut()
    }
  }

  /** The rows from `skip` on, in order; a batch is valid until the next. */
  *rows(skip: number, out: Region): Iterable<RecordBatch> {
    const ids = this.#firstIds()
    const gather = rowGather(this.#pieces.pieces, this.#words, this.#context.pool)
    for (let from = skip; from < ids.length; from += BATCH_ROWS) {
      out.reset()
      yield this.#keys.strip(gather(ids.subarray(from, Math.min(ids.length, from + BATCH_ROWS)), out))
    }
  }

  free(): void {
    this.#scratch.free()
    this.#words.free()
    this.#boundRegion.free()
    this.#pieces.free()
  }

  /** The ids of the rows wanted, in order. */
  #firstIds(): Int32Array {
    this.#pieces.seal()
    this.#words.reset()
    const ids = this.#keys.sortedIds(this.#pieces, this.#words, this.#words)
    return ids.subarray(0, Math.min(ids.length, this.#wanted))
  }

  /** Keeps the rows wanted only, and takes the key of the last one as the bound. */
  #cut(): void {
    const ids = this.#firstIds()
    const kept = new RowPieces(this.#context)
    const bound = this.#context.createRegion()
    const work = this.#context.createRegion()
    try {
      const gather = rowGather(this.#pieces.pieces, this.#words, this.#context.pool)
      for (let from = 0; from < ids.length; from += BATCH_ROWS) {
        work.reset()
        kept.add(gather(ids.subarray(from, Math.min(ids.length, from + BATCH_ROWS)), work))
      }
      const last = gather(ids.subarray(ids.length - 1), work)
      const tables = this.#keys.words.tables([this.#keys.wordsOf(last, bound, work)], bound)
      this.#bound = { tables, lower: null, upper: 0 }
    } finally {
      work.free()
      this.#pieces.free()
      this.#pieces = kept
      this.#boundRegion.free()
      this.#boundRegion = bound
    }
  }
}
