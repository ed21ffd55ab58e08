import type { RandomAccessFile } from '../../connect/index.ts'
import { fieldIndex, type Schema } from '../../types/index.ts'
import { corrupt, type Place, unsupported } from './corrupt-file.ts'
import {
  CODECS,
  type Codec,
  type FileMetaData,
  fileMetaData,
  PHYSICAL,
  type RawColumnChunk,
} from './format.ts'
import { fieldOf, fileShape, type Leaf, type Shape } from './schema.ts'
import { type ColumnBounds, decodeStatistics } from './statistics.ts'
import { ThriftReader } from './thrift-io.ts'
import { TYPES_KEY, withNamedTypes } from './write-schema.ts'

/** Bytes of a file. */
export interface ByteRange {
  readonly offset: number
  readonly sizeBytes: number
}

/** A column of a row group. */
export interface ChunkMetadata extends ByteRange {
  readonly codec: Codec
  /** Entries, with NULLs and empty lists. */
  readonly valueCount: number
  readonly uncompressedBytes: number
  /** Whether it begins with a dictionary; later pages may have none. */
  readonly hasDictionary: boolean
  readonly bounds: ColumnBounds
  readonly columnIndex: ByteRange | null
  readonly offsetIndex: ByteRange | null
  readonly bloomFilter: ByteRange | null
}

/** A row group; `chunks` are in the order of the file's leaves. */
export interface RowGroupMetadata {
  readonly rowCount: number
  /** Compressed. */
  readonly sizeBytes: number
  readonly uncompressedBytes: number
  readonly chunks: readonly ChunkMetadata[]
}

/** The footer of a file, as plain data. */
export interface ParquetMetadata {
  readonly path: string
  readonly sizeBytes: number
  readonly rowCount: number
  readonly createdBy: string
  readonly keyValues: Readonly<Record<string, string>>
  readonly schema: Schema
  /** How the columns of the schema are stored, in the same order. */
  readonly columns: readonly Shape[]
  readonly leaves: readonly Leaf[]
  readonly rowGroups: readonly RowGroupMetadata[]
}

const MAGIC = 0x31524150
const ENCRYPTED_MAGIC = 0x45524150

/** No writer makes larger row groups; a hostile number would keep us busy for ever. */
const MAX_GROUP_ROWS = 2 ** 32

/** Read at once from the end: most footers fit. */
const TAIL_BYTES = 65_536

/**
 * Reads the footer. CORRUPT_FILE if it is none, UNSUPPORTED_FEATURE if it is encrypted or has types that we
 * lack.
 */
export async function readParquetMetadata(file: RandomAccessFile): Promise<ParquetMetadata> {
  const { bytes, place } = await readFooter(file)
  return toMetadata(fileMetaData.read(new ThriftReader(bytes, place)), file, place)
}

async function readFooter(file: RandomAccessFile): Promise<{ bytes: Uint8Array; place: Place }> {
  const { path, sizeBytes } = file
  if (sizeBytes < 12) throw corrupt({ path, offset: 0 }, `${sizeBytes} bytes are too few for a Parquet file`)
  const tail = new Uint8Array(Math.min(sizeBytes, TAIL_BYTES))
  await file.read(sizeBytes - tail.length, tail)
  const view = new DataView(tail.buffer)
  const magic = view.getUint32(tail.length - 4, true)
  const end = { path, offset: sizeBytes - 8 }
  if (magic === ENCRYPTED_MAGIC) throw unsupported(end, 'an encrypted footer')
  if (magic !== MAGIC) throw corrupt(end, 'it does not end in PAR1')
  const length = view.getUint32(tail.length - 8, true)
  if (length > sizeBytes - 12) throw corrupt(end, `a footer of ${length} bytes does not fit into the file`)
  const place = { path, offset: sizeBytes - 8 - length }
  if (length + 8 <= tail.length)
    return { bytes: tail.subarray(tail.length - 8 - length, tail.length - 8), place }
  const bytes = new Uint8Array(length)
  await file.read(place.offset, bytes)
  return { bytes, place }
}

