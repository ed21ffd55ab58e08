/**
 * What to run when: pure transitions of a job. The event loop that performs them is the runtime's. Start with
 * job-state.ts.
 */
export * from './cluster-events.ts'
export * from './events.ts'
export * from './job-state.ts'
