/**
 * The names a session knows: temporary views, functions of the program, tables of the warehouse. Start at
 * catalog.ts.
 */
export * from './catalog.ts'
export type * from './table-store.ts'
