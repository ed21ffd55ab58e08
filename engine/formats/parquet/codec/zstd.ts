import zlib from 'node:zlib'
import { decompress } from 'fzstd'
import { EngineError } from '../../../errors.ts'

/** The part of `node:zlib` that came with Node 22.15; asked for at run time. */
interface ZstdLibrary {
  readonly zstdCompressSync?: (input: Uint8Array) => Uint8Array
  readonly zstdDecompressSync?: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array
}

const library: ZstdLibrary = zlib as unknown as ZstdLibrary

/**
 * Decompresses with Node's own zstd, or on older Nodes with `fzstd`, a third as fast. Throws if it is
 * malformed.
 */
export function decompressZstd(input: Uint8Array, length: number): Uint8Array {
  if (library.zstdDecompressSync !== undefined)
    return library.zstdDecompressSync(input, { maxOutputLength: length + 1 })
  return decompress(input, new Uint8Array(length))
}

/** Compresses with Node's own zstd; UNSUPPORTED_FEATURE where it has none. */
export function compressZstd(input: Uint8Array): Uint8Array {
  if (library.zstdCompressSync === undefined)
    throw new EngineError(
      'UNSUPPORTED_FEATURE',
      `writing zstd needs Node 22.15, this is ${process.version}`,
      {
        hint: 'Write with the codec snappy, gzip, brotli or lz4_raw, or run a newer Node.',
      },
    )
  return library.zstdCompressSync(input)
}
