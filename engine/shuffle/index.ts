/**
 * How rows change partition between stages. In one process the blocks stay in the arena, or in spill
 * files when memory is scarce. Start with
 * shuffle-writer.ts.
 */
export * from './block-store.ts'
export * from './own-batch.ts'
export * from './shuffle-blocks.ts'
export * from './shuffle-writer.ts'
