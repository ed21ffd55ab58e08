/**
 * What runs next, and where: deterministic machines, events and their times in, effects out. They have no
 * clock, no thread and no link; the event loops of driver/local and driver/cluster perform the effects. Start
 * with job-machine.ts (one job), then cluster-scheduler.ts (all jobs of a cluster).
 */
export * from './adapt/index.ts'
export * from './cluster-events.ts'
export * from './cluster-scheduler.ts'
export * from './events.ts'
export * from './job-limits.ts'
export * from './job-machine.ts'
export * from './job-stages.ts'
export * from './scheduler-settings.ts'
export * from './stage-outputs.ts'
export * from './stage-run.ts'
