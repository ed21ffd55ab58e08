/** Rows kept in memory: what cached DataFrames and tables read. Start with memory-source.ts. */
export * from './memory-source.ts'
export { portableSplits } from './portable-splits.ts'
