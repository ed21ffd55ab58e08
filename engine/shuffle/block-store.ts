import { type RecordBatch, SpillWriter } from '../batch/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import { type OwnedDictionaries, ownRows } from './own-batch.ts'
import { isSpilled, type ShuffleBlock } from './shuffle-blocks.ts'

/** Blocks stay in memory only while so much of it is free: who comes next wants it. */
const KEEP_FREE = 0.5

/** Where finished blocks lie: in a region of the process and, maybe, in a spill file. */
export interface StoredBlocks {
  readonly partitions: readonly (readonly ShuffleBlock[])[]
  readonly regionId: number
  readonly spillPath: string | null
  readonly bytes: number
}

/**
 * Keeps copies of rows by partition beyond the operator or task that made them: in memory or, when that
 * becomes scarce, in a spill file. Call `finish` or `free`.
 */
export class BlockStore {
  readonly #pool: MemoryPool
  readonly #tag: number
  readonly #partitions: ShuffleBlock[][]
  readonly #count: (metric: string, amount: number) => void
  #region: Region
  #owned: OwnedDictionaries = new Map()
  #spill: SpillWriter | null = null

  /** `count` hears `spillFiles` and `spillBytes`. */
  constructor(
    pool: MemoryPool,
    tag: number,
    partitionCount: number,
    count: (metric: string, amount: number) => void = () => {},
  ) {
    this.#pool = pool
    this.#tag = tag
    this.#partitions = Array.from({ length: partitionCount }, () => [])
    this.#count = count
    this.#region = pool.createRegion(tag)
  }

  /** Copies in `count` rows of a batch: those at `indices`, or all if it is null. */
  add(partition: number, batch: RecordBatch, indices: Int32Array | null, count: number): void {
    this.#partitions[partition]!.push(ownRows(batch, indices, count, this.#region, this.#owned))
  }

  /** Moves the blocks to the file if memory is scarce; call it after each batch. */
  spillIfScarce(): void {
    if (!this.#pool.shouldSpill(this.#region.heldBytes, 0, KEEP_FREE)) return
    this.#spill ??= this.#createSpill()
    const { tables } = this.#spill
    for (const blocks of this.#partitions)
      for (const [index, block] of blocks.entries())
        if (!isSpilled(block)) blocks[index] = { ...this.#spill.write(block), tables }
    this.#region.free()
    this.#region = this.#pool.createRegion(this.#tag)
    this.#owned = new Map()
  }

  /** The blocks; region and file now belong to the caller's process, see `freeStored`. */
  finish(): StoredBlocks {
    const bytes = this.#region.heldBytes + (this.#spill?.file.bytes ?? 0)
    this.#spill?.close()
    const spillPath = this.#spill?.file.path ?? null
    return { partitions: this.#partitions, regionId: this.#region.release(), spillPath, bytes }
  }

  /** Gives up. */
  free(): void {
    this.#region.free()
    this.#spill?.free()
  }

  #createSpill(): SpillWriter {
    this.#count('spillFiles', 1)
    const file = this.#pool.spill.createFile(this.#tag)
    const scratch = this.#pool.createRegion(this.#tag)
    return new SpillWriter(file, scratch, (bytes) => this.#count('spillBytes', bytes))
  }
}

/** Gives back what a store held. */
export function freeStored(
  { regionId, spillPath }: Omit<StoredBlocks, 'partitions'>,
  pool: MemoryPool,
): void {
  pool.freeRegion(regionId)
  if (spillPath !== null) pool.spill.removeFile(spillPath)
}
