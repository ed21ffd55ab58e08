/**
 * The runtime of one process: worker threads over the shared arena, and the event loop of a job. Start with
 * run-job.ts.
 */
export * from './run-job.ts'
export * from './thread-pool.ts'
