import { SpillWriter } from '../../engine/batch/index.ts'
import type { MemoryPool, Region } from '../../engine/memory/index.ts'
import { ChunkReader, freeStored, newReadCounts, type ShuffleBlock } from '../../engine/shuffle/index.ts'

/** As for outputs of the process itself: fetched blocks leave half of the memory to others. */
const KEEP_FREE = 0.5

/** A block, and the range of its request that it belongs to. */
export interface ArrivedBlock {
  readonly range: number
  readonly block: ShuffleBlock
}

/**
 * Where the blocks that a task fetches arrive: in a region or, once memory is scarce, in a spill file.
 * Several streams may fill it in turn. Call `finish` or `free`.
 */
export class FetchSink {
  readonly #pool: MemoryPool
  readonly #tag: number
  readonly #region: Region
  #spill: SpillWriter | null = null
  /** What all streams took. */
  readonly counts = newReadCounts()
  readonly #count: (metric: string, amount: number) => void

  constructor(pool: MemoryPool, tag: number, count: (metric: string, amount: number) => void) {
    this.#pool = pool
    this.#tag = tag
    this.#region = pool.createRegion(tag)
    this.#count = count
  }

  /** Takes the chunks of one stream. */
  open(): SinkStream {
    const spill = (incomingBytes: number): SpillWriter | null => {
      if (this.#spill === null && this.#isScarce(incomingBytes)) this.#spill = this.#createSpill()
      return this.#spill
    }
    return new SinkStream(
      new ChunkReader(this.#pool, this.#tag, this.counts),
      this.#region,
      this.#pool.createRegion(this.#tag),
      spill,
    )
  }

  /** Lets go of memory and file; call the result to give them back. */
  finish(): () => void {
    this.#spill?.close()
    const stored = { regionId: this.#region.release(), spillPath: this.#spill?.file.path ?? null, bytes: 0 }
    return () => freeStored(stored, this.#pool)
  }

  free(): void {
    this.#region.free()
    this.#spill?.free()
  }

  #isScarce(incomingBytes: number): boolean {
    const { isScarce } = this.#pool
    return isScarce || this.#pool.shouldSpill(this.#region.heldBytes, incomingBytes, KEEP_FREE)
  }

  #createSpill(): SpillWriter {
    this.#count('spillFiles', 1)
    const file = this.#pool.spill.createFile(this.#tag)
    const scratch = this.#pool.createRegion(this.#tag)
    return new SpillWriter(file, scratch, (bytes) => this.#count('spillBytes', bytes))
  }
}

/** The chunks of one stream, in order. Call `free` at its end. */
export class SinkStream {
  readonly #reader: ChunkReader
  readonly #region: Region
  readonly #scratch: Region
  readonly #spill: (incomingBytes: number) => SpillWriter | null

  constructor(
    reader: ChunkReader,
    region: Region,
    scratch: Region,
    spill: (incomingBytes: number) => SpillWriter | null,
  ) {
    this.#reader = reader
    this.#region = region
    this.#scratch = scratch
    this.#spill = spill
  }

  /** Whether the stream must not end yet. */
  get isWithinBlock(): boolean {
    return this.#reader.isWithinFrame
  }

  take(chunk: Uint8Array): ArrivedBlock[] {
    const spill = this.#spill(chunk.length)
    if (spill === null)
      return this.#reader.read(chunk, this.#region).map(({ range, batch }) => ({ range, block: batch }))
    const { tables } = spill
    // The dictionary of rows that are written is known by what it is, wherever its own rows have gone.
    const rows = this.#reader.read(chunk, this.#scratch, (dictionary) => spill.keep(dictionary))
    const blocks = rows.map(({ range, batch }) => ({ range, block: { ...spill.write(batch), tables } }))
    if (!this.#reader.isWithinFrame) this.#scratch.reset()
    return blocks
  }

  free(): void {
    this.#reader.free()
    this.#scratch.free()
  }
}
