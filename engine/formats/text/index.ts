/**
 * What the text formats share: input, windows, bad records, options, numbers in bytes. Start with
 * byte-input.ts.
 */
export * from './bad-records.ts'
export * from './batch-formatter.ts'
export * from './byte-input.ts'
export * from './charset.ts'
export type { LineValues } from './line-columns.ts'
export * from './line-writer.ts'
export * from './options.ts'
export * from './read-lines.ts'
export * from './text-window.ts'
