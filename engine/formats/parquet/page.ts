import { crc32 } from 'node:zlib'
import type { Region } from '../../memory/index.ts'
import { contentInPlace, decompress } from './codec/index.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import { ENCODING, PAGE, type PageHeader, pageHeader } from './format.ts'
import type { ChunkMetadata } from './metadata.ts'
import type { Leaf } from './schema.ts'
import { ThriftReader } from './thrift-io.ts'

/** Bytes of a file in memory, from `offset` of the file on. Pages never cross a segment. */
export interface Segment {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Bytes `[from, end)` of a page's body. */
export interface Span {
  readonly from: number
  readonly end: number
}

/** A page as it lies in the file. */
export interface Page {
  readonly header: PageHeader
  readonly kind: 'dictionary' | 'data'
  /** Rows and NULLs and empty lists; of a dictionary its values. */
  readonly entryCount: number
  readonly place: Place
  readonly stored: Uint8Array
}

/** A data page whose bytes can be decoded. */
export interface DataPage {
  readonly place: Place
  readonly entryCount: number
  readonly encoding: number
  readonly bytes: Uint8Array
  readonly repetition: Span
  readonly definition: Span
  /** Encodings of levels; always RLE but in old files. */
  readonly repetitionEncoding: number
  readonly definitionEncoding: number
  readonly values: Span
}

/** Walks the pages of a column chunk and decompresses them into one buffer that it uses again. */
export class PageReader {
  readonly #segments: readonly Segment[]
  readonly #leaf: Leaf
  readonly #chunk: ChunkMetadata
  readonly #path: string
  readonly #region: Region
  #segment = 0
  #position = 0
  #scratch: Uint8Array
  readonly #ahead: Page[] = []

  constructor(segments: readonly Segment[], leaf: Leaf, chunk: ChunkMetadata, path: string, region: Region) {
    this.#segments = segments
    this.#leaf = leaf
    this.#chunk = chunk
    this.#path = path
    this.#region = region
    this.#scratch = region.uint8(0)
  }

