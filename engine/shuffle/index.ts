/**
 * How rows change partition between stages. In one process the blocks stay in the arena, or in spill
 * files when memory is scarce; between processes they travel in chunks (chunk-format.ts). Start with
 * shuffle-writer.ts.
 */
export * from './block-store.ts'
export type { ChunkCounts } from './chunk-buffer.ts'
export * from './chunk-reader.ts'
export * from './chunk-writer.ts'
export * from './own-batch.ts'
export * from './shuffle-blocks.ts'
export * from './shuffle-writer.ts'
