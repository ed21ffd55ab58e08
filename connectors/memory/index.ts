/** Rows kept in memory: what cached DataFrames and tables read. */
export * from './memory-source.ts'
