import {
  CRC32C_TABLE_BYTES,
  compressLz4Into,
  crc32c,
  fillCrc32cTables,
  LZ4_TABLE_BYTES,
  mostLz4Bytes,
} from '../kernels/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import {
  CHUNK_HEAD_WORDS,
  CHUNK_MAGIC,
  CODEC_LZ4,
  CODEC_PLAIN,
  headBytes,
  MOST_PIECES,
  PIECE_WORDS,
} from './chunk-format.ts'

/** LZ4 is tried on three samples of a body; it shall save a fifth there. */
const SAMPLE_BYTES = 16 << 10
const WORTH = 0.8
/** So many chunks go plain after samples that did not compress. */
const PLAIN_RUN = 7

/** What a writer has done so far; milliseconds are of this thread. */
export interface ChunkCounts {
  chunks: number
  /** Bytes of frames, and of chunks that were made of them. */
  frameBytes: number
  chunkBytes: number
  checksumMs: number
  compressMs: number
}

/** A word of a piece, see chunk-format.ts. */
export interface Piece {
  readonly kind: number
  readonly space: number
  readonly range: number
  readonly number: number
  readonly frameBytes: number
}

/** Room for a head of so many pieces, and the caller's own before it. */
const HEAD_ROOM = headBytes(MOST_PIECES) + 64

/** One chunk in the making. The head is laid right before the body, so that nothing moves at its end. */
export class ChunkBuffer {
  readonly capacity: number
  readonly counts: ChunkCounts = { chunks: 0, frameBytes: 0, chunkBytes: 0, checksumMs: 0, compressMs: 0 }
  readonly #pool: MemoryPool
  readonly #buffer: Uint8Array
  readonly #packed: Uint8Array | null
  readonly #lz4Table: Uint8Array | null
  readonly #crcTables: Uint8Array
  readonly #words: number[] = []
  #used = 0
  #plainRun = 0

  /** `region` holds it to the end. */
  constructor(region: Region, capacity: number, compress: boolean) {
    this.#pool = region.pool
    this.capacity = capacity
    this.#buffer = region.uint8(HEAD_ROOM + capacity)
    this.#packed = compress ? region.uint8(HEAD_ROOM + mostLz4Bytes(capacity)) : null
    this.#lz4Table = compress ? region.uint8(LZ4_TABLE_BYTES) : null
    this.#crcTables = region.uint8(CRC32C_TABLE_BYTES)
    fillCrc32cTables(this.#pool, this.#crcTables)
  }

  /** Bytes for which there is room. */
  get free(): number {
    return this.#words.length === MOST_PIECES * PIECE_WORDS ? 0 : this.capacity - this.#used
  }

  get isEmpty(): boolean {
    return this.#used === 0
  }

  /** Room for `bytes` of a frame, from `offset` within it on; no more than `free`. */
  take({ kind, space, range, number, frameBytes }: Piece, offset: number, bytes: number): Uint8Array {
    this.#words.push(kind, space, range, number, frameBytes, offset, bytes)
    const start = HEAD_ROOM + this.#used
    this.#used += bytes
    return this.#buffer.subarray(start, start + bytes)
  }

  /** The checksum of bytes of the arena that follow those with checksum `before`. */
  checksum(bytes: Uint8Array, before = 0): number {
    return crc32c(this.#pool, bytes, this.#crcTables, before)
  }

  /** The chunk, good until the next `take`. Before it lie 64 bytes that the caller may write to. */
  finish(): Uint8Array {
    const plain = this.#buffer.subarray(HEAD_ROOM, HEAD_ROOM + this.#used)
    const start = performance.now()
    const packed = this.#compress(plain)
    const body = packed ?? plain
    const middle = performance.now()
    const buffer = packed === null ? this.#buffer : this.#packed!
    const bytes = headBytes(this.#words.length / PIECE_WORDS)
    const head = buffer.subarray(HEAD_ROOM - bytes, HEAD_ROOM)
    this.#writeHead(head, body, packed === null ? CODEC_PLAIN : CODEC_LZ4)
    const { counts } = this
    counts.chunks++
    counts.frameBytes += plain.length
    counts.chunkBytes += bytes + body.length
    counts.compressMs += middle - start
    counts.checksumMs += performance.now() - middle
    this.#used = 0
    this.#words.length = 0
    return buffer.subarray(HEAD_ROOM - bytes, HEAD_ROOM + body.length)
  }

  #writeHead(head: Uint8Array, body: Uint8Array, codec: number): void {
    const words = new Uint32Array(head.buffer, head.byteOffset, head.length >> 2)
    const pieceWords = this.#words
    words[0] = CHUNK_MAGIC
    words[2] = this.checksum(body)
    words[3] = codec
    words[4] = this.#used
    words[5] = pieceWords.length / PIECE_WORDS
    words.set(pieceWords, CHUNK_HEAD_WORDS)
    words.fill(0, CHUNK_HEAD_WORDS + pieceWords.length)
    words[1] = this.checksum(head.subarray(8))
  }

  #compress(plain: Uint8Array): Uint8Array | null {
    if (this.#packed === null || this.#plainRun-- > 0) return null
    if (!this.#isWorthIt(plain)) {
      this.#plainRun = PLAIN_RUN
      return null
    }
    this.#plainRun = 0
    const out = this.#packed.subarray(HEAD_ROOM)
    const bytes = compressLz4Into(this.#pool, plain, out, this.#lz4Table!)
    return bytes < plain.length * WORTH ? out.subarray(0, bytes) : null
  }

  #isWorthIt(plain: Uint8Array): boolean {
    if (plain.length <= 3 * SAMPLE_BYTES) return true
    const step = (plain.length - SAMPLE_BYTES) >> 1
    let bytes = 0
    for (let at = 0; at <= 2 * step; at += step)
      bytes += compressLz4Into(
        this.#pool,
        plain.subarray(at, at + SAMPLE_BYTES),
        this.#packed!.subarray(HEAD_ROOM),
        this.#lz4Table!,
      )
    return bytes < 3 * SAMPLE_BYTES * WORTH
  }
}
