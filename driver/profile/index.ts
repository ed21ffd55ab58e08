/**
 * What `--profile` writes: samples of every thread, times of operators, and a page that shows both. Nothing
 * here runs unless a session is asked for a profile. Start with profiler.ts.
 */
export * from './operator-times.ts'
export * from './profiler.ts'
