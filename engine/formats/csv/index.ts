/** CSV: options, reading records as batches, inferring a schema, writing. Start with read-csv.ts. */

export * from './infer-schema.ts'
export * from './options.ts'
export * from './read-csv.ts'
export * from './write-csv.ts'