function toMetadata(raw: FileMetaData, file: RandomAccessFile, place: Place): ParquetMetadata {
  const { path, sizeBytes } = file
  if (raw.encryption !== undefined) throw unsupported(place, 'encryption')
  const keyValues = Object.fromEntries((raw.keyValues ?? []).map(({ key, value }) => [key, value ?? '']))
  const { columns, leaves } = withNamedTypes(fileShape(raw.schema, place), keyValues[TYPES_KEY])
  const rowGroups = raw.rowGroups.map((group, index) => {
    if (group.columns.length !== leaves.length)
      throw corrupt(
        place,
        `row group ${index} has ${group.columns.length} columns, the schema ${leaves.length}`,
      )
    if (group.rowCount < 0 || group.rowCount > MAX_GROUP_ROWS)
      throw corrupt(place, `row group ${index} has ${group.rowCount} rows`)
    const chunks = leaves.map((leaf) =>
      toChunk(group.columns[leaf.index] as RawColumnChunk, leaf, group.rowCount, sizeBytes, place),
    )
    const compressed = chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0)
    const uncompressedBytes = chunks.reduce((sum, chunk) => sum + chunk.uncompressedBytes, 0)
    return { rowCount: group.rowCount, sizeBytes: compressed, uncompressedBytes, chunks }
  })
  const rowCount = rowGroups.reduce((sum, group) => sum + group.rowCount, 0)
  if (rowCount !== raw.rowCount)
    throw corrupt(place, `row groups hold ${rowCount} rows, the footer says ${raw.rowCount}`)
  return {
    path,
    sizeBytes,
    rowCount,
    createdBy: raw.createdBy ?? '',
    keyValues,
    schema: { fields: columns.map(fieldOf) },
    columns,
    leaves,
    rowGroups,
  }
}

function toChunk(
  raw: RawColumnChunk,
  leaf: Leaf,
  rowCount: number,
  sizeBytes: number,
  place: Place,
): ChunkMetadata {
  const name = leaf.path.join('.')
  if (raw.filePath !== undefined) throw unsupported(place, `column "${name}" in another file`)
  const data = raw.metaData
  if (data === undefined) throw unsupported(place, `encrypted column "${name}"`)
  if (PHYSICAL[data.type] !== leaf.physical)
    throw corrupt(place, `column "${name}" differs in type from the schema`)
  const codec = CODECS[data.codec]
  if (codec === undefined) throw corrupt(place, `column "${name}" has the unknown codec ${data.codec}`)
  // Writers put 0 for "no dictionary page"; a real one comes before the data.
  const dictionary = data.dictionaryPageOffset ?? 0
  const offset = dictionary > 0 && dictionary < data.dataPageOffset ? dictionary : data.dataPageOffset
  if (leaf.maxRepetition === 0 ? data.valueCount !== rowCount : data.valueCount < rowCount)
    throw corrupt(place, `column "${name}" has ${data.valueCount} values for ${rowCount} rows`)
  // Row groups without rows may lie nowhere.
  const range = rowCount === 0 ? { offset: 4, sizeBytes: 0 } : { offset, sizeBytes: data.compressedBytes }
  checkRange(range, sizeBytes, `column "${name}"`, place)
  return {
    codec,
    valueCount: data.valueCount,
    ...range,
    uncompressedBytes: data.uncompressedBytes,
    hasDictionary: offset === dictionary,
    bounds: decodeStatistics(data.statistics, leaf),
    columnIndex: optionalRange(raw.columnIndexOffset, raw.columnIndexLength, sizeBytes),
    offsetIndex: optionalRange(raw.offsetIndexOffset, raw.offsetIndexLength, sizeBytes),
    bloomFilter: optionalRange(data.bloomFilterOffset, data.bloomFilterLength ?? 0, sizeBytes),
  }
}

function checkRange(range: ByteRange, fileBytes: number, what: string, place: Place): void {
  if (range.offset < 4 || range.sizeBytes < 0 || range.offset + range.sizeBytes > fileBytes)
    throw corrupt(place, `${what} lies at ${range.offset} with ${range.sizeBytes} bytes, outside the file`)
}

/** Null when absent or outside the file: what only helps to skip must not keep a file from being read. */
function optionalRange(
  offset: number | undefined,
  bytes: number | undefined,
  fileBytes: number,
): ByteRange | null {
  if (offset === undefined || bytes === undefined || offset <= 0 || bytes < 0) return null
  return offset + bytes > fileBytes ? null : { offset, sizeBytes: bytes }
}

/**
 * The columns of a file, or some of them by name, in the order given; UNRESOLVED_COLUMN names the nearest.
 */
export function parquetSchema(
  metadata: ParquetMetadata,
  options: { readonly columns?: readonly string[] } = {},
): Schema {
  const { columns } = options
  if (columns === undefined) return metadata.schema
  return { fields: columns.map((name) => metadata.schema.fields[columnIndexOf(metadata, name)]!) }
}

/** Position of a column by name, as `fieldIndex`. */
export function columnIndexOf(metadata: ParquetMetadata, name: string): number {
  return fieldIndex(metadata.schema, name)
}
