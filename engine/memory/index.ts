/**
 * The arena, its pool and its regions: who may hold how many bytes, when they come back, and the files that
 * take what does not fit. Start with
 * memory-pool.ts.
 */
export * from './growing-buffer.ts'
export * from './heap-bytes.ts'
export * from './memory-pool.ts'
export * from './page.ts'
export * from './region.ts'
export * from './spill-file.ts'
export * from './spill-folder.ts'
