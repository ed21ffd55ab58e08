import { bloomFilterHeader } from './format.ts'
import { encodeThrift } from './thrift.ts'
import { xxhash64 } from './xxhash64.ts'

/** Multipliers that pick one bit of each of the eight words of a block. */
const SALT = [
  0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31,
] as const

const BLOCK_BYTES = 32

/** The largest filter that is written, and read. */
export const MAX_BLOOM_BYTES = 1 << 24

/** A filter of blocks of 256 bits: https://github.com/apache/parquet-format/blob/master/BloomFilter.md */
export class BloomFilter {
  readonly words: Int32Array
  readonly #blockCount: number

  /** `words`: eight a block. */
  constructor(words: Int32Array) {
    this.words = words
    this.#blockCount = words.length / 8
  }

  /** An empty filter for `count` distinct values: about one in a hundred others seems to be there. */
  static forCount(count: number): BloomFilter {
    const wanted = Math.max(BLOCK_BYTES, Math.ceil((count * 10.5) / 8))
    const bytes = Math.min(MAX_BLOOM_BYTES, 2 ** Math.ceil(Math.log2(wanted)))
    return new BloomFilter(new Int32Array(bytes / 4))
  }

  add(hash: bigint): void {
    const { block, key } = this.#locate(hash)
    for (let i = 0; i < 8; i++) this.words[block + i]! |= 1 << (Math.imul(key, SALT[i]!) >>> 27)
  }

  /** False if no value of this hash was added. */
  has(hash: bigint): boolean {
    const { block, key } = this.#locate(hash)
    for (let i = 0; i < 8; i++)
      if ((this.words[block + i]! & (1 << (Math.imul(key, SALT[i]!) >>> 27))) === 0) return false
    return true
  }

  /** Header and bits as they stand in a file. */
  encode(): Uint8Array {
    const bits = new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength)
    const header = encodeThrift(bloomFilterHeader, {
      bitsetBytes: bits.length,
      algorithm: { block: {} },
      hash: { xxhash: {} },
      compression: { none: {} },
    })
    return Buffer.concat([header, bits])
  }

  #locate(hash: bigint): { block: number; key: number } {
    const block = Number(((hash >> 32n) * BigInt(this.#blockCount)) >> 32n)
    return { block: block * 8, key: Number(BigInt.asIntN(32, hash)) }
  }
}

/** Hashes of the distinct values of a chunk. */
export class BloomBuilder {
  readonly #hashes = new Set<bigint>()

  add(bytes: Uint8Array): void {
    this.#hashes.add(xxhash64(bytes))
  }

  finish(): BloomFilter {
    const filter = BloomFilter.forCount(this.#hashes.size)
    for (const hash of this.#hashes) filter.add(hash)
    return filter
  }
}
