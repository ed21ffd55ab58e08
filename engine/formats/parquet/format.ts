import { binary, bool, i8, i32, i64, list, struct, type ThriftValue, text } from './thrift.ts'

/*
 * The structures of the file format, with the names and numbers of parquet.thrift in parquet-format 2.12.
 */

/** Physical types by number. */
export const PHYSICAL = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const

/** How a value is stored before encoding. */
export type Physical = (typeof PHYSICAL)[number]

/** Codecs by number. */
export const CODECS = ['uncompressed', 'snappy', 'gzip', 'lzo', 'brotli', 'lz4', 'zstd', 'lz4_raw'] as const

/** The name of a compression codec. */
export type Codec = (typeof CODECS)[number]

/** Encodings by name. */
export const ENCODING = {
  PLAIN: 0,
  PLAIN_DICTIONARY: 2,
  RLE: 3,
  BIT_PACKED: 4,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
} as const

/** Old names of logical types, by number. */
export const CONVERTED = {
  UTF8: 0,
  MAP: 1,
  MAP_KEY_VALUE: 2,
  LIST: 3,
  ENUM: 4,
  DECIMAL: 5,
  DATE: 6,
  TIME_MILLIS: 7,
  TIME_MICROS: 8,
  TIMESTAMP_MILLIS: 9,
  TIMESTAMP_MICROS: 10,
  UINT_8: 11,
  UINT_16: 12,
  UINT_32: 13,
  UINT_64: 14,
  INT_8: 15,
  INT_16: 16,
  INT_32: 17,
  INT_64: 18,
  JSON: 19,
  BSON: 20,
  INTERVAL: 21,
} as const

/** Repetition of a schema element. */
export const REPETITION = { REQUIRED: 0, OPTIONAL: 1, REPEATED: 2 } as const

/** Kinds of pages by number. */
export const PAGE = { DATA: 0, INDEX: 1, DICTIONARY: 2, DATA_V2: 3 } as const

const empty = struct('Empty', {})

const timeUnit = struct('TimeUnit', {
  millis: [1, empty, 'optional'],
  micros: [2, empty, 'optional'],
  nanos: [3, empty, 'optional'],
})

const timeType = struct('TimeType', {
  isAdjustedToUtc: [1, bool, 'required'],
  unit: [2, timeUnit, 'required'],
})

export const logicalType = struct('LogicalType', {
  string: [1, empty, 'optional'],
  map: [2, empty, 'optional'],
  list: [3, empty, 'optional'],
  enum: [4, empty, 'optional'],
  decimal: [
    5,
    struct('DecimalType', { scale: [1, i32, 'required'], precision: [2, i32, 'required'] }),
    'optional',
  ],
  date: [6, empty, 'optional'],
  time: [7, timeType, 'optional'],
  timestamp: [8, timeType, 'optional'],
  integer: [
    10,
    struct('IntType', { bitWidth: [1, i8, 'required'], isSigned: [2, bool, 'required'] }),
    'optional',
  ],
  unknown: [11, empty, 'optional'],
  json: [12, empty, 'optional'],
  bson: [13, empty, 'optional'],
  uuid: [14, empty, 'optional'],
  float16: [15, empty, 'optional'],
})
/** The logical type of a schema element: a union. */
export type LogicalType = ThriftValue<typeof logicalType>

export const schemaElement = struct('SchemaElement', {
  type: [1, i32, 'optional'],
  typeLength: [2, i32, 'optional'],
  repetition: [3, i32, 'optional'],
  name: [4, text, 'required'],
  childCount: [5, i32, 'optional'],
  convertedType: [6, i32, 'optional'],
  scale: [7, i32, 'optional'],
  precision: [8, i32, 'optional'],
  fieldId: [9, i32, 'optional'],
  logicalType: [10, logicalType, 'optional'],
})
/** One node of the schema, in depth-first order. */
export type SchemaElement = ThriftValue<typeof schemaElement>

export const statistics = struct('Statistics', {
  max: [1, binary, 'optional'],
  min: [2, binary, 'optional'],
  nullCount: [3, i64, 'optional'],
  distinctCount: [4, i64, 'optional'],
  maxValue: [5, binary, 'optional'],
  minValue: [6, binary, 'optional'],
  isMaxValueExact: [7, bool, 'optional'],
  isMinValueExact: [8, bool, 'optional'],
})
/** Bounds of a chunk or page as stored. */
export type RawStatistics = ThriftValue<typeof statistics>

const keyValue = struct('KeyValue', { key: [1, text, 'required'], value: [2, text, 'optional'] })

