/**
 * A worker of a cluster: one process a host, which starts and watches executors as child processes, keeps in
 * touch with the driver, and serves what ended executors left on disk. It runs no code of programs. Start
 * with start-worker.ts.
 */
export type { LogFields, Logger, LogLevel } from './logger.ts'
export { jsonLogger } from './logger.ts'
export * from './start-worker.ts'
