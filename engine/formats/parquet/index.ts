/**
 * Parquet files: footers, rows, writing. Input and output are interfaces; nothing here opens a file.
 * Start with reader.ts: metadata → row group → columns → pages → values. https://github.com/apache/parquet-format
 */
export * from './metadata.ts'
export * from './reader.ts'
export type { ColumnBounds } from './statistics.ts'
