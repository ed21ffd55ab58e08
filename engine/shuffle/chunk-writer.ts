import {
  dictionariesOfFrame,
  encodeBatch,
  type FlatVector,
  FRAME_HEAD_WORDS,
  type RecordBatch,
  type SpillTables,
  TypeTable,
} from '../batch/index.ts'
import type { MemoryPool, Region, SpillExtent, SpillFile } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { ChunkBuffer, type ChunkCounts, type Piece } from './chunk-buffer.ts'
import { CHUNK_BODY_BYTES, corruptBlock, KIND_BATCH, KIND_DICTIONARY, KIND_TYPES } from './chunk-format.ts'
import { isSpilled, type ShuffleBlock, type SpilledBlock } from './shuffle-blocks.ts'

/** A block, and what its reader shall know it by. */
export interface TaggedBlock {
  readonly range: number
  readonly partition: number
  readonly block: ShuffleBlock
}

export interface ChunkWriterOptions {
  /** Job that the writer's memory belongs to. */
  readonly tag?: number
  /** Try LZ4, and use it where it saves a fifth. */
  readonly compress?: boolean
  /** Bytes of the body of a chunk; a multiple of 8. */
  readonly bodyBytes?: number
}

/** Types and dictionaries of one spill file. */
interface FileSpace {
  readonly number: number
  readonly sent: Set<number>
}

/** A frame that waits for the types and dictionaries before it. */
interface PendingFrame {
  readonly piece: Piece
  readonly parts: readonly Uint8Array[]
}

/**
 * Makes one stream of chunks (see chunk-format.ts) of the blocks of many outputs. Columns in memory are
 * copied once, frames of spill files are read into the chunk as they are. Call `free` at the end.
 */
export class ChunkWriter {
  readonly #pool: MemoryPool
  readonly #region: Region
  readonly #scratch: Region
  readonly #buffer: ChunkBuffer
  readonly #types = new TypeTable()
  #typesSent = 0
  readonly #dictionaries = new Map<FlatVector, number>()
  #pending: PendingFrame[] = []
  readonly #spaces = new Map<SpillTables, FileSpace>()
  #file: SpillFile | null = null

  constructor(pool: MemoryPool, options: ChunkWriterOptions = {}) {
    const { tag = 0, compress = false, bodyBytes = CHUNK_BODY_BYTES } = options
    this.#pool = pool
    this.#region = pool.createRegion(tag)
    this.#scratch = pool.createRegion(tag)
    try {
      this.#buffer = new ChunkBuffer(this.#region, bodyBytes, compress)
    } catch (error) {
      this.#region.free()
      throw error
    }
  }

  get counts(): Readonly<ChunkCounts> {
    return this.#buffer.counts
  }

  /**
   * The chunks of some blocks. Each is in the arena, good until the next one is asked for, and has 64 bytes
   * before it that may be written to.
   */
  *write(blocks: Iterable<TaggedBlock>): Generator<Uint8Array, void, undefined> {
    for (const tagged of blocks)
      if (isSpilled(tagged.block)) yield* this.#spilled(tagged, tagged.block)
      else yield* this.#batch(tagged, tagged.block)
    if (!this.#buffer.isEmpty) yield this.#buffer.finish()
  }

  free(): void {
    this.#file?.close()
    this.#file = null
    this.#region.free()
    this.#scratch.free()
  }

  *#batch({ range, partition }: TaggedBlock, batch: RecordBatch): Generator<Uint8Array, void, undefined> {
    this.#scratch.reset()
    this.#encode({ kind: KIND_BATCH, range, number: partition }, batch)
    const frames = this.#pending
    this.#pending = []
    yield* this.#newTypes()
    for (const { piece, parts } of frames) yield* this.#frame(piece, parts)
  }

  /** Dictionaries come before the frame that needs them. */
  #encode(head: { kind: number; range: number; number: number }, batch: RecordBatch): void {
    const tables = {
      typeId: (type: DataType) => this.#types.idOf(type),
      dictionaryId: (dictionary: FlatVector) => this.#dictionaryId(dictionary),
    }
    const parts = encodeBatch(batch, tables, this.#scratch)
    const frameBytes = parts.reduce((sum, part) => sum + part.length, 0)
    this.#pending.push({ piece: { ...head, space: 0, frameBytes }, parts })
  }

