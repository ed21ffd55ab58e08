/** What driver and workers say to each other. thread.ts: between the threads of one process. */
export * from './thread.ts'
