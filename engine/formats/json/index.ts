/** JSON: lines or whole files as batches, inferring a schema, writing. Start with read-json.ts. */
export * from './write-json.ts'
