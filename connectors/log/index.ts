/**
 * The embedded log: topics, partitions and offsets in a folder, so that streams run without a Kafka. One
 * process writes (log-writer.ts), any number reads. Start with log-format.ts.
 */
export type { LogRecord } from './log-format.ts'
export { logSource } from './log-source.ts'
export * from './log-writer.ts'
