import { crc32 } from 'node:zlib'
import type { Region } from '../../memory/index.ts'
import { ByteBuffer, type IntBuffer } from './byte-buffer.ts'
import { compress, type WriteCodec } from './codec/compress.ts'
import { encodeRle } from './encoding/rle-encoder.ts'
import { ENCODING, PAGE, type PageHeader, pageHeader } from './format.ts'
import { bitWidth } from './page.ts'
import type { Leaf } from './schema.ts'
import { encodeThrift } from './thrift.ts'

/** What a data page holds, before it is put together. */
export interface PageParts {
  readonly leaf: Leaf
  readonly version: 1 | 2
  readonly codec: WriteCodec
  readonly entryCount: number
  readonly rowCount: number
  /** Entries without a value. */
  readonly nullCount: number
  readonly definitions: ByteBuffer
  readonly repetitions: ByteBuffer
  readonly encoding: number
  readonly values: Uint8Array
  readonly hasChecksum: boolean
  /** Lends memory to the codec. */
  readonly scratch: Region | null
}

/** A page as it goes into the file. */
export interface EncodedPage {
  /** Header and body. */
  readonly bytes: Uint8Array
  readonly uncompressedBytes: number
}

/** A data page. */
export function encodeDataPage(parts: PageParts): EncodedPage {
  return parts.version === 1 ? encodeV1(parts) : encodeV2(parts)
}

function encodeV1(parts: PageParts): EncodedPage {
  const { leaf, entryCount, encoding, values, codec } = parts
  const levels = new ByteBuffer()
  appendLevels(parts.repetitions, leaf.maxRepetition, true, levels)
  appendLevels(parts.definitions, leaf.maxDefinition, true, levels)
  const stored = compress(codec, [levels.view(), values], parts.scratch)
  const { RLE } = ENCODING
  return assemblePage(levels.length + values.length, [stored], {
    hasChecksum: parts.hasChecksum,
    type: PAGE.DATA,
    data: { valueCount: entryCount, encoding, definitionEncoding: RLE, repetitionEncoding: RLE },
  })
}

function encodeV2(parts: PageParts): EncodedPage {
  const { leaf, entryCount, nullCount, rowCount, encoding, values, codec } = parts
  const levels = new ByteBuffer()
  appendLevels(parts.repetitions, leaf.maxRepetition, false, levels)
  const repetitionBytes = levels.length
  appendLevels(parts.definitions, leaf.maxDefinition, false, levels)
  const definitionBytes = levels.length - repetitionBytes
  const packed = compress(codec, [values], parts.scratch)
  const isCompressed = codec !== 'uncompressed' && packed.length < values.length
  return assemblePage(levels.length + values.length, [levels.view(), isCompressed ? packed : values], {
    hasChecksum: parts.hasChecksum,
    type: PAGE.DATA_V2,
    dataV2: {
      valueCount: entryCount,
      nullCount,
      rowCount,
      encoding,
      definitionBytes,
      repetitionBytes,
      isCompressed,
    },
  })
}

function appendLevels(levels: ByteBuffer, max: number, hasLength: boolean, out: ByteBuffer): void {
  if (max === 0) return
  const runs = new ByteBuffer()
  encodeRle(levels.bytes, levels.length, bitWidth(max), runs)
  if (hasLength) out.uint32(runs.length)
  out.append(runs.view())
}

/** The dictionary page. */
export function encodeDictionaryPage(
  values: Uint8Array,
  count: number,
  codec: WriteCodec,
  hasChecksum: boolean,
  scratch: Region | null,
): EncodedPage {
  const header = {
    hasChecksum,
    type: PAGE.DICTIONARY,
    dictionary: { valueCount: count, encoding: ENCODING.PLAIN },
  }
  return assemblePage(values.length, [compress(codec, [values], scratch)], header)
}

type SizeFields = 'uncompressedBytes' | 'compressedBytes' | 'crc'

function assemblePage(
  plainBytes: number,
  parts: readonly Uint8Array[],
  { hasChecksum, ...header }: Omit<PageHeader, SizeFields> & { readonly hasChecksum: boolean },
): EncodedPage {
  // The checksum of nothing, begun from another, would be 0.
  const stored = parts.filter(({ length }) => length > 0)
  const head = encodeThrift(pageHeader, {
    ...header,
    uncompressedBytes: plainBytes,
    compressedBytes: stored.reduce((sum, part) => sum + part.length, 0),
    ...(hasChecksum ? { crc: stored.reduce((sum, part) => crc32(part, sum), 0) | 0 } : {}),
  })
  return { bytes: Buffer.concat([head, ...stored]), uncompressedBytes: head.length + plainBytes }
}

/** Codes of a dictionary of `size` entries. */
export function encodeCodes(codes: IntBuffer, size: number): Uint8Array {
  // One bit at least: not every reader takes none.
  const width = Math.max(1, bitWidth(size - 1))
  const out = new ByteBuffer(codes.length)
  out.byte(width)
  encodeRle(codes.values, codes.length, width, out)
  return out.view()
}
