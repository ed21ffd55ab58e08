/**
 * What a connector must be: sources, sinks, file systems. Nothing here knows a format. Start with source.ts.
 */
export * from './file-system.ts'
export * from './sink.ts'
export * from './source.ts'
export * from './stream.ts'
