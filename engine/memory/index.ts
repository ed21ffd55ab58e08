/**
 * The arena, its pool and its regions: who may hold how many bytes, and when they come back. Start with
 * memory-pool.ts.
 */
export * from './memory-pool.ts'
export * from './page.ts'
export * from './region.ts'
