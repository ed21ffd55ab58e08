/** File formats: bytes in, batches out, and back. Nothing here knows where files are. One folder a format. */
export * from './csv/index.ts'
export * from './json/index.ts'
export * from './parquet/index.ts'
export * from './text/index.ts'
