import type { Region } from '../../memory/index.ts'
import { BloomBuilder, type BloomFilter } from './bloom-filter.ts'
import { boundsOf, mergeBounds, type StoredBounds } from './bounds.ts'
import { ByteBuffer, IntBuffer } from './byte-buffer.ts'
import type { WriteCodec } from './codec/compress.ts'
import { type DictionaryBuilder, newDictionary } from './dictionary-builder.ts'
import { encodePlain, encodeValues, type WriteEncoding } from './encoding/encode-values.ts'
import { storedBytes } from './encoding/plain.ts'
import { ENCODING } from './format.ts'
import { encodeCodes, encodeDataPage, encodeDictionaryPage } from './page-encoder.ts'
import type { Leaf } from './schema.ts'
import type { Shredded } from './shred.ts'
import { type PartScratch, type StoredPart, StoredValuesBuffer, toStored } from './to-stored.ts'

/** How the columns of a file are written. */
export interface ColumnWriterOptions {
  readonly codec: WriteCodec
  readonly encoding: WriteEncoding
  readonly pageBytes: number
  readonly pageRows: number
  readonly dataPageVersion: 1 | 2
  readonly hasBloomFilter: boolean
  readonly hasChecksums: boolean
}

/** A data page that is ready. */
export interface FinishedPage {
  readonly bytes: Uint8Array
  readonly sizeBytes: number
  readonly rowCount: number
  readonly entryCount: number
  readonly nullCount: number
  readonly bounds: StoredBounds | null
}

/** A column chunk that is ready. */
export interface FinishedChunk {
  readonly dictionaryPage: Uint8Array | null
  readonly pages: readonly FinishedPage[]
  readonly entryCount: number
  readonly nullCount: number
  readonly bounds: StoredBounds | null
  readonly uncompressedBytes: number
  readonly encodings: readonly number[]
  readonly bloomFilter: BloomFilter | null
}

/** A dictionary larger than this gives way to plain values. */
const MAX_DICTIONARY_BYTES = 1 << 20

const ENCODING_NUMBER = {
  plain: ENCODING.PLAIN,
  rle: ENCODING.RLE,
  delta_binary_packed: ENCODING.DELTA_BINARY_PACKED,
  delta_length_byte_array: ENCODING.DELTA_LENGTH_BYTE_ARRAY,
  delta_byte_array: ENCODING.DELTA_BYTE_ARRAY,
  byte_stream_split: ENCODING.BYTE_STREAM_SPLIT,
} as const

/** Encodes the chunks of one leaf, one after the other. Pages are encoded as they fill up. */
export class ColumnWriter {
  readonly #leaf: Leaf
  readonly #options: ColumnWriterOptions
  readonly #width: number
  #codes = new IntBuffer()
  readonly #parts: PartScratch
  #values: StoredValuesBuffer
  #definitions = new ByteBuffer()
  #repetitions = new ByteBuffer()
  #dictionary: DictionaryBuilder | null
  #hasDictionaryPages = false
  #pages: FinishedPage[] = []
  /** Bytes of finished pages. */
  #finishedBytes = 0
  #encodings = new Set<number>([ENCODING.RLE])
  #uncompressedBytes = 0
  #pageRows = 0
  #pageEntries = 0
  #pageBounds: StoredBounds | null = null
  #bloom: BloomBuilder | null

  /** `parts` may serve many writers: it is used while `append` runs. */
  constructor(leaf: Leaf, options: ColumnWriterOptions, parts: PartScratch) {
    this.#parts = parts
    this.#leaf = leaf
    this.#options = options
    this.#width = leaf.conversion === 'bits' ? 1 : storedBytes(leaf)
    this.#values = new StoredValuesBuffer(this.#width)
    this.#dictionary = this.#newDictionary()
    this.#bloom = options.hasBloomFilter ? new BloomBuilder() : null
  }

  /** About the bytes of the open chunk. */
  get sizeBytes(): number {
    return this.#uncompressedBytes + this.#values.bytes.length + 2 * this.#codes.length
  }

