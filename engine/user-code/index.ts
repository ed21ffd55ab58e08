/** Functions of the user's program in a worker thread: how they arrive and are called. Start with user-code-host.ts. */
export * from './user-code-host.ts'
