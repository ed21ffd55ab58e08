import { type AdaptSettings, DEFAULT_ADAPT_SETTINGS } from './adapt/index.ts'

/** How the cluster scheduler decides. Times in milliseconds. */
export interface SchedulerSettings {
  /** Order of jobs: as they came, or by what their pools are due. */
  readonly mode: 'fifo' | 'fair'
  readonly pools: ReadonlyMap<string, PoolSettings>
  /** A task waits so long for a slot near its input before it takes any. */
  readonly localityWaitMs: number
  /** Tasks queue at their executor, so that it can fetch ahead, up to about this much work a thread. */
  readonly aheadMs: number
  readonly speculation: SpeculationSettings
  readonly exclusion: ExclusionSettings
  readonly adaptive: AdaptSettings
  /** Executors without work or needed outputs are stopped after this. */
  readonly executorIdleMs: number
  readonly executorStartMs: number
  /** An executor that has been told to stop is killed after this. */
  readonly executorStopMs: number
  /** An attempt its executor does not know of after this is lost. */
  readonly beatGraceMs: number
  /** A job with work to do but no room for any of it fails after this. */
  readonly placementMs: number
  /** Attempts of a session's executors to start that may fail one after the other. */
  readonly maxStartFailures: number
  /** Workers to ask for, by backlog; null: their number is somebody else's to choose. */
  readonly allocation: AllocationSettings | null
}

export interface PoolSettings {
  readonly weight: number
  /** Slots it gets before others get more than theirs. */
  readonly minShare: number
}

export interface SpeculationSettings {
  readonly enabled: boolean
  /** Part of a stage's tasks that must be done before others may be found slow. */
  readonly quantile: number
  /** How many times the median of those is slow. */
  readonly multiplier: number
  readonly minMs: number
  readonly checkMs: number
}

export interface ExclusionSettings {
  readonly enabled: boolean
  /** Failures on a worker after which a job uses it no more, for `jobMs`. */
  readonly jobFailures: number
  readonly jobMs: number
  /** The same for all jobs. */
  readonly clusterFailures: number
  readonly clusterMs: number
}

export interface AllocationSettings {
  readonly minWorkers: number
  readonly maxWorkers: number
  /** Slots that a worker to come is thought to have. */
  readonly slotsPerWorker: number
  /** Fewer are asked for once so many were not needed for this long. */
  readonly idleMs: number
}

export const DEFAULT_POOL: PoolSettings = { weight: 1, minShare: 0 }

export const DEFAULT_SCHEDULER_SETTINGS: SchedulerSettings = {
  mode: 'fifo',
  pools: new Map(),
  localityWaitMs: 200,
  aheadMs: 20,
  speculation: { enabled: true, quantile: 0.75, multiplier: 2, minMs: 500, checkMs: 100 },
  exclusion: { enabled: true, jobFailures: 3, jobMs: 60_000, clusterFailures: 8, clusterMs: 60_000 },
  adaptive: DEFAULT_ADAPT_SETTINGS,
  executorIdleMs: 60_000,
  executorStartMs: 30_000,
  executorStopMs: 10_000,
  beatGraceMs: 10_000,
  placementMs: 300_000,
  maxStartFailures: 8,
  allocation: null,
}
