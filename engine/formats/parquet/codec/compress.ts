import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { compressLz4Block } from './lz4.ts'
import { compressSnappy } from './snappy.ts'
import { compressZstd } from './zstd.ts'

/** The codecs that are written. */
export type WriteCodec = 'uncompressed' | 'snappy' | 'gzip' | 'zstd' | 'lz4_raw' | 'brotli'

/** Fast enough to write with; the library's default takes ten times as long. */
const BROTLI_QUALITY = 4

/** The compressed bytes; UNSUPPORTED_FEATURE for zstd on a Node without it. */
export function compress(codec: WriteCodec, input: Uint8Array): Uint8Array {
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
