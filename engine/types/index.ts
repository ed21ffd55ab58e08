/** SQL types, schemas and the values of one row. Nothing here touches memory. Start with data-type.ts. */
export * from './calendar.ts'
export * from './coercion.ts'
export * from './data-type.ts'
export * from './decimal.ts'
export * from './schema.ts'
export * from './temporal.ts'
export * from './value.ts'
export * from './value-classes.ts'
