/**
 * What travels as plain data, and plain.ts, its form as bytes. thread.ts: between the threads of one process;
 * stage-order.ts: to executors, in the messages of proto/cluster.
 */

export * from './error-bytes.ts'
export * from './plain.ts'
export type * from './stage-order.ts'
export * from './thread.ts'
