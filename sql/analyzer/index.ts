/**
 * Syntax tree to typed plan: names become columns, functions and tables; casts are put in; subqueries
 * become Apply. Doors: analyze.ts (a query), statements.ts (a statement), plan-blocks.ts (a step of a
 * DataFrame). An expression goes through resolve-expression.ts, a SELECT through select.ts.
 */
export * from './analyze.ts'
export type * from './analyzed-statement.ts'
export { builtInFunctions } from './built-in-functions.ts'
export { castTo } from './coerce-types.ts'
export type * from './context.ts'
export { convertType } from './convert-type.ts'
export { freshResolved } from './fresh-resolved.ts'
export * from './plan-blocks.ts'
export * from './scope.ts'
export { analyzeStatement } from './statements.ts'
export * from './union-plans.ts'
export * from './watermark.ts'
