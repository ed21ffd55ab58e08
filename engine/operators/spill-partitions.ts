import {
  flatten,
  hashRows,
  type RecordBatch,
  type SpilledBatch,
  type SpillTables,
  type SpillWriter,
  take,
} from '../batch/index.ts'
import { partitionKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { TaskContext } from './operator.ts'
import { RowPieces } from './row-pieces.ts'

/** Partitions that rows are parted into at once, by four bits of their hash. */
export const SPILL_FAN_OUT = 16
const LEVEL_BITS = 4

/** How often a partition that is still too large can be parted again. */
export const MAX_SPILL_LEVELS = 7

/** Batches with fewer rows wait for more, so that what is written at once is not tiny. */
const SMALL_ROWS = 16_384
const WAITING_ROWS = 65_536
const WAITING_PARTS_OF_LIMIT = 64

/** Where rows go that are parted by the hash of their keys; see SpillPartitions. */
export interface SpillTarget {
  /** The node that is said to spill. */
  readonly nodeId: number
  /** 0, and one more for rows that come out of a partition. */
  readonly level: number
  /** The keys of a batch, by which equal rows meet; they may lie in `scratch`. */
  keysOf(batch: RecordBatch, scratch: Region): RecordBatch['columns']
}

/** Rows by partition, as often as wanted. */
export interface PartedRows {
  /** Rows of all partitions. */
  readonly rowCount: number
  /** Whether a row has NULL among its keys. */
  readonly hasNullKey: boolean
  countOf(partition: number): number
  /** The rows of a partition; a batch is valid until the next. */
  read(partition: number): Iterable<RecordBatch>
}

/** Where rows by partition lie, for other threads. Plain data. */
export interface PartedFrames {
  readonly rowCount: number
  readonly hasNullKey: boolean
  readonly partitions: readonly (readonly SpilledBatch[])[]
  readonly tables: SpillTables
}

/**
 * Rows on disk, parted by the hash of their keys, so that what has to meet can be worked on a part at a time:
 *
 *   add ─▶ waiting rows ─(enough)─▶ hash ─▶ frames of 16 partitions in one file ─▶ read(0), read(1), …
 *
 * Rows of a partition come in the order they were added. Call `free` at the end.
 */
export class SpillPartitions implements PartedRows {
  readonly #target: SpillTarget
  readonly #context: TaskContext
  readonly #frames: SpilledBatch[][]
  #waiting: RowPieces
  #writer: SpillWriter | null = null
  rowCount = 0
  hasNullKey = false

  constructor(target: SpillTarget, context: TaskContext) {
    this.#target = target
    this.#context = context
    this.#frames = Array.from({ length: SPILL_FAN_OUT }, () => [])
    this.#waiting = new RowPieces(context)
  }

  /** Copies a batch to its partitions. */
  add(batch: RecordBatch): void {
    if (batch.rowCount === 0) return
    this.rowCount += batch.rowCount
    if (batch.rowCount >= SMALL_ROWS && this.#waiting.rowCount === 0) {
      this.#write(batch)
      return
    }
    this.#waiting.add(batch)
    const { heldBytes, rowCount } = this.#waiting
    if (rowCount >= WAITING_ROWS || heldBytes * WAITING_PARTS_OF_LIMIT > this.#context.pool.limitBytes)
      this.flush()
  }

  /** Writes what waits; call it before reading. */
  flush(): void {
    if (this.#waiting.rowCount === 0) return
    this.#waiting.seal()
    for (const piece of this.#waiting.pieces) this.#write(piece)
    this.#waiting.free()
    this.#waiting = new RowPieces(this.#context)
  }

  countOf(partition: number): number {
    return countRows(this.#frames[partition]!)
  }

  *read(partition: number): Iterable<RecordBatch> {
    this.flush()
    if (this.#writer === null) return
    yield* readFrames(this.#frames[partition]!, this.#writer.tables, this.#context, this.#writer)
  }

  /** The rows for other threads, and the writer of their file, which is the caller's from now on. */
  finish(): PartedFrames & { readonly writer: SpillWriter } {
    this.flush()
    this.#writer ??= this.#context.createSpill(this.#target.nodeId)
    const { rowCount, hasNullKey } = this
    const { tables } = this.#writer
    return { rowCount, hasNullKey, partitions: this.#frames, tables, writer: this.#writer }
  }

  /** Gives all memory back, and the file. */
  free(): void {
    this.#waiting.free()
    this.#writer?.free()
  }

  #write(batch: RecordBatch): void {
    this.#writer ??= this.#context.createSpill(this.#target.nodeId)
    const writer = this.#writer
    const scratch = this.#context.createRegion()
    try {
      const { starts, rows } = this.#partitionsOf(batch, scratch)
      for (const [p, frames] of this.#frames.entries()) {
        const indices = rows.subarray(starts[p]!, starts[p + 1]!)
        if (indices.length > 0) frames.push(writer.write(someRows(batch, indices, scratch)))
      }
    } finally {
      scratch.free()
    }
  }

  /** The rows of each partition, one after the other. */
  #partitionsOf(
    batch: RecordBatch,
    scratch: Region,
  ): { readonly starts: Int32Array; readonly rows: Int32Array } {
    const { rowCount } = batch
    const keys = this.#target.keysOf(batch, scratch)
    this.hasNullKey ||= keys.some(({ nullCount }) => nullCount > 0)
    const hashes = hashRows(keys, rowCount, scratch)
    const kernels = partitionKernels(scratch.pool)
    const [partitions, rows] = [scratch.int32(rowCount), scratch.int32(rowCount)]
    const shift = 32 - LEVEL_BITS * (1 + this.#target.level)
    const mask = SPILL_FAN_OUT - 1
    kernels.partitionsOfBits(hashes.byteOffset, rowCount, shift, mask, partitions.byteOffset)
    const [starts, next] = [scratch.int32(SPILL_FAN_OUT + 1), scratch.int32(SPILL_FAN_OUT + 1)]
    const [from, to] = [partitions.byteOffset, rows.byteOffset]
    kernels.rowsByPartition(from, rowCount, SPILL_FAN_OUT, starts.byteOffset, next.byteOffset, to)
    return { starts, rows }
  }
}

/** Rows by partition that another task left. */
export function partedRows(frames: PartedFrames, context: TaskContext): PartedRows {
  const { partitions, tables, rowCount, hasNullKey } = frames
  return {
    rowCount,
    hasNullKey,
    countOf: (partition) => countRows(partitions[partition]!),
    read: (partition) => readFrames(partitions[partition]!, tables, context),
  }
}

function countRows(frames: readonly SpilledBatch[]): number {
  return frames.reduce((sum, { rowCount }) => sum + rowCount, 0)
}

/** Batches of a spill file, in order; each is valid until the next. */
export function* readFrames(
  frames: readonly SpilledBatch[],
  tables: SpillTables,
  context: TaskContext,
  writer?: SpillWriter,
): Iterable<RecordBatch> {
  if (frames.length === 0) return
  const reader = context.openSpill(tables, writer)
  const region = context.createRegion()
  try {
    for (const frame of frames) {
      context.checkCancelled()
      region.reset()
      yield reader.read(frame, region)
    }
  } finally {
    reader.free()
    region.free()
  }
}

/** Rows of a batch, without dictionaries that are larger than they. */
function someRows(batch: RecordBatch, indices: Int32Array, region: Region): RecordBatch {
  const { length } = indices
  const columns = batch.columns.map((column) => {
    const taken = take(column, indices, length, region)
    const isLarge = taken.encoding === 'dictionary' && taken.dictionary.length > length
    return isLarge ? flatten(taken, region) : taken
  })
  return { rowCount: length, columns }
}