  /** Where reading stands. */
  get place(): Place {
    const segment = this.#segments[Math.min(this.#segment, this.#segments.length - 1)]
    return { path: this.#path, offset: (segment?.offset ?? this.#chunk.offset) + this.#position }
  }

  /** The next dictionary or data page, or null at the end. Its body is not touched yet. */
  next(): Page | null {
    return this.#ahead.shift() ?? this.#walk()
  }

  /** All pages that `next` will give. */
  lookAhead(): readonly Page[] {
    for (let page = this.#walk(); page !== null; page = this.#walk()) this.#ahead.push(page)
    return this.#ahead
  }

  #walk(): Page | null {
    for (;;) {
      const segment = this.#segments[this.#segment]
      if (segment === undefined) return null
      if (this.#position >= segment.bytes.length) {
        this.#segment++
        this.#position = 0
        continue
      }
      const page = this.#parse(segment)
      if (page !== null) return page
    }
  }

  #parse(segment: Segment): Page | null {
    const { place } = this
    const reader = new ThriftReader(segment.bytes, place, this.#position)
    const header = pageHeader.read(reader)
    const { compressedBytes, uncompressedBytes, type } = header
    const left = segment.bytes.length - reader.position
    if (compressedBytes < 0 || compressedBytes > left)
      throw corrupt(
        place,
        `a page of ${compressedBytes} bytes does not fit into the ${left} left of its column`,
      )
    if (uncompressedBytes < 0 || uncompressedBytes > Math.max(this.#chunk.uncompressedBytes, compressedBytes))
      throw corrupt(place, `a page announces ${uncompressedBytes} bytes, more than its whole column`)
    const stored = segment.bytes.subarray(reader.position, reader.position + compressedBytes)
    this.#position = reader.position + compressedBytes
    const counts =
      type === PAGE.DICTIONARY ? header.dictionary : type === PAGE.DATA ? header.data : header.dataV2
    if (type !== PAGE.DICTIONARY && type !== PAGE.DATA && type !== PAGE.DATA_V2) return null
    if (counts === undefined) throw corrupt(place, 'a page has no header of its kind')
    if (counts.valueCount < 0 || counts.valueCount > Math.max(this.#chunk.valueCount, uncompressedBytes))
      throw corrupt(place, `a page has ${counts.valueCount} values, its column ${this.#chunk.valueCount}`)
    const kind = type === PAGE.DICTIONARY ? 'dictionary' : 'data'
    return { header, kind, entryCount: counts.valueCount, place, stored }
  }

  /** The bytes of a dictionary page. */
  openDictionary(page: Page): Uint8Array {
    this.#check(page)
    const out = this.#region.uint8(page.header.uncompressedBytes)
    decompress(this.#region.pool, this.#chunk.codec, page.stored, out, page.place)
    return out
  }

  /** A data page, valid until the next is opened. */
  openData(page: Page): DataPage {
    this.#check(page)
    return page.header.type === PAGE.DATA ? this.#openV1(page) : this.#openV2(page)
  }

  #check({ header, stored, place }: Page): void {
    if (header.crc === undefined) return
    if ((crc32(stored) | 0) !== header.crc) throw corrupt(place, 'the checksum of a page is wrong')
  }

  #openV1(page: Page): DataPage {
    const { header, place, entryCount } = page
    const bytes = this.#body(page.stored, header.uncompressedBytes, true, place)
    const data = header.data!
    const { maxRepetition, maxDefinition } = this.#leaf
    const repetition = levelSpan(bytes, 0, maxRepetition, data.repetitionEncoding, entryCount, place)
    const definition = levelSpan(
      bytes,
      repetition.end,
      maxDefinition,
      data.definitionEncoding,
      entryCount,
      place,
    )
    return {
      place,
      entryCount,
      encoding: data.encoding,
      bytes,
      repetition,
      definition,
      repetitionEncoding: data.repetitionEncoding,
      definitionEncoding: data.definitionEncoding,
      values: { from: definition.end, end: bytes.length },
    }
  }

  /** Version 2 leaves levels uncompressed. */
  #openV2(page: Page): DataPage {
    const { header, place, entryCount, stored } = page
    const { repetitionBytes, definitionBytes, isCompressed, encoding } = header.dataV2!
    const levelBytes = repetitionBytes + definitionBytes
    const size = header.uncompressedBytes
    if (repetitionBytes < 0 || definitionBytes < 0 || levelBytes > Math.min(stored.length, size))
      throw corrupt(place, `levels of ${levelBytes} bytes do not fit into their page`)
    const body = this.#body(
      stored.subarray(levelBytes),
      size - levelBytes,
      isCompressed !== false,
      place,
      levelBytes,
    )
    if (levelBytes > 0) body.set(stored.subarray(0, levelBytes))
    return {
      place,
      entryCount,
      encoding,
      bytes: body,
      repetition: { from: 0, end: repetitionBytes },
      definition: { from: repetitionBytes, end: levelBytes },
      repetitionEncoding: ENCODING.RLE,
      definitionEncoding: ENCODING.RLE,
      values: { from: levelBytes, end: size },
    }
  }

  /**
   * Decompressed bytes behind `before` bytes that the caller fills; the file's own where these can stay.
   */
  #body(stored: Uint8Array, size: number, isCompressed: boolean, place: Place, before = 0): Uint8Array {
    const codec = isCompressed ? this.#chunk.codec : 'uncompressed'
    const inPlace = before === 0 ? contentInPlace(codec, stored, size) : null
    if (inPlace !== null) return inPlace
    if (this.#scratch.length < size + before) this.#scratch = this.#region.uint8(size + before + (size >> 2))
    const out = this.#scratch.subarray(0, size + before)
    // An empty body may be stored as nothing at all.
    if (size > 0 || stored.length > 0)
      decompress(this.#region.pool, codec, stored, out.subarray(before), place)
    return out
  }
}

/** The bytes of levels in a version 1 page: a length in front of RLE, known by count for the old packing. */
function levelSpan(
  bytes: Uint8Array,
  from: number,
  max: number,
  encoding: number,
  count: number,
  place: Place,
): Span {
  if (max === 0) return { from, end: from }
  if (encoding === ENCODING.BIT_PACKED) {
    const end = from + Math.ceil((count * bitWidth(max)) / 8)
    if (end > bytes.length) throw corrupt(place, 'levels are cut off')
    return { from, end }
  }
  if (encoding !== ENCODING.RLE) throw corrupt(place, `levels have the unknown encoding ${encoding}`)
  if (from + 4 > bytes.length) throw corrupt(place, 'levels are cut off')
  const length = readUint32(bytes, from)
  if (length > bytes.length - from - 4)
    throw corrupt(place, `levels of ${length} bytes do not fit into their page`)
  return { from: from + 4, end: from + 4 + length }
}

/** Bits that hold numbers up to `max`. */
export function bitWidth(max: number): number {
  return 32 - Math.clz32(max)
}

/** Four bytes, lowest first. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
