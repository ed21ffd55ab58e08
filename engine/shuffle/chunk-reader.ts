import { decodeBatch, type FlatVector, type RecordBatch } from '../batch/index.ts'
import { CRC32C_TABLE_BYTES, crc32c, decompressLz4Block, fillCrc32cTables } from '../kernels/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import { checkDataType, type DataType } from '../types/index.ts'
import {
  CHUNK_HEAD_WORDS,
  CHUNK_MAGIC,
  CODEC_LZ4,
  CODEC_PLAIN,
  corruptBlock,
  headBytes,
  KIND_BATCH,
  KIND_DICTIONARY,
  KIND_TYPES,
  MOST_CHUNK_BYTES,
  MOST_PIECES,
  PIECE_WORDS,
} from './chunk-format.ts'

/** Rows of a chunk, and the block they belong to. */
export interface ReceivedRows {
  /** Index of the range asked for. */
  readonly range: number
  readonly partition: number
  readonly batch: RecordBatch
}

/** What a reader has done so far; milliseconds are of this thread. */
export interface ReadCounts {
  chunks: number
  chunkBytes: number
  /** Copying into the arena. */
  copyMs: number
  checksumMs: number
  decompressMs: number
  decodeMs: number
}

/** Types and dictionaries that have numbers of their own. */
interface Space {
  readonly types: DataType[]
  readonly dictionaries: Map<number, FlatVector>
}

/** One word list of a piece, see chunk-format.ts. */
interface PieceHead {
  readonly kind: number
  readonly space: number
  readonly range: number
  readonly number: number
  readonly frameBytes: number
  readonly offset: number
  readonly bytes: number
}

/** A frame that came in part. */
interface OpenFrame {
  readonly head: PieceHead
  readonly bytes: Uint8Array
  filled: number
}

interface ChunkHead {
  readonly checksum: number
  readonly codec: number
  readonly plainBytes: number
  readonly pieces: readonly PieceHead[]
}

/**
 * Reads one stream of chunks, in order. BLOCK_CORRUPT for whatever was not written so: nothing outside of a
 * chunk is ever read, and what it holds is sound. Call `free` at the end.
 */
export class ChunkReader {
  readonly #pool: MemoryPool
  readonly #region: Region
  readonly #scratch: Region
  readonly #crcTables: Uint8Array
  readonly #spaces = new Map<number, Space>()
  #open: OpenFrame | null = null
  readonly #counts: ReadCounts

