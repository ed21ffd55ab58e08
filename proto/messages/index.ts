/**
 * What travels as plain data. thread.ts: between the threads of one process; stage-order.ts: to executors, in
 * the messages of proto/cluster.
 */
export type * from './stage-order.ts'
export * from './thread.ts'
