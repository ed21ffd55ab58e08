/**
 * DataFrames: lazy tables over the logical plan, with columns that the compiler knows. Start at data-frame.ts
 * (the methods) and row-types.ts (what the compiler knows). A session gives them a PlanExecutor
 * (executor.ts).
 */
export type { CollectOptions } from './actions.ts'
export { col, expr, lit, not, star } from './column-functions.ts'
export type * from './column-types.ts'
export { createDataFrame, inferSchema } from './create-data-frame.ts'
export { DataFrame, type Selectable } from './data-frame.ts'
export type * from './executor.ts'
export * from './functions/index.ts'
export { type Aggregation, GroupedData } from './grouped.ts'
export type { JoinOn } from './join.ts'
export { LazyPlan } from './lazy-plan.ts'
export type { FillValues, NullsToDrop } from './missing-values.ts'
export { DataFrameReader, type ReadOptions } from './reader.ts'
export type * from './row-types.ts'
export { schema, type TableSchema } from './schema.ts'
export { asc, desc } from './sort.ts'
export { createFrame, sqlFrame } from './sql-frame.ts'
export { DataStreamWriter } from './stream-writer.ts'
export type * from './streaming.ts'
export type * from './type-text.ts'
export { Window, WindowSpecification } from './window.ts'
export { DataFrameWriter } from './writer.ts'
