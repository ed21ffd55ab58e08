/**
 * The driver of a cluster: the event loop between clients, the scheduler and workers (driver-loop.ts), its
 * gRPC services (rpc), programs that run without their client (programs). It decides nothing about tasks:
 * that is driver/scheduler. Start with links.ts and job-events.ts, the words of the loop.
 */
export * from './driver-loop.ts'
export * from './event-log.ts'
export type * from './job-events.ts'
export * from './launcher.ts'
export type * from './links.ts'
export * from './loop-settings.ts'