export const columnMetaData = struct('ColumnMetaData', {
  type: [1, i32, 'required'],
  encodings: [2, list(i32), 'required'],
  path: [3, list(text), 'required'],
  codec: [4, i32, 'required'],
  valueCount: [5, i64, 'required'],
  uncompressedBytes: [6, i64, 'required'],
  compressedBytes: [7, i64, 'required'],
  keyValues: [8, list(keyValue), 'optional'],
  dataPageOffset: [9, i64, 'required'],
  indexPageOffset: [10, i64, 'optional'],
  dictionaryPageOffset: [11, i64, 'optional'],
  statistics: [12, statistics, 'optional'],
  bloomFilterOffset: [14, i64, 'optional'],
  bloomFilterLength: [15, i32, 'optional'],
})

export const columnChunk = struct('ColumnChunk', {
  filePath: [1, text, 'optional'],
  fileOffset: [2, i64, 'required'],
  metaData: [3, columnMetaData, 'optional'],
  offsetIndexOffset: [4, i64, 'optional'],
  offsetIndexLength: [5, i32, 'optional'],
  columnIndexOffset: [6, i64, 'optional'],
  columnIndexLength: [7, i32, 'optional'],
  cryptoMetadata: [8, empty, 'optional'],
})
/** A column of a row group as stored. */
export type RawColumnChunk = ThriftValue<typeof columnChunk>

export const rowGroup = struct('RowGroup', {
  columns: [1, list(columnChunk), 'required'],
  totalByteSize: [2, i64, 'required'],
  rowCount: [3, i64, 'required'],
  fileOffset: [5, i64, 'optional'],
  compressedBytes: [6, i64, 'optional'],
})
/** A row group as stored. */
export type RawRowGroup = ThriftValue<typeof rowGroup>

const columnOrder = struct('ColumnOrder', { typeOrder: [1, empty, 'optional'] })

export const fileMetaData = struct('FileMetaData', {
  version: [1, i32, 'required'],
  schema: [2, list(schemaElement), 'required'],
  rowCount: [3, i64, 'required'],
  rowGroups: [4, list(rowGroup), 'required'],
  keyValues: [5, list(keyValue), 'optional'],
  createdBy: [6, text, 'optional'],
  columnOrders: [7, list(columnOrder), 'optional'],
  encryption: [8, empty, 'optional'],
})
/** The footer as stored. */
export type FileMetaData = ThriftValue<typeof fileMetaData>

const dataPageHeader = struct('DataPageHeader', {
  valueCount: [1, i32, 'required'],
  encoding: [2, i32, 'required'],
  definitionEncoding: [3, i32, 'required'],
  repetitionEncoding: [4, i32, 'required'],
  statistics: [5, statistics, 'optional'],
})

const dictionaryPageHeader = struct('DictionaryPageHeader', {
  valueCount: [1, i32, 'required'],
  encoding: [2, i32, 'required'],
  isSorted: [3, bool, 'optional'],
})

const dataPageHeaderV2 = struct('DataPageHeaderV2', {
  valueCount: [1, i32, 'required'],
  nullCount: [2, i32, 'required'],
  rowCount: [3, i32, 'required'],
  encoding: [4, i32, 'required'],
  definitionBytes: [5, i32, 'required'],
  repetitionBytes: [6, i32, 'required'],
  isCompressed: [7, bool, 'optional'],
  statistics: [8, statistics, 'optional'],
})

export const pageHeader = struct('PageHeader', {
  type: [1, i32, 'required'],
  uncompressedBytes: [2, i32, 'required'],
  compressedBytes: [3, i32, 'required'],
  crc: [4, i32, 'optional'],
  data: [5, dataPageHeader, 'optional'],
  dictionary: [7, dictionaryPageHeader, 'optional'],
  dataV2: [8, dataPageHeaderV2, 'optional'],
})
/** The header in front of each page. */
export type PageHeader = ThriftValue<typeof pageHeader>

export const columnIndex = struct('ColumnIndex', {
  nullPages: [1, list(bool), 'required'],
  minValues: [2, list(binary), 'required'],
  maxValues: [3, list(binary), 'required'],
  boundaryOrder: [4, i32, 'required'],
  nullCounts: [5, list(i64), 'optional'],
})
/** Bounds of each page of a chunk. */
export type ColumnIndex = ThriftValue<typeof columnIndex>

export const offsetIndex = struct('OffsetIndex', {
  pages: [
    1,
    list(
      struct('PageLocation', {
        offset: [1, i64, 'required'],
        compressedBytes: [2, i32, 'required'],
        firstRow: [3, i64, 'required'],
      }),
    ),
    'required',
  ],
})
/** Where the pages of a chunk lie, and which rows they hold. */
export type OffsetIndex = ThriftValue<typeof offsetIndex>

export const bloomFilterHeader = struct('BloomFilterHeader', {
  bitsetBytes: [1, i32, 'required'],
  algorithm: [2, struct('BloomFilterAlgorithm', { block: [1, empty, 'optional'] }), 'required'],
  hash: [3, struct('BloomFilterHash', { xxhash: [1, empty, 'optional'] }), 'required'],
  compression: [4, struct('BloomFilterCompression', { none: [1, empty, 'optional'] }), 'required'],
})
