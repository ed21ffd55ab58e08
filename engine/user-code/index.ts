/**
 * Functions of the user's program in a worker thread: how they arrive and are called, and RDD programs over
 * them. Start with user-program.ts.
 */
export * from './chunk-codec.ts'
export { pairOrder } from './order-steps.ts'
export { chunkSchema, payloadOf } from './program-writer.ts'
export { chunksOf, partitionOf, type UserTask } from './run-program.ts'
export * from './shared-bytes.ts'
export * from './shipped-function.ts'
export * from './user-code-host.ts'
export * from './user-error.ts'
export * from './user-program.ts'
export * from './value-key.ts'
