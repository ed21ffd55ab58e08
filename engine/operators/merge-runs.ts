import {
  BATCH_ROWS,
  type RecordBatch,
  type SpilledBatch,
  type SpillReader,
  type SpillWriter,
} from '../batch/index.ts'
import { compareRows, type KeyTables, sortRowIds } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { TaskContext } from './operator.ts'
import { rowGather } from './piece-gather.ts'
import type { SortKeys } from './sort-keys.ts'
import type { KeyWords } from './sort-words.ts'

/** Runs that are merged at once: each holds a frame in memory. */
export const FAN_IN = 16

/** Sorted rows on disk, in frames that follow each other. */
export interface SortedRun {
  readonly frames: readonly SpilledBatch[]
  readonly writer: SpillWriter
}

/**
 * Merges sorted runs; rows with equal keys come in the order of runs. A batch is valid until the next.
 *
 * It goes in rounds. Each run has a frame in memory; the frame whose last key is least bounds the round,
 * since what follows it in its run is not known yet. All rows up to the bound are sorted as in memory, and
 * given:
 *
 *   run 0 | 1 3 5 7 |                      run 0 |     5 7 |
 *   run 1 | 2 3 4 |      ─▶ 1 2 3 3 4 ─▶   run 1 | next frame
 *             bound ^
 */
export function* mergeRuns(
  runs: readonly SortedRun[],
  keys: SortKeys,
  context: TaskContext,
  batchRows = BATCH_ROWS,
): Iterable<RecordBatch> {
  let cursors = runs.map((run) => new RunCursor(run, keys, context))
  const work = context.createRegion()
  const out = context.createRegion()
  try {
    for (;;) {
      context.checkCancelled()
      cursors = cursors.filter((cursor) => cursor.load())
      if (cursors.length === 0) return
      work.reset()
      const ids = takeRound(cursors, context, work)
      const words = cursors.map((cursor) => cursor.words)
      sortRowIds(context.pool, ids, keys.words.tables(words, work), work)
      const gather = rowGather(
        cursors.map((cursor) => cursor.batch),
        work,
        context.pool,
      )
      for (let from = 0; from < ids.length; from += batchRows) {
        out.reset()
        yield gather(ids.subarray(from, Math.min(ids.length, from + batchRows)), out)
      }
    }
  } finally {
    out.free()
    work.free()
    for (const cursor of cursors) cursor.free()
  }
}

/** The ids of the rows up to the bound; their runs move on. */
function takeRound(cursors: readonly RunCursor[], context: TaskContext, work: Region): Int32Array {
  const bound = boundOf(cursors, context)
  const ends = cursors.map((cursor, index) => {
    if (bound < 0) return cursor.rowCount
    // Rows of later runs that equal the bound must wait for those that may follow it in its own run.
    return cursor.endBefore(cursors[bound]!, index <= bound)
  })
  const count = cursors.reduce((sum, cursor, index) => sum + ends[index]! - cursor.position, 0)
  const ids = work.int32(count)
  let next = 0
  for (const [index, cursor] of cursors.entries()) {
    for (let row = cursor.position; row < ends[index]!; row++) ids[next++] = (index << 16) | row
    cursor.position = ends[index]!
  }
  return ids
}

/** The run whose last row in memory comes first, among those with more on disk; -1 if none has. */
function boundOf(cursors: readonly RunCursor[], context: TaskContext): number {
  let bound = -1
  for (const [index, cursor] of cursors.entries()) {
    if (!cursor.hasMore) continue
    if (bound < 0) bound = index
    else {
      const least = cursors[bound]!
      const order = compareRows(context.pool, cursor.tables, cursor.last, least.tables, least.last)
      if (order < 0) bound = index
    }
  }
  return bound
}

/** Where the merge stands in a run: a frame in memory and its keys. */
class RunCursor {
  readonly #run: SortedRun
  readonly #sortKeys: SortKeys
  readonly #context: TaskContext
  readonly #reader: SpillReader
  readonly #region: Region
  readonly #scratch: Region
  #nextFrame = 0
  #batch: RecordBatch | null = null
  #words: KeyWords | null = null
  #tables: KeyTables | null = null
  /** The next row. */
  position = 0

  constructor(run: SortedRun, sortKeys: SortKeys, context: TaskContext) {
    this.#run = run
    this.#sortKeys = sortKeys
    this.#context = context
    this.#reader = context.openSpill(run.writer.tables, run.writer)
    this.#region = context.createRegion()
    this.#scratch = context.createRegion()
  }

  /** Reads the next frame if this one is used up; false at the end, when it has freed its memory. */
  load(): boolean {
    if (this.position < this.rowCount) return true
    const frame = this.#run.frames[this.#nextFrame++]
    if (frame === undefined) {
      this.free()
      return false
    }
    this.#region.reset()
    this.#scratch.reset()
    this.#batch = this.#reader.read(frame, this.#region)
    this.#words = this.#sortKeys.wordsOf(this.#batch, this.#region, this.#scratch)
    this.#tables = this.#sortKeys.words.tables([this.#words], this.#region)
    this.position = 0
    return true
  }

  get batch(): RecordBatch {
    return this.#batch!
  }

  get words(): KeyWords {
    return this.#words!
  }

  get tables(): KeyTables {
    return this.#tables!
  }

  get rowCount(): number {
    return this.#batch?.rowCount ?? 0
  }

  /** The last row of the frame. */
  get last(): number {
    return this.rowCount - 1
  }

  get hasMore(): boolean {
    return this.#nextFrame < this.#run.frames.length
  }

  /** The first row behind those that come before the last row of `bound`, or with it if `orEqual`. */
  endBefore(bound: RunCursor, orEqual: boolean): number {
    const { pool } = this.#context
    let [low, high] = [this.position, this.rowCount]
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = compareRows(pool, this.tables, middle, bound.tables, bound.last)
      if (order < 0 || (order === 0 && orEqual)) low = middle + 1
      else high = middle
    }
    return low
  }

  free(): void {
    this.#reader.free()
    this.#region.free()
    this.#scratch.free()
  }
}
