/**
 * The threads of one process that run tasks: of a session's own in local mode, of an executor in a cluster.
 * Start with thread-pool.ts.
 */

export type { TaskListener } from './claims.ts'
export * from './thread-pool.ts'
