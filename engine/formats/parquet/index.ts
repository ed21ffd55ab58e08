/**
 * Parquet files: footers, rows, writing. Input and output are interfaces; nothing here opens a file.
 * Start with reader.ts: metadata → row group → columns → pages → values. https://github.com/apache/parquet-format
 */

export { planRowGroupsWithBloomFilters } from './bloom-prune.ts'
export type { WriteCodec } from './codec/compress.ts'
export type { WriteEncoding } from './encoding/encode-values.ts'
export * from './metadata.ts'
export { planRowGroups } from './prune.ts'
export * from './reader.ts'
export { RowGroupFetch } from './row-group-fetch.ts'
export type { ColumnBounds } from './statistics.ts'
export { type ParquetSink, type ParquetSummary, ParquetWriter, type ParquetWriterOptions } from './writer.ts'
