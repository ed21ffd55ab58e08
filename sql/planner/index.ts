/**
 * Logical plan in, physical plan out: which operator, over which partitions, with exchanges where rows must
 * change theirs.
 * Start with plan-query.ts. Column ids become positions in bind.ts; how rows are spread is in
 * partitioning.ts.
 */
export { type PlanContext, planQuery, type StreamingContext } from './plan-query.ts'
