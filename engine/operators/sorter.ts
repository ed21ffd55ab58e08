import { BATCH_ROWS, type RecordBatch, type SpilledBatch, type SpillWriter } from '../batch/index.ts'
import type { SortKey } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import { FAN_IN, mergeRuns, type SortedRun } from './merge-runs.ts'
import type { TaskContext } from './operator.ts'
import { rowGather } from './piece-gather.ts'
import { RowPieces } from './row-pieces.ts'
import { SortKeys } from './sort-keys.ts'

/** Rows of a frame in a spilled run, at most; few bytes, since a merge holds a frame of every run. */
const FRAME_ROWS = 16_384
const FRAMES_A_LIMIT = 256

/** So many batches that are given out go into the limit, at least. */
const BATCHES_A_LIMIT = 64
const LEAST_ROWS = 16

/** Larger dictionaries are resolved: a merge would hold one for each run. */
const DICTIONARY_BYTES = 32_768

/**
 * Sorts rows, in memory as long as it may hold them, else by runs on disk that are merged at the end:
 *
 *   add ─▶ pieces ─(no more memory)─▶ sort ─▶ run on disk
 *   sorted ─▶ no runs: sort, gather       runs: the last one too, then merge
 *
 * Stable. The frames of a run are small, so that a merge can hold one of each.
 */
export class Sorter {
  readonly #keys: SortKeys
  readonly #context: TaskContext
  readonly #nodeId: number
  readonly #scratch: Region
  readonly #runs: SortedRun[] = []
  #pieces: RowPieces
  #writer: SpillWriter | null = null
  /** What sorting the pieces takes beside them. */
  #sortBytes = 0
  #rowOffset = 0
  #batchRows = BATCH_ROWS

  constructor(keys: readonly SortKey[], nodeId: number, context: TaskContext) {
    this.#keys = new SortKeys(keys, context)
    this.#context = context
    this.#nodeId = nodeId
    this.#scratch = context.createRegion()
    this.#pieces = new RowPieces(context)
  }

  /** Copies in the rows of a batch, or those at `indices`. */
  add(batch: RecordBatch, indices: Int32Array | null = null): void {
    if (batch.rowCount === 0) return
    this.#scratch.reset()
    const extended = this.#keys.extend(batch, this.#rowOffset, this.#scratch)
    this.#pieces.add(extended, indices)
    const share = indices === null ? 1 : indices.length / batch.rowCount
    this.#sortBytes += this.#keys.sortBytes(extended) * share
    this.#rowOffset += batch.rowCount
    this.#scratch.reset()
    const { heldBytes, gatherBytes } = this.#pieces
    if (this.#context.pool.shouldSpill(heldBytes, gatherBytes + this.#sortBytes)) this.#spill()
  }

  /** All rows in order; call it once. A batch is valid until the next. */
  *sorted(): Iterable<RecordBatch> {
    if (this.#runs.length === 0) {
      for (const batch of this.#inMemory(this.#rowsOf(BATCH_ROWS, BATCHES_A_LIMIT)))
        yield this.#keys.strip(batch)
      return
    }
    this.#spill()
    this.#pieces.free()
    let runs: readonly SortedRun[] = this.#runs
    while (runs.length > FAN_IN) runs = this.#mergeGroups(runs)
    for (const batch of mergeRuns(runs, this.#keys, this.#context, this.#batchRows))
      yield this.#keys.strip(batch)
  }

  /** Gives all memory back, and files. */
  free(): void {
    this.#scratch.free()
    this.#pieces.free()
    this.#writer?.free()
  }

  /** The rows of all pieces in order. */
  *#inMemory(batchRows: number, dictionaryBytes?: number): Iterable<RecordBatch> {
    const pieces = this.#pieces
    pieces.seal()
    const held = this.#context.createRegion()
    const out = this.#context.createRegion()
    try {
      const work = this.#context.createRegion()
      const ids = this.#keys.sortedIds(pieces, held, work)
      work.free()
      const gather = rowGather(pieces.pieces, held, this.#context.pool, dictionaryBytes)
      for (let from = 0; from < ids.length; from += batchRows) {
        this.#context.checkCancelled()
        out.reset()
        yield gather(ids.subarray(from, Math.min(ids.length, from + batchRows)), out)
      }
    } finally {
      out.free()
      held.free()
    }
  }

  /** Writes the rows held as a sorted run. */
  #spill(): void {
    if (this.#pieces.rowCount === 0) return
    this.#writer ??= this.#context.createSpill(this.#nodeId)
    this.#batchRows = this.#rowsOf(BATCH_ROWS, BATCHES_A_LIMIT)
    const rows = this.#rowsOf(FRAME_ROWS, FRAMES_A_LIMIT)
    this.#runs.push(writeRun(this.#inMemory(rows, DICTIONARY_BYTES), this.#writer))
    this.#pieces.free()
    this.#pieces = new RowPieces(this.#context)
    this.#sortBytes = 0
  }

  /** Rows of a batch or frame: at most `most`, and fewer if they are wide, so that many go into the limit. */
  #rowsOf(most: number, partsOfLimit: number): number {
    const { heldBytes, rowCount } = this.#pieces
    const wanted = Math.floor(
      (this.#context.pool.limitBytes / partsOfLimit) * (rowCount / Math.max(1, heldBytes)),
    )
    return Math.min(most, Math.max(LEAST_ROWS, wanted))
  }

  /** Merges runs by groups of FAN_IN into fewer runs of a new file, and removes the old one. */
  #mergeGroups(runs: readonly SortedRun[]): readonly SortedRun[] {
    const writer = this.#context.createSpill(this.#nodeId)
    const merged: SortedRun[] = []
    for (let from = 0; from < runs.length; from += FAN_IN) {
      const group = runs.slice(from, from + FAN_IN)
      merged.push(writeRun(mergeRuns(group, this.#keys, this.#context, FRAME_ROWS), writer))
    }
    this.#writer?.free()
    this.#writer = writer
    return merged
  }
}

function writeRun(batches: Iterable<RecordBatch>, writer: SpillWriter): SortedRun {
  const frames: SpilledBatch[] = []
  for (const batch of batches) frames.push(writer.write(batch))
  return { frames, writer }
}
