/**
 * What a session is made of: configuration, and the way of a query from plan to rows. Start with
 * query-runner.ts.
 */
export * from './cached-rows.ts'
export * from './cluster-security.ts'
export * from './config.ts'
export * from './plan-executor.ts'
export * from './query-runner.ts'
export * from './session-core.ts'
export type * from './session-options.ts'
export * from './warehouse.ts'
