/**
 * Jobs as DAGs of stages: the words (job-graph.ts), how a plan is cut (split-stages.ts), and what a session
 * asks of whoever runs them (job-runner.ts).
 */

export { type TaskInput, tablesReadBy, taskInputsOf } from '../../engine/run/index.ts'
export * from './check-graph.ts'
export * from './job-graph.ts'
export type * from './job-runner.ts'
export * from './split-stages.ts'
export * from './task-error.ts'
