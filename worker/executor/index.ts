/**
 * An executor: the process that runs the tasks of one session on one host. Its program is main.ts; a
 * supervisor starts it and gives it a configuration (config.ts). Start with executor.ts, then attempts.ts.
 */
export * from './config.ts'
export { executorEntry } from './entry.ts'
