/** JSON: lines or whole files as batches, inferring a schema, writing. Start with read-json.ts. */
export * from './infer-schema.ts'
export * from './options.ts'
export * from './read-json.ts'
export * from './write-json.ts'
