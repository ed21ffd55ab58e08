import { copyVector, type FlatVector, type RecordBatch } from '../../engine/batch/index.ts'
import type { MemoryPool, Region } from '../../engine/memory/index.ts'
import { ChunkReader, type OwnedDictionaries, ownRows } from '../../engine/shuffle/index.ts'

/** A batch of the result, and what gives its memory back. */
export interface OwnedBatch {
  readonly batch: RecordBatch
  free(): void
}

/**
 * Makes batches of the chunks of a result, partition after partition. Each batch lies in memory of its own;
 * dictionaries, which many batches share, stay until their partition has ended and all its batches are free.
 */
export class RowDecoder {
  readonly #pool: MemoryPool
  readonly #reader: ChunkReader
  /** Where chunks are unpacked; what is there stays while part of a frame is missing. */
  readonly #chunks: Region
  readonly #open = new Set<PartitionRows>()
  #rows: PartitionRows | null = null

  constructor(pool: MemoryPool) {
    this.#pool = pool
    this.#reader = new ChunkReader(pool)
    this.#chunks = pool.createRegion()
  }

  /** The batches of the next chunk. BLOCK_CORRUPT if it is not as it was written. */
  read(partition: number, chunk: Uint8Array): readonly OwnedBatch[] {
    const rows = this.#rowsOf(partition)
    const received = this.#reader.read(chunk, this.#chunks, (dictionary) => rows.keep(dictionary))
    const batches = received.map(({ batch }) => rows.own(batch))
    if (!this.#reader.isWithinFrame) this.#chunks.reset()
    return batches
  }

  /** Gives everything back, batches that are held too. */
  free(): void {
    for (const rows of this.#open) rows.free()
    this.#reader.free()
    this.#chunks.free()
  }

  #rowsOf(partition: number): PartitionRows {
    if (this.#rows?.partition === partition) return this.#rows
    this.#rows?.end()
    this.#reader.reset()
    this.#chunks.reset()
    const rows = new PartitionRows(partition, this.#pool, () => this.#open.delete(rows))
    this.#open.add(rows)
    this.#rows = rows
    return rows
  }
}

/** What is held of one partition. */
class PartitionRows {
  readonly partition: number
  readonly #pool: MemoryPool
  readonly #onFree: () => void
  /** Regions of batches that were not freed yet. */
  readonly #held = new Set<Region>()
  readonly #dictionaries: OwnedDictionaries = new Map()
  #dictionaryRegion: Region | null = null
  #isEnded = false

  constructor(partition: number, pool: MemoryPool, onFree: () => void) {
    this.partition = partition
    this.#pool = pool
    this.#onFree = onFree
  }

  keep(dictionary: FlatVector): void {
    this.#dictionaryRegion ??= this.#pool.createRegion()
    // The cast holds: the copy of a flat vector is flat.
    this.#dictionaries.set(dictionary, copyVector(dictionary, this.#dictionaryRegion) as FlatVector)
  }

  own(batch: RecordBatch): OwnedBatch {
    const region = this.#pool.createRegion()
    this.#held.add(region)
    return {
      batch: ownRows(batch, null, batch.rowCount, region, this.#dictionaries),
      free: () => {
        if (this.#held.delete(region)) region.free()
        if (this.#isEnded) this.#freeIfUnused()
      },
    }
  }

  /** No more chunks come. */
  end(): void {
    this.#isEnded = true
    this.#freeIfUnused()
  }

  free(): void {
    for (const region of this.#held) region.free()
    this.#held.clear()
    this.end()
  }

  #freeIfUnused(): void {
    if (this.#held.size > 0) return
    this.#dictionaryRegion?.free()
    this.#dictionaryRegion = null
    this.#onFree()
  }
}
