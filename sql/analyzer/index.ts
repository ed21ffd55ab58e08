/**
 * Syntax tree to typed plan: names become columns, functions and tables; casts are put in; subqueries become Apply.
 * Doors: analyze.ts (a query). An expression goes through resolve-expression.ts, a SELECT through select.ts.
 */
export * from './analyze.ts'
export { builtInFunctions } from './built-in-functions.ts'
export type * from './context.ts'
export { convertType } from './convert-type.ts'
export * from './scope.ts'
