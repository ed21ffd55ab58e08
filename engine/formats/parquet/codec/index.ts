import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { decompressLz4Block, decompressSnappy, type KernelHost } from '../../../kernels/index.ts'
import { corrupt, type Place, unsupported } from '../corrupt-file.ts'
import type { Codec } from '../format.ts'
import { decompressLegacyLz4 } from './lz4.ts'
import { snappyLiteral } from './snappy.ts'
import { decompressZstd } from './zstd.ts'

/**
 * Decompresses a page into `out`, whose length the page declares; CORRUPT_FILE if it is another. Both lie in
 * the arena.
 */
export function decompress(
  host: KernelHost,
  codec: Codec,
  input: Uint8Array,
  out: Uint8Array,
  place: Place,
): void {
  switch (codec) {
    case 'uncompressed':
      if (input.length !== out.length)
        throw corrupt(place, `a page has ${input.length} bytes where ${out.length} are announced`)
      out.set(input)
      return
    case 'snappy':
      if (!decompressSnappy(host, input, out)) throw malformed(codec, place)
      return
    case 'gzip':
      return withLibrary(codec, out, place, () => gunzipSync(input, { maxOutputLength: out.length + 1 }))
    case 'brotli':
      return withLibrary(codec, out, place, () =>
        brotliDecompressSync(input, { maxOutputLength: out.length + 1 }),
      )
    case 'zstd':
      return withLibrary(codec, out, place, () => decompressZstd(input, out.length))
    case 'lz4_raw':
      if (!decompressLz4Block(host, input, out)) throw malformed(codec, place)
      return
    case 'lz4':
      if (!decompressLegacyLz4(host, input, out)) throw malformed(codec, place)
      return
    case 'lzo':
      throw unsupported(place, `the codec ${codec}`)
  }
}

/**
 * The content of a page where it lies in the file as it is: without compression, or as one literal, which is
 * what Snappy makes of packed codes. Null where it must be decompressed.
 */
export function contentInPlace(codec: Codec, input: Uint8Array, length: number): Uint8Array | null {
  if (codec === 'uncompressed') return input.length === length ? input : null
  return codec === 'snappy' ? snappyLiteral(input, length) : null
}

function malformed(codec: Codec, place: Place, cause?: unknown): Error {
  return corrupt(place, `a page is no valid ${codec} or of another length than announced`, cause)
}

function withLibrary(codec: Codec, out: Uint8Array, place: Place, inflate: () => Uint8Array): void {
  let bytes: Uint8Array
  try {
    bytes = inflate()
  } catch (error) {
    throw malformed(codec, place, error)
  }
  if (bytes.length !== out.length) throw malformed(codec, place)
  out.set(bytes)
}
