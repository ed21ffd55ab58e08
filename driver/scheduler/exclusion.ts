import { type ClusterState, isUsable, type JobState, type WorkerState } from './cluster-state.ts'
import { mayUse } from './pools.ts'

/**
 * A task has failed on a worker: after some such the job, and after more all jobs, do without it for a while.
 */
export function noteFailure(state: ClusterState, job: JobState, worker: WorkerState): void {
  const { enabled, jobFailures, jobMs } = state.settings.exclusion
  if (!enabled) return
  const count = (job.failures.get(worker) ?? 0) + 1
  job.failures.set(worker, count)
  if (count >= jobFailures && mayUse(state, job, worker) && hasOther(state, worker, job)) {
    job.failures.set(worker, 0)
    job.excluded.set(worker, state.nowMs + jobMs)
    note(state, worker, jobMs, `${count} tasks of job ${job.id} failed there`)
  }
  noteWorkerFailure(state, worker)
}

/** Something went wrong on a worker that may be its own fault. */
export function noteWorkerFailure(state: ClusterState, worker: WorkerState): void {
  const { enabled, clusterFailures, clusterMs } = state.settings.exclusion
  if (!enabled) return
  worker.failures.push(state.nowMs)
  while (worker.failures[0]! < state.nowMs - clusterMs) worker.failures.shift()
  if (worker.failures.length < clusterFailures || !isUsable(worker, state.nowMs)) return
  if (!hasOther(state, worker, null)) return
  const count = worker.failures.length
  worker.failures.length = 0
  worker.excludedUntilMs = state.nowMs + clusterMs
  note(state, worker, clusterMs, `${count} tasks failed there in ${clusterMs} ms`)
}

function note(state: ClusterState, worker: WorkerState, forMs: number, reason: string): void {
  const untilMs = state.nowMs + forMs
  state.emit({ kind: 'note', note: { kind: 'excluded', holderId: worker.id, untilMs, reason } })
  state.after(forMs, () => {
    state.offersAll = true
  })
}

/** Whether there is another worker to use: the last one is never excluded. */
function hasOther(state: ClusterState, worker: WorkerState, job: JobState | null): boolean {
  for (const other of state.workers.values()) {
    if (other === worker) continue
    if (job === null ? isUsable(other, state.nowMs) : mayUse(state, job, other)) return true
  }
  return false
}

/** A worker has gone: where those that are left are all excluded, they are taken back. */
export function forgiveLast(state: ClusterState): void {
  const workers = [...state.workers.values()].filter(({ isDraining }) => !isDraining)
  if (workers.length === 0) return
  if (!workers.some((worker) => isUsable(worker, state.nowMs)))
    for (const worker of workers) worker.excludedUntilMs = 0
  for (const job of state.jobs.values())
    if (job.excluded.size > 0 && !workers.some((worker) => mayUse(state, job, worker))) job.excluded.clear()
  state.offersAll = true
}
