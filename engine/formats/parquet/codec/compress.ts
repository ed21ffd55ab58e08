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
 * The compressed bytes of `parts`, which lie one after the other; UNSUPPORTED_FEATURE for zstd on a Node
 * without it. `scratch` lends memory to kernels;
 */
export function compress(
  codec: WriteCodec,
  parts: readonly Uint8Array[],
  scratch: Region | null = null,
): Uint8Array {
  if (codec === 'snappy' && scratch !== null) return compressInArena(parts, scratch)
  const input = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  switch (codec) {
    case 'uncompressed':
      return input
    case 'snappy':
      return compressSnappy(input)
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
function compressInArena(parts: readonly Uint8Array[], scratch: Region): Uint8Array {
  const { pool } = scratch
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const most = mostSnappyBytes(length)
  const [from, to, table] = [length, most, SNAPPY_TABLE_BYTES].map((bytes) =>
    scratch.allocateGrowing(bytes),
  ) as [number, number, number]
  const source = new Uint8Array(pool.buffer, from, length)
  let at = 0
  for (const part of parts) {
    source.set(part, at)
    at += part.length
  }
  const out = new Uint8Array(pool.buffer, to, most)
  const size = compressSnappyInto(pool, source, out, new Uint8Array(pool.buffer, table, SNAPPY_TABLE_BYTES))
  const compressed = new Uint8Array(size)
  compressed.set(out.subarray(0, size))
  for (const address of [from, to, table]) scratch.giveBack(address)
  return compressed
}
