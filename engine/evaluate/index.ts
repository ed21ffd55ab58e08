/** The interpreter: expressions over batches, a vector at a time, and casts. Start with evaluate.ts. */
export * from './cast.ts'
export * from './compile-pipeline.ts'
export * from './eval-context.ts'
export * from './evaluate.ts'
