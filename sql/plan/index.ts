/**
 * The logical plan: what SQL texts and DataFrames both become. One page: logical-plan.ts; how to walk it:
 * transform.ts.
 */
export * from './columns.ts'
export * from './logical-plan.ts'
export * from './print-plan.ts'
export * from './transform.ts'
