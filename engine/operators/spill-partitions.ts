import {
  flatten,
  hashRows,
  type RecordBatch,
  type SpilledBatch,
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
const WAITING_PARTS_OF_LIMIT = 32

/** Where rows go that are parted by the hash of their keys; see SpillPartitions. */
export interface SpillTarget {
  /** The node that is said to spill. */
  readonly nodeId: number
  /** 0, and one more for rows that come out of a partition. */
  readonly level: number
  /** The keys of a batch, by which equal rows meet; they may lie in `scratch`. */
  keysOf(batch: RecordBatch, scratch: Region): RecordBatch['columns']
}

/**
 * Rows on disk, parted by the hash of their keys, so that what has to meet can be worked on a part at a time:
 *
 *   add ─▶ waiting rows ─(enough)─▶ hash ─▶ frames of 16 partitions in one file ─▶ read(0), read(1), …
 *
 * Rows of a partition come in the order they were added. Call `free` at the end.
 */
export class SpillPartitions {
  readonly #target: SpillTarget
  readonly #context: TaskContext
  readonly #frames: SpilledBatch[][]
  #waiting: RowPieces
  #writer: SpillWriter | null = null

  constructor(target: SpillTarget, context: TaskContext) {
    this.#target = target
    this.#context = context
    this.#frames = Array.from({ length: SPILL_FAN_OUT }, () => [])
    this.#waiting = new RowPieces(context)
  }

  /** Whether no row was added. */
  get isEmpty(): boolean {
    return this.#writer === null && this.#waiting.rowCount === 0
  }

  /** Bytes that wait in memory. */
  get heldBytes(): number {
    return this.#waiting.heldBytes
  }

  /** Copies a batch to its partitions. */
  add(batch: RecordBatch): void {
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

  /** Rows of a partition. */
  rowCount(partition: number): number {
    return this.#frames[partition]!.reduce((sum, frame) => sum + frame.rowCount, 0)
  }

  /** The rows of a partition; a batch is valid until the next. */
  *read(partition: number): Iterable<RecordBatch> {
    this.flush()
    const frames = this.#frames[partition]!
    if (frames.length === 0) return
    const writer = this.#writer!
    const reader = this.#context.openSpill(writer.tables, writer)
    const region = this.#context.createRegion()
    try {
      for (const frame of frames) {
        this.#context.checkCancelled()
        region.reset()
        yield reader.read(frame, region)
      }
    } finally {
      reader.free()
      region.free()
    }
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
    const hashes = hashRows(this.#target.keysOf(batch, scratch), rowCount, scratch)
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
