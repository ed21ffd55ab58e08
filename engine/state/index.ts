/**
 * What streaming queries remember, as files of a checkpoint: see decision 0022. Start with state-file.ts.
 */
export * from './state-file.ts'