  /** `counts` are counted up; several readers may share them. */
  constructor(pool: MemoryPool, tag = 0, counts: ReadCounts = newReadCounts()) {
    this.#pool = pool
    this.#counts = counts
    this.#region = pool.createRegion(tag)
    this.#scratch = pool.createRegion(tag)
    this.#crcTables = this.#region.uint8(CRC32C_TABLE_BYTES)
    fillCrc32cTables(pool, this.#crcTables)
  }

  /** Whether part of a frame is still to come: its region must stay, and the stream must not end. */
  get isWithinFrame(): boolean {
    return this.#open !== null
  }

  /**
   * The rows of a chunk, in `region`. Dictionaries too are there, and later chunks refer to them: the region
   * stays, unless `onDictionary` keeps each elsewhere and the rows are only asked which dictionary is theirs.
   */
  read(chunk: Uint8Array, region: Region, onDictionary?: (dictionary: FlatVector) => void): ReceivedRows[] {
    this.#scratch.reset()
    const head = this.#head(chunk)
    this.#counts.chunks++
    this.#counts.chunkBytes += chunk.length
    const rows: ReceivedRows[] = []
    const take = (piece: PieceHead, frame: Uint8Array): void => {
      if (piece.kind === KIND_BATCH) rows.push(this.#rows(piece, frame, region))
      else if (piece.kind === KIND_TYPES) this.#addTypes(piece, frame)
      else this.#addDictionary(piece, frame, region, onDictionary)
    }
    const first = head.pieces[0]
    if (first === undefined) return rows
    const body = chunk.subarray(headBytes(head.pieces.length))
    if (first.bytes !== first.frameBytes) {
      const frame = this.#part(first, head, body, region)
      if (frame !== null) take(first, frame)
      return rows
    }
    if (this.#open !== null) throw corruptBlock('the rest of a frame is missing')
    const plain = region.uint8(head.plainBytes)
    this.#unpack(head, body, plain)
    const start = performance.now()
    let at = 0
    for (const piece of head.pieces) {
      take(piece, plain.subarray(at, at + piece.bytes))
      at += piece.bytes
    }
    this.#counts.decodeMs += performance.now() - start
    return rows
  }

  /** Begins with another stream, in the memory that is there already. */
  reset(): void {
    this.#spaces.clear()
    this.#open = null
  }

  free(): void {
    this.#spaces.clear()
    this.#region.free()
    this.#scratch.free()
  }

  /** Copies the head, tests its checksum, and only then looks at what it says. */
  #head(chunk: Uint8Array): ChunkHead {
    if (chunk.length < CHUNK_HEAD_WORDS * 4 || chunk.length > MOST_CHUNK_BYTES)
      throw corruptBlock(`a chunk of ${chunk.length} bytes`)
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
    const count = view.getUint32(20, true)
    if (view.getUint32(0, true) !== CHUNK_MAGIC) throw corruptBlock('a chunk begins otherwise')
    if (count > MOST_PIECES || headBytes(count) > chunk.length) throw corruptBlock('a chunk is too short')
    const copy = this.#scratch.uint8(headBytes(count))
    copy.set(chunk.subarray(0, copy.length))
    const words = new Uint32Array(copy.buffer, copy.byteOffset, copy.length >> 2)
    if (crc32c(this.#pool, copy.subarray(8), this.#crcTables) !== words[1])
      throw corruptBlock('the head of a chunk has another checksum')
    const pieces: PieceHead[] = []
    let total = 0
    for (let at = CHUNK_HEAD_WORDS; pieces.length < count; at += PIECE_WORDS) {
      const piece = pieceAt(words, at, count)
      pieces.push(piece)
      total += piece.bytes
    }
    const plainBytes = words[4]!
    if (total !== plainBytes || plainBytes > MOST_CHUNK_BYTES) throw corruptBlock('the sizes of frames')
    return { checksum: words[2]!, codec: words[3]!, plainBytes, pieces }
  }

  /** One piece of a large frame; gives the frame when it is whole. */
  #part(piece: PieceHead, head: ChunkHead, body: Uint8Array, region: Region): Uint8Array | null {
    const { frameBytes, offset, bytes } = piece
    if (offset === 0 && this.#open === null)
      this.#open = { head: piece, bytes: region.uint8(frameBytes), filled: 0 }
    const open = this.#open
    if (open === null || open.filled !== offset || !isSameFrame(open.head, piece))
      throw corruptBlock('pieces of a frame do not follow each other')
    this.#unpack(head, body, open.bytes.subarray(offset, offset + bytes))
    open.filled += bytes
    if (open.filled < frameBytes) return null
    this.#open = null
    return open.bytes
  }

  /** Fills `plain` from the body as it was sent. */
  #unpack({ codec, checksum }: ChunkHead, body: Uint8Array, plain: Uint8Array): void {
    let sent = plain
    if (codec === CODEC_LZ4) sent = this.#scratch.uint8(body.length)
    else if (codec !== CODEC_PLAIN || body.length !== plain.length) throw corruptBlock('the form of a chunk')
    const counts = this.#counts
    const start = performance.now()
    sent.set(body)
    const copied = performance.now()
    counts.copyMs += copied - start
    if (crc32c(this.#pool, sent, this.#crcTables) !== checksum)
      throw corruptBlock('a chunk has another checksum than when it was sent')
    const checked = performance.now()
    counts.checksumMs += checked - copied
    if (codec === CODEC_PLAIN) return
    if (!decompressLz4Block(this.#pool, sent, plain)) throw corruptBlock('a chunk cannot be decompressed')
    counts.decompressMs += performance.now() - checked
  }

  #space(number: number): Space {
    let space = this.#spaces.get(number)
    if (space === undefined) {
      space = { types: [], dictionaries: new Map() }
      this.#spaces.set(number, space)
    }
    return space
  }

  #decode({ space }: PieceHead, frame: Uint8Array, region: Region): RecordBatch {
    const { types, dictionaries } = this.#space(space)
    const lookup = {
      type: (id: number) => types[id],
      dictionary: (id: number) => dictionaries.get(id),
    }
    return decodeBatch(frame, lookup, region)
  }

  #rows(piece: PieceHead, frame: Uint8Array, region: Region): ReceivedRows {
    const { range, number } = piece
    return { range, partition: number, batch: this.#decode(piece, frame, region) }
  }

  #addTypes({ space }: PieceHead, frame: Uint8Array): void {
    const text = Buffer.from(frame).toString('utf8')
    const described = parsed(text)
    if (!Array.isArray(described)) throw corruptBlock('a list of types')
    const { types } = this.#space(space)
    for (const one of described as readonly unknown[]) {
      const type = checkDataType(one)
      if (type === null) throw corruptBlock('a type')
      types.push(type)
    }
  }

  #addDictionary(
    piece: PieceHead,
    frame: Uint8Array,
    region: Region,
    onDictionary?: (dictionary: FlatVector) => void,
  ): void {
    const { dictionaries } = this.#space(piece.space)
    const [vector] = this.#decode(piece, frame, region).columns
    if (vector === undefined || vector.encoding === 'dictionary' || vector.encoding === 'constant')
      throw corruptBlock('a dictionary')
    if (dictionaries.has(piece.number)) throw corruptBlock('a dictionary that came before')
    dictionaries.set(piece.number, vector)
    onDictionary?.(vector)
  }
}

/** Nothing read yet. */
export function newReadCounts(): ReadCounts {
  return { chunks: 0, chunkBytes: 0, copyMs: 0, checksumMs: 0, decompressMs: 0, decodeMs: 0 }
}

function pieceAt(words: Uint32Array, at: number, count: number): PieceHead {
  const [kind, space, range, number, frameBytes, offset, bytes] = words.subarray(at, at + PIECE_WORDS)
  const piece = {
    kind: kind!,
    space: space!,
    range: range!,
    number: number!,
    frameBytes: frameBytes!,
    offset: offset!,
    bytes: bytes!,
  }
  const isWhole = piece.bytes === piece.frameBytes
  if (piece.kind !== KIND_TYPES && piece.kind !== KIND_DICTIONARY && piece.kind !== KIND_BATCH)
    throw corruptBlock(`a frame of kind ${piece.kind}`)
  if (piece.bytes === 0 || piece.bytes % 8 !== 0 || piece.offset + piece.bytes > piece.frameBytes)
    throw corruptBlock('the size of a frame')
  if (!isWhole && count > 1) throw corruptBlock('a piece of a frame among others')
  return piece
}

function isSameFrame(a: PieceHead, b: PieceHead): boolean {
  return (
    a.kind === b.kind &&
    a.space === b.space &&
    a.range === b.range &&
    a.number === b.number &&
    a.frameBytes === b.frameBytes
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw corruptBlock(`a list of types: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
