/** The physical plan: what the planner makes, stages carry and operators run. One page: physical-plan.ts. */
export * from './distribution.ts'
export * from './explain.ts'
export * from './join-roles.ts'
export * from './physical-plan.ts'
export * from './plan-key.ts'
export * from './plan-tree.ts'
export * from './runtime-filter.ts'
export * from './window-call.ts'
