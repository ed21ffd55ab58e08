import type { SpilledBatch, SpillWriter } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { CHUNK_VALUES, type Chunk, decodeChunk, encodeChunk } from './chunk-codec.ts'
import { chunkRow, keyOfPair, payloadOf } from './program-writer.ts'
import type { UserTask } from './run-program.ts'
import { hashOfKey } from './value-key.ts'

/** Where chunks of values stand in a spill file, one after the other. */
export type SpilledChunks = SpilledBatch[]

/** Chunks of values in a spill file. Call `free` at the end. */
export class ValueSpill {
  readonly #task: UserTask
  readonly #writer: SpillWriter
  readonly #region: Region

  constructor(task: UserTask) {
    this.#task = task
    this.#writer = task.createSpill()
    this.#region = task.createRegion()
  }

  /** Writes values behind those of `chunks`. */
  write(values: readonly unknown[], side: number, chunks: SpilledChunks): void {
    this.#task.checkCancelled()
    for (let from = 0; from < values.length; from += CHUNK_VALUES) {
      const payload = encodeChunk(values.slice(from, from + CHUNK_VALUES), side)
      this.#region.reset()
      chunks.push(this.#writer.write(chunkRow({ partition: 0, payload }, this.#region)))
    }
  }

  /** The values of chunks, a chunk at a time. */
  *read(chunks: SpilledChunks): Iterable<Chunk> {
    const reader = this.#task.openSpill(this.#writer.tables, this.#writer)
    const region = this.#task.createRegion()
    try {
      for (const chunk of chunks) {
        this.#task.checkCancelled()
        region.reset()
        yield decodeChunk(payloadOf(reader.read(chunk, region), 0))
      }
    } finally {
      reader.free()
      region.free()
    }
  }

  free(): void {
    this.#region.free()
    this.#writer.free()
  }
}

/** Parts that pairs are parted into at once, and how often a part that is still too large is parted again. */
export const PARTS = 16
export const MAX_LEVELS = 4

/** Pairs that wait before they are written. */
const WAITING_VALUES = PARTS * CHUNK_VALUES

/** Pairs on disk, parted by the hash of their keys. Those of a part come in the order they were added. */
export class PairParts {
  readonly #level: number
  readonly #spill: ValueSpill
  readonly #chunks: SpilledChunks[] = Array.from({ length: PARTS }, () => [])
  /** By side, then by part. */
  readonly #waiting: unknown[][][] = []
  #waitingCount = 0

  constructor(task: UserTask, level: number) {
    this.#level = level
    this.#spill = new ValueSpill(task)
  }

  add({ side, values }: Chunk): void {
    this.#waiting[side] ??= Array.from({ length: PARTS }, () => [])
    const waiting = this.#waiting[side]
    for (const value of values) waiting[this.#partOf(keyOfPair(value))]!.push(value)
    this.#waitingCount += values.length
    if (this.#waitingCount >= WAITING_VALUES) this.flush()
  }

  /** Writes what waits; call it before reading. */
  flush(): void {
    for (const [side, parts] of this.#waiting.entries())
      for (const [part, values] of (parts ?? []).entries())
        this.#spill.write(values.splice(0), side, this.#chunks[part]!)
    this.#waitingCount = 0
  }

  read(part: number): Iterable<Chunk> {
    return this.#spill.read(this.#chunks[part]!)
  }

  free(): void {
    this.#spill.free()
  }

  /** Other bits of the hash than those by which pairs came to this partition, and at each level. */
  #partOf(key: unknown): number {
    return Math.imul(hashOfKey(key) ^ Math.imul(this.#level, 0x85eb_ca6b), 0x9e37_79b1) >>> 28
  }
}
