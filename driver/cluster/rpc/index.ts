/**
 * The driver as a process: its loop behind gRPC, with the clock, chance and sockets of the real world. Start
 * with start-driver.ts.
 */
export * from './real-clock.ts'
export * from './serve-driver.ts'
export * from './spool-file.ts'
export * from './start-driver.ts'
