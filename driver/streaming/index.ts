/**
 * Streaming queries: batch after batch over the same plan, with a checkpoint. micro-batch.ts is the loop,
 * with everything it touches given to it; batch-runner.ts runs one batch as a job; streaming-query.ts is what
 * a program holds. See decision 0022.
 */
export type * from './batch-runner.ts'
export * from './checkpoint.ts'
export type * from './loop-parts.ts'
export * from './micro-batch.ts'
export type * from './stream-engine.ts'
export * from './streaming-query.ts'
export * from './trigger.ts'
