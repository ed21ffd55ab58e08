import { type ClusterState, isUsable, type JobState, type WorkerState } from './cluster-state.ts'
import { DEFAULT_POOL, type PoolSettings } from './scheduler-settings.ts'

/** Whether a job has something to launch. */
export function hasWork({ machine, slow }: JobState): boolean {
  return machine.pendingCount > 0 || slow.size > 0
}

/** Jobs with something to launch, who is first served first. */
export function* jobsInOrder(state: ClusterState): Generator<JobState, void, void> {
  if (state.settings.mode === 'fifo') {
    for (const job of state.jobs.values()) if (hasWork(job)) yield job
    return
  }
  yield* fairOrder(state)
}

interface Share {
  readonly jobs: JobState[]
  readonly settings: PoolSettings
  running: number
}

/**
 * Pools below their minimum come first, the neediest of them foremost; then those with the fewest attempts
 * for their weight. In a pool the job with the fewest attempts is first. As Spark's FAIR mode.
 */
function fairOrder(state: ClusterState): JobState[] {
  const pools = new Map<string, Share>()
  for (const job of state.jobs.values()) {
    let pool = pools.get(job.pool)
    if (pool === undefined) {
      pool = { jobs: [], settings: poolSettings(state, job), running: 0 }
      pools.set(job.pool, pool)
    }
    pool.running += job.attempts.size
    if (hasWork(job)) pool.jobs.push(job)
  }
  for (const { jobs } of pools.values())
    if (jobs.length > 1) jobs.sort((a, b) => a.attempts.size - b.attempts.size || a.order - b.order)
  return [...pools.values()].sort(compareShares).flatMap(({ jobs }) => jobs)
}

function compareShares(a: Share, b: Share): number {
  const [aNeeds, bNeeds] = [a.running < a.settings.minShare, b.running < b.settings.minShare]
  if (aNeeds !== bNeeds) return aNeeds ? -1 : 1
  if (aNeeds) return a.running / a.settings.minShare - b.running / b.settings.minShare
  return a.running / a.settings.weight - b.running / b.settings.weight
}

/** A session may say what its pools weigh: `scheduler.pool.NAME.weight`, `scheduler.pool.NAME.minShare`. */
function poolSettings({ settings }: ClusterState, { pool, session }: JobState): PoolSettings {
  const known = settings.pools.get(pool) ?? DEFAULT_POOL
  return {
    weight: positive(session.settings.get(`scheduler.pool.${pool}.weight`), known.weight),
    minShare: positive(session.settings.get(`scheduler.pool.${pool}.minShare`), known.minShare),
  }
}

function positive(text: string | undefined, otherwise: number): number {
  const value = Number(text)
  return text !== undefined && value > 0 && Number.isFinite(value) ? value : otherwise
}

/** Whether tasks of a job may go to a worker. */
export function mayUse({ nowMs }: ClusterState, job: JobState, worker: WorkerState): boolean {
  return isUsable(worker, nowMs) && (job.excluded.get(worker) ?? 0) <= nowMs
}