  #dictionaryId(dictionary: FlatVector): number {
    let id = this.#dictionaries.get(dictionary)
    if (id !== undefined) return id
    id = this.#dictionaries.size
    this.#dictionaries.set(dictionary, id)
    const batch = { rowCount: dictionary.length, columns: [dictionary] }
    this.#encode({ kind: KIND_DICTIONARY, range: 0, number: id }, batch)
    return id
  }

  *#newTypes(): Generator<Uint8Array, void, undefined> {
    const { types } = this.#types
    if (types.length === this.#typesSent) return
    yield* this.#typesFrame(0, types.slice(this.#typesSent))
    this.#typesSent = types.length
  }

  *#typesFrame(space: number, types: readonly DataType[]): Generator<Uint8Array, void, undefined> {
    const text = Buffer.from(JSON.stringify(types))
    const padded = Buffer.concat([text, Buffer.alloc(-text.length & 7, ' ')])
    const piece = { kind: KIND_TYPES, space, range: 0, number: 0, frameBytes: padded.length }
    yield* this.#frame(piece, [padded])
  }

  /** Copies a frame in: into this chunk or, if it is too large, cut over the next ones. */
  *#frame(piece: Piece, parts: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
    const { frameBytes } = piece
    const buffer = this.#buffer
    if (frameBytes > buffer.free && !buffer.isEmpty) yield buffer.finish()
    let [into, at, done] = [buffer.take(piece, 0, Math.min(frameBytes, buffer.free)), 0, 0]
    for (const part of parts) {
      let from = 0
      while (from < part.length) {
        if (at === into.length) {
          done += at
          yield buffer.finish()
          into = buffer.take(piece, done, Math.min(frameBytes - done, buffer.free))
          at = 0
        }
        const count = Math.min(part.length - from, into.length - at)
        into.set(from === 0 && count === part.length ? part : part.subarray(from, from + count), at)
        from += count
        at += count
      }
    }
    if (frameBytes > buffer.capacity) yield buffer.finish()
  }

  *#spilled({ range, partition }: TaggedBlock, block: SpilledBlock): Generator<Uint8Array, void, undefined> {
    const { tables } = block
    let space = this.#spaces.get(tables)
    if (space === undefined) {
      space = { number: this.#spaces.size + 1, sent: new Set() }
      this.#spaces.set(tables, space)
      yield* this.#typesFrame(space.number, tables.types)
    }
    yield* this.#dictionariesFor(block, tables, space)
    yield* this.#extent({ kind: KIND_BATCH, range, number: partition }, block, tables, space)
  }

  *#dictionariesFor(
    extent: SpillExtent,
    tables: SpillTables,
    space: FileSpace,
  ): Generator<Uint8Array, void, undefined> {
    if (tables.dictionaries.length === 0) return
    for (const id of dictionariesOfFrame(this.#words(extent, tables))) {
      if (space.sent.has(id)) continue
      const dictionary = tables.dictionaries[id]
      if (dictionary === undefined) throw corruptBlock(`a frame of "${tables.path}" needs what is not there`)
      space.sent.add(id)
      yield* this.#dictionariesFor(dictionary, tables, space)
      yield* this.#extent({ kind: KIND_DICTIONARY, range: 0, number: id }, dictionary, tables, space)
    }
  }

  /** The words at the start of a frame in a file. */
  #words({ offset, bytes }: SpillExtent, tables: SpillTables): Int32Array {
    const file = this.#open(tables)
    this.#scratch.reset()
    const head = this.#scratch.int32(FRAME_HEAD_WORDS)
    file.read(new Uint8Array(head.buffer, head.byteOffset, head.byteLength), offset)
    const count = head[0]!
    if (count < FRAME_HEAD_WORDS || count > bytes >> 2)
      throw corruptBlock(`a frame of "${tables.path}" is malformed`)
    const words = this.#scratch.int32(count)
    file.read(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), offset)
    return words
  }

  *#extent(
    head: { kind: number; range: number; number: number },
    { offset, bytes, checksum }: SpillExtent,
    tables: SpillTables,
    { number: space }: FileSpace,
  ): Generator<Uint8Array, void, undefined> {
    const buffer = this.#buffer
    const piece = { ...head, space, frameBytes: bytes }
    if (bytes > buffer.free && !buffer.isEmpty) yield buffer.finish()
    let crc = 0
    for (let done = 0; done < bytes; ) {
      const into = buffer.take(piece, done, Math.min(bytes - done, buffer.free))
      this.#open(tables).read(into, offset + done)
      if (checksum !== undefined) crc = buffer.checksum(into, crc)
      done += into.length
      if (done === bytes && checksum !== undefined && checksum !== crc)
        throw corruptBlock(`a frame of "${tables.path}" has another checksum than when it was written`)
      if (bytes > buffer.capacity) yield buffer.finish()
    }
  }

  /** One file at a time, however many outputs there are. */
  #open({ path }: SpillTables): SpillFile {
    if (this.#file?.path === path) return this.#file
    this.#file?.close()
    this.#file = null
    this.#file = this.#pool.spill.openFile(path)
    return this.#file
  }
}
