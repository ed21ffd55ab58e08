import type { RecordBatch, Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import type { Schema } from '../../types/index.ts'
import { chunkMetadata, encodeColumnIndex, encodeOffsetIndex } from './chunk-metadata.ts'
import type { WriteCodec } from './codec/compress.ts'
import {
  ColumnWriter,
  type ColumnWriterOptions,
  type FinishedChunk,
  type FinishedPage,
} from './column-writer.ts'
import type { WriteEncoding } from './encoding/encode-values.ts'
import { fileMetaData, type RawColumnChunk, type RawRowGroup } from './format.ts'
import { type FileShape, fileShape, type Leaf } from './schema.ts'
import { checkColumns, shred } from './shred.ts'
import { encodeThrift } from './thrift.ts'
import { PartScratch } from './to-stored.ts'
import { schemaElements, TYPES_KEY } from './write-schema.ts'

/** Takes the bytes of a file in order; they are not changed after. */
export interface ParquetSink {
  write(bytes: Uint8Array): Promise<void>
}

export interface ParquetWriterOptions {
  readonly codec?: WriteCodec
  /** Rows and uncompressed bytes of a row group, whichever comes first. */
  readonly rowGroupRows?: number
  readonly rowGroupBytes?: number
  /** Bytes and rows of a page, whichever comes first. */
  readonly pageBytes?: number
  readonly pageRows?: number
  readonly dictionary?: boolean
  readonly dataPageVersion?: 1 | 2
  /** Checksums of pages, which readers may check. */
  readonly checksums?: boolean
  /** Names or dotted paths. */
  readonly bloomFilterColumns?: readonly string[]
  /** By name or dotted path; by default dictionary, then plain. */
  readonly encodings?: Readonly<Record<string, WriteEncoding>>
  readonly keyValues?: Readonly<Record<string, string>>
}

/** What was written. */
export interface ParquetSummary {
  readonly rowCount: number
  readonly sizeBytes: number
  readonly rowGroupCount: number
}

const CREATED_BY = 'millrace version 0.1.0'
const MAGIC = new TextEncoder().encode('PAR1')

/** Pages are put together until they have so many bytes. */
const WRITE_BYTES = 1 << 20

/** Rows that are taken apart at a time: few enough for pages to keep their size. */
const SLICE_ROWS = 4096

/**
 * Writes one file. `append` copies what it needs, so batches may be reused after. What is not yet written
 * (the open row group, compressed) is on the heap. NOT_NULL_CONSTRAINT_VIOLATION for a NULL in a column that
 * has none.
 */
export class ParquetWriter {
  readonly #schema: Schema
  readonly #sink: ParquetSink
  readonly #options: ParquetWriterOptions
  readonly #shape: FileShape
  readonly #parts = new PartScratch()
  readonly #columns: readonly ColumnWriter[]
  readonly #rowGroups: WrittenGroup[] = []
  #position = 0
  #groupRows = 0
  #rowCount = 0

  constructor(schema: Schema, sink: ParquetSink, options: ParquetWriterOptions = {}) {
    this.#schema = schema
    this.#sink = sink
    this.#options = options
    this.#shape = fileShape(schemaElements(schema), { path: 'new file', offset: 0 })
    this.#columns = this.#shape.leaves.map(
      (leaf) => new ColumnWriter(leaf, columnOptions(leaf, options), this.#parts),
    )
  }

  /** `scratch` lends memory to kernels, as long as the call takes; without it they are done without. */
  async append(batch: RecordBatch, scratch: Region | null = null): Promise<void> {
    const { columns } = this.#shape
    checkColumns(columns, batch)
    const { rowGroupRows = 1_048_576, rowGroupBytes = 128 << 20, pageBytes = 1 << 20 } = this.#options
    const sliceRows = Math.max(1, Math.min(SLICE_ROWS, Math.floor((2 * pageBytes) / rowBytes(batch))))
    for (let from = 0; from < batch.rowCount; ) {
      const to = Math.min(batch.rowCount, from + Math.min(sliceRows, rowGroupRows - this.#groupRows))
      for (const [index, shape] of columns.entries())
        for (const rows of shred(shape, batch.columns[index]!, from, to, this.#parts.shredded))
          this.#columns[rows.leaf.index]!.append(rows, to - from, scratch)
      this.#groupRows += to - from
      from = to
      const bytes = this.#columns.reduce((sum, column) => sum + column.sizeBytes, 0)
      if (this.#groupRows >= rowGroupRows || bytes >= rowGroupBytes) await this.#finishRowGroup(scratch)
    }
  }

  /** Bytes that the open row group takes on the heap. */
  get heldBytes(): number {
    return this.#columns.reduce((sum, column) => sum + column.heldBytes, 0)
  }

  /** Ends the open row group, if it has rows, so that it takes next to no memory. */
  async flush(scratch: Region | null = null): Promise<void> {
    if (this.#groupRows > 0) await this.#finishRowGroup(scratch)
    for (const column of this.#columns) column.dropBuffers()
  }

  /** Writes what is left and the footer. */
  async finish(scratch: Region | null = null): Promise<ParquetSummary> {
    if (this.#groupRows > 0) await this.#finishRowGroup(scratch)
    if (this.#position === 0) await this.#write(MAGIC)
    await this.#writeIndexes()
    const footer = this.#footer()
    const end = new Uint8Array(8)
    new DataView(end.buffer).setUint32(0, footer.length, true)
    end.set(MAGIC, 4)
    await this.#write(footer)
    await this.#write(end)
    return { rowCount: this.#rowCount, sizeBytes: this.#position, rowGroupCount: this.#rowGroups.length }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes)
    this.#position += bytes.length
  }

  /** Small pages in one go. */
  async #writePages(pages: readonly FinishedPage[]): Promise<void> {
    for (let next = 0; next < pages.length; ) {
      const first = next
      for (let bytes = 0; next < pages.length && bytes < WRITE_BYTES; next++) bytes += pages[next]!.sizeBytes
      const together = pages.slice(first, next).map((page) => page.bytes)
      await this.#write(together.length === 1 ? together[0]! : Buffer.concat(together))
    }
  }

  async #finishRowGroup(scratch: Region | null): Promise<void> {
    if (this.#position === 0) await this.#write(MAGIC)
    const { codec = 'snappy' } = this.#options
    const chunks: FinishedChunk[] = []
    const metadata: RawColumnChunk[] = []
    for (const leaf of this.#shape.leaves) {
      const chunk = this.#columns[leaf.index]!.finishChunk(scratch)
      const raw = chunkMetadata(leaf, chunk, codec, this.#position)
      if (chunk.dictionaryPage !== null) await this.#write(chunk.dictionaryPage)
      await this.#writePages(chunk.pages)
      // What is written need not be kept; the indexes want sizes only.
      chunks.push({ ...chunk, pages: chunk.pages.map((page) => ({ ...page, bytes: NOTHING })) })
      metadata.push(raw)
    }
    this.#rowGroups.push({ rowCount: this.#groupRows, chunks, metadata })
    this.#rowCount += this.#groupRows
    this.#groupRows = 0
  }

  /** Bloom filters, then column indexes, then offset indexes; each is noted in the footer. */
  async #writeIndexes(): Promise<void> {
    for (const { chunks, metadata } of this.#rowGroups)
      for (const [index, { bloomFilter }] of chunks.entries()) {
        if (bloomFilter === null) continue
        const bytes = bloomFilter.encode()
        const raw = metadata[index]!
        const place = { bloomFilterOffset: this.#position, bloomFilterLength: bytes.length }
        metadata[index] = { ...raw, metaData: { ...raw.metaData!, ...place } }
        await this.#write(bytes)
      }
    for (const { chunks, metadata } of this.#rowGroups)
      for (const [index, chunk] of chunks.entries()) {
        const bytes = encodeColumnIndex(this.#shape.leaves[index]!, chunk)
        if (bytes === null) continue
        const place = { columnIndexOffset: this.#position, columnIndexLength: bytes.length }
        metadata[index] = { ...metadata[index]!, ...place }
        await this.#write(bytes)
      }
    for (const { chunks, metadata } of this.#rowGroups)
      for (const [index, chunk] of chunks.entries()) {
        const { dictionaryPageOffset, dataPageOffset } = metadata[index]!.metaData!
        const bytes = encodeOffsetIndex(chunk, dictionaryPageOffset ?? dataPageOffset)
        const place = { offsetIndexOffset: this.#position, offsetIndexLength: bytes.length }
        metadata[index] = { ...metadata[index]!, ...place }
        await this.#write(bytes)
      }
  }

  #footer(): Uint8Array {
    const { keyValues = {} } = this.#options
    const extra = typesWithoutName(this.#shape.leaves, this.#schema)
    const pairs = Object.entries({ ...keyValues, ...extra }).map(([key, value]) => ({ key, value }))
    return encodeThrift(fileMetaData, {
      version: 2,
      schema: schemaElements(this.#schema),
      rowCount: this.#rowCount,
      rowGroups: this.#rowGroups.map(rawRowGroup),
      ...(pairs.length > 0 ? { keyValues: pairs } : {}),
      createdBy: CREATED_BY,
      columnOrders: this.#shape.leaves.map(() => ({ typeOrder: {} })),
    })
  }
}

interface WrittenGroup {
  readonly rowCount: number
  readonly chunks: readonly FinishedChunk[]
  readonly metadata: RawColumnChunk[]
}

const NOTHING = new Uint8Array(0)

function rawRowGroup({ rowCount, metadata }: WrittenGroup): RawRowGroup {
  const sum = (pick: (data: NonNullable<RawColumnChunk['metaData']>) => number) =>
    metadata.reduce((total, { metaData }) => total + pick(metaData!), 0)
  return {
    columns: metadata,
    totalByteSize: sum((data) => data.uncompressedBytes),
    rowCount,
    compressedBytes: sum((data) => data.compressedBytes),
  }
}

function columnOptions(leaf: Leaf, options: ParquetWriterOptions): ColumnWriterOptions {
  const {
    codec = 'snappy',
    pageBytes = 1 << 20,
    pageRows = 20_480,
    dictionary = true,
    dataPageVersion = 1,
  } = options
  const path = leaf.path.join('.')
  const isNamed = (name: string) => name === path || name === leaf.path[0]
  const named = Object.entries(options.encodings ?? {}).find(([name]) => isNamed(name))
  const usual = dictionary && leaf.conversion !== 'bits' ? 'dictionary' : 'plain'
  return {
    codec,
    encoding: named?.[1] ?? usual,
    pageBytes,
    pageRows,
    dataPageVersion,
    hasChecksums: options.checksums ?? true,
    hasBloomFilter: leaf.conversion !== 'bits' && (options.bloomFilterColumns ?? []).some(isNamed),
  }
}

/** Types that Parquet lacks, for `TYPES_KEY`: top-level intervals by name. */
function typesWithoutName(leaves: readonly Leaf[], schema: Schema): Record<string, string> {
  const found = schema.fields.filter(({ type }) => type.kind === 'interval_ym' || type.kind === 'interval_dt')
  if (found.length === 0 || leaves.length === 0) return {}
  return { [TYPES_KEY]: JSON.stringify(Object.fromEntries(found.map(({ name, type }) => [name, type.kind]))) }
}

/** About the bytes of a row's strings. */
function rowBytes({ columns, rowCount }: RecordBatch): number {
  return Math.max(1, columns.reduce((sum, column) => sum + textBytes(column), 0) / Math.max(1, rowCount))
}

function textBytes(vector: Vector): number {
  switch (vector.encoding) {
    case 'bytes':
      return vector.offsets[vector.length]! - vector.offsets[0]!
    case 'dictionary':
      return (textBytes(vector.dictionary) / Math.max(1, vector.dictionary.length)) * vector.length
    case 'constant':
      return textBytes(vector.value) * vector.length
    case 'list':
      return textBytes(vector.child)
    case 'struct':
      return vector.children.reduce((sum, child) => sum + textBytes(child), 0)
    default:
      return 0
  }
}
