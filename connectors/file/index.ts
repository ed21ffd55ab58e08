/** Files as tables: local paths, globs, partition folders; one source a format. Start with list-files.ts. */
export * from './csv-source.ts'
export * from './json-source.ts'
export * from './list-files.ts'
export * from './local-file-system.ts'
export * from './parquet-source.ts'
export * from './partition-columns.ts'
export * from './text-sinks.ts'
export * from './text-source.ts'