  /** Bytes that the open chunk takes on the heap. */
  get heldBytes(): number {
    const levels = this.#definitions.bytes.length + this.#repetitions.bytes.length
    const dictionaries = (this.#dictionary?.heldBytes ?? 0) + (this.#retired?.heldBytes ?? 0)
    return (
      this.#finishedBytes + this.#codes.values.byteLength + this.#values.heldBytes + levels + dictionaries
    )
  }

  /** Gives up buffers that wait for the next page; only when no page is open. */
  dropBuffers(): void {
    this.#codes = new IntBuffer()
    this.#values = new StoredValuesBuffer(this.#width)
    this.#definitions = new ByteBuffer()
    this.#repetitions = new ByteBuffer()
  }

  /** Appends `rowCount` rows; `scratch` lends memory to the codec. */
  append(rows: Shredded, rowCount: number, scratch: Region | null): void {
    const { used } = this.#parts
    const entries = rows.isShared && this.#dictionary !== null ? used.take(rows.vector, rows.rows) : null
    const part = toStored(this.#leaf, rows.vector, entries ?? rows.rows, this.#parts)
    this.#definitions.append(rows.definitions.view())
    this.#repetitions.append(rows.repetitions.view())
    this.#pageRows += rowCount
    this.#pageEntries += rows.entryCount
    this.#pageBounds = mergeBounds(this.#pageBounds, boundsOf(this.#leaf, part), this.#leaf)
    if (this.#bloom !== null) addHashes(this.#bloom, part)
    if (this.#dictionary === null) this.#values.append(part)
    else if (entries === null) this.#dictionary.encode(part, this.#codes)
    else used.encode(part, rows.rows, this.#dictionary, this.#codes)
    const { pageBytes, pageRows } = this.#options
    const isFull = this.#values.bytes.length + 4 * this.#values.count + this.#codes.length >= pageBytes
    if (isFull || this.#pageRows >= pageRows) this.#finishPage(scratch)
  }

  /** The chunk; the writer is then ready for the next. */
  finishChunk(scratch: Region | null): FinishedChunk {
    if (this.#pageRows > 0) this.#finishPage(scratch)
    const pages = this.#pages
    const dictionaryPage = this.#hasDictionaryPages ? this.#encodeDictionary(scratch) : null
    const chunk: FinishedChunk = {
      dictionaryPage,
      pages,
      entryCount: pages.reduce((sum, page) => sum + page.entryCount, 0),
      nullCount: pages.reduce((sum, page) => sum + page.nullCount, 0),
      bounds: pages.reduce<StoredBounds | null>(
        (all, { bounds }) => mergeBounds(all, bounds, this.#leaf),
        null,
      ),
      uncompressedBytes: this.#uncompressedBytes,
      encodings: [...this.#encodings].sort((a, b) => a - b),
      bloomFilter: this.#bloom === null ? null : this.#bloom.finish(),
    }
    this.#pages = []
    this.#finishedBytes = 0
    this.#encodings = new Set([ENCODING.RLE])
    this.#uncompressedBytes = 0
    this.#hasDictionaryPages = false
    this.#retired = null
    this.#dictionary = this.#newDictionary()
    if (this.#bloom !== null) this.#bloom = new BloomBuilder()
    return chunk
  }

  #newDictionary(): DictionaryBuilder | null {
    const wanted = this.#options.encoding === 'dictionary' && this.#leaf.conversion !== 'bits'
    return wanted ? newDictionary(this.#width) : null
  }

  /** The dictionary of earlier pages, once later ones do without. */
  #retired: DictionaryBuilder | null = null

  #encodeDictionary(scratch: Region | null): Uint8Array {
    const { codec, hasChecksums } = this.#options
    const { values } = (this.#retired ?? this.#dictionary)!
    const plain = encodePlain(this.#leaf, values)
    const page = encodeDictionaryPage(plain, values.count, codec, hasChecksums, scratch)
    this.#uncompressedBytes += page.uncompressedBytes
    this.#encodings.add(ENCODING.PLAIN)
    return page.bytes
  }

  #finishPage(scratch: Region | null): void {
    const valueCount = this.#dictionary === null ? this.#values.count : this.#codes.length
    const { encoding, values } = this.#encodeOpenPage()
    this.#encodings.add(encoding)
    const { codec, dataPageVersion, hasChecksums } = this.#options
    const nullCount = this.#pageEntries - valueCount
    const page = encodeDataPage({
      leaf: this.#leaf,
      version: dataPageVersion,
      codec,
      entryCount: this.#pageEntries,
      rowCount: this.#pageRows,
      nullCount,
      definitions: this.#definitions,
      repetitions: this.#repetitions,
      encoding,
      values,
      hasChecksum: hasChecksums,
      scratch,
    })
    this.#uncompressedBytes += page.uncompressedBytes
    this.#finishedBytes += page.bytes.length
    this.#pages.push({
      bytes: page.bytes,
      sizeBytes: page.bytes.length,
      rowCount: this.#pageRows,
      entryCount: this.#pageEntries,
      nullCount,
      bounds: this.#pageBounds,
    })
    this.#pageRows = 0
    this.#pageEntries = 0
    this.#pageBounds = null
    this.#definitions.length = 0
    this.#repetitions.length = 0
    this.#values.clear()
    this.#codes.length = 0
  }

  #encodeOpenPage(): { encoding: number; values: Uint8Array } {
    const dictionary = this.#dictionary
    if (
      dictionary !== null &&
      !this.#hasDictionaryPages &&
      this.#codes.length < 2 * dictionary.values.count
    ) {
      // Most values of the first page are distinct: a dictionary does not pay.
      if (this.#codes.length > 100) {
        this.#lookUpCodes(dictionary)
        this.#dictionary = null
      }
    }
    if (this.#dictionary !== null) {
      const values = encodeCodes(this.#codes, this.#dictionary.values.count)
      this.#hasDictionaryPages = true
      if (this.#dictionary.sizeBytes > MAX_DICTIONARY_BYTES) {
        this.#retired = this.#dictionary
        this.#dictionary = null
      }
      return { encoding: ENCODING.RLE_DICTIONARY, values }
    }
    const wanted = this.#options.encoding
    const name = wanted === 'dictionary' ? 'plain' : wanted
    return { encoding: ENCODING_NUMBER[name], values: encodeValues(name, this.#leaf, this.#values) }
  }

  /** Turns the codes of the open page back into values. */
  #lookUpCodes({ values }: DictionaryBuilder): void {
    const width = this.#width
    for (let i = 0; i < this.#codes.length; i++) {
      const code = this.#codes.values[i]!
      if (width === 0) this.#values.appendBytes(values.bytes.bytes, values.start(code), values.end(code))
      else {
        this.#values.bytes.append(values.bytes.bytes.subarray(code * width, code * width + width))
        this.#values.count++
      }
    }
  }
}

function addHashes(bloom: BloomBuilder, { width, bytes, starts, ends, count }: StoredPart): void {
  for (let i = 0; i < count; i++)
    bloom.add(width > 0 ? bytes.subarray(i * width, (i + 1) * width) : bytes.subarray(starts[i]!, ends[i]!))
}
