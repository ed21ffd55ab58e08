/** Runs a plan in a thread: task context, metrics, the tree of operators. Start with run-plan.ts. */
export * from './cpu-profile.ts'
export * from './from-public.ts'
export * from './metrics.ts'
export * from './row-reader.ts'
export * from './rows.ts'
export * from './run-plan.ts'
export * from './task-context.ts'
export * from './task-inputs.ts'
