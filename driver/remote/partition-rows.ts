import { copyVector, type FlatVector, type RecordBatch } from '../../engine/batch/index.ts'
import type { MemoryPool, Region } from '../../engine/memory/index.ts'
import { ChunkReader, type OwnedDictionaries, ownRows } from '../../engine/shuffle/index.ts'

/** A batch of the result, and what gives its memory back. */
interface OwnedBatch {
  readonly batch: RecordBatch
  free(): void
}

/**
 * The rows of one partition of a result, chunk by chunk. Each batch lies in memory of its own; dictionaries,
 * which many batches share, stay until the partition has ended and all its batches are free.
 */
export class PartitionRows {
  readonly partition: number
  readonly #pool: MemoryPool
  readonly #reader: ChunkReader
  /** Where chunks are unpacked; what is there stays while part of a frame is missing. */
  readonly #chunks: Region
  /** Regions of batches that were not freed yet. */
  readonly #held = new Set<Region>()
  readonly #dictionaries: OwnedDictionaries = new Map()
  #dictionaryRegion: Region | null = null
  #isEnded = false

  constructor(partition: number, pool: MemoryPool) {
    this.partition = partition
    this.#pool = pool
    this.#reader = new ChunkReader(pool)
    this.#chunks = pool.createRegion()
  }

  /** The batches of the next chunk. BLOCK_CORRUPT if it is not as it was written. */
  read(chunk: Uint8Array): readonly OwnedBatch[] {
    const received = this.#reader.read(chunk, this.#chunks, (dictionary) => this.#keep(dictionary))
    const batches = received.map(({ batch }) => this.#own(batch))
    if (!this.#reader.isWithinFrame) this.#chunks.reset()
    return batches
  }

  /** No more chunks come. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#reader.free()
    this.#chunks.free()
    if (this.#held.size === 0) this.#freeDictionaries()
  }

  /** Gives everything back, batches that are held too. */
  free(): void {
    for (const region of this.#held) region.free()
    this.#held.clear()
    this.end()
    this.#freeDictionaries()
  }

  #keep(dictionary: FlatVector): void {
    this.#dictionaryRegion ??= this.#pool.createRegion()
    // The cast holds: the copy of a flat vector is flat.
    this.#dictionaries.set(dictionary, copyVector(dictionary, this.#dictionaryRegion) as FlatVector)
  }

  #own(batch: RecordBatch): OwnedBatch {
    const region = this.#pool.createRegion()
    this.#held.add(region)
    return {
      batch: ownRows(batch, null, batch.rowCount, region, this.#dictionaries),
      free: () => {
        if (this.#held.delete(region)) region.free()
        if (this.#isEnded && this.#held.size === 0) this.#freeDictionaries()
      },
    }
  }

  #freeDictionaries(): void {
    this.#dictionaryRegion?.free()
    this.#dictionaryRegion = null
  }
}
