/** SQL types, schemas and the values of one row. Nothing here touches memory. Start with data-type.ts. */
export * from './data-type.ts'
export * from './schema.ts'
export * from './value.ts'
