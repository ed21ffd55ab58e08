/**
 * The runtime of one process: worker threads over the shared arena, and the event loop of a job. Start with
 * run-job.ts.
 */
export type * from './job-observer.ts'
export * from './local-runner.ts'
export * from './run-here.ts'
export * from './run-job.ts'
