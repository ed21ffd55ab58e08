/**
 * Columns in memory: vectors, batches, and how to build, read, gather, join and copy them. Start with
 * vector.ts.
 */
export * from './bitmap.ts'
export * from './builder.ts'
export * from './constant.ts'
export * from './copy.ts'
export * from './deep-flatten.ts'
export * from './make-vector.ts'
export * from './read-value.ts'
export * from './row-hash.ts'
export * from './spilled-batches.ts'
export * from './take.ts'
export * from './text.ts'
export * from './vector.ts'
export * from './vector-bytes.ts'
export * from './wire.ts'
export * from './wire-reader.ts'
