import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { compressSnappyInto, mostSnappyBytes, SNAPPY_TABLE_BYTES } from '../../../kernels/index.ts'
import type { Region } from '../../../memory/index.ts'
import { compressLz4Block } from './lz4.ts'
import { compressSnappy } from './snappy.ts'
import { compressZstd } from './zstd.ts'

/** The codecs that are written. */
export type WriteCodec = 'uncompressed' | 'snappy' | 'gzip' | 'zstd' | 'lz4_raw' | 'brotli'

/** Fast enough to write with; the library's default takes ten times as long. */
const BROTLI_QUALITY = 4

/**
 * The compressed bytes, on the heap; UNSUPPORTED_FEATURE for zstd on a Node without it. `scratch` lends
 * memory to kernels.
 */
export function compress(codec: WriteCodec, input: Uint8Array, scratch: Region | null = null): Uint8Array {
  switch (codec) {
    case 'uncompressed':
      return input
    case 'snappy':
      return scratch === null ? compressSnappy(input) : compressInArena(input, scratch)
    case 'gzip':
      return gzipSync(input)
    case 'zstd':
      return compressZstd(input)
    case 'lz4_raw':
      return compressLz4Block(input)
    case 'brotli':
      return brotliCompressSync(input, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: input.length,
        },
      })
  }
}

/** Snappy by its kernel, which works in the arena. */
function compressInArena(input: Uint8Array, scratch: Region): Uint8Array {
  const { pool } = scratch
  const most = mostSnappyBytes(input.length)
  const [from, to, table] = [input.length, most, SNAPPY_TABLE_BYTES].map((bytes) =>
    scratch.allocateGrowing(bytes),
  ) as [number, number, number]
  const source = new Uint8Array(pool.buffer, from, input.length)
  source.set(input)
  const out = new Uint8Array(pool.buffer, to, most)
  const length = compressSnappyInto(pool, source, out, new Uint8Array(pool.buffer, table, SNAPPY_TABLE_BYTES))
  const compressed = new Uint8Array(length)
  compressed.set(out.subarray(0, length))
  for (const address of [from, to, table]) scratch.giveBack(address)
  return compressed
}
