/**
 * How rows change partition between stages. In one process the blocks stay in the arena. Start with
 * shuffle-writer.ts.
 */
export * from './own-batch.ts'
export * from './shuffle-writer.ts'
