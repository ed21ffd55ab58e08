import { type ClusterEvent, type DurableOutput, keptJobId } from './cluster-events.ts'
import type { ClusterState, WorkerState } from './cluster-state.ts'
import { forgiveLast } from './exclusion.ts'
import { drain, loseExecutor } from './executors.ts'
import { hear, loseHolder } from './jobs.ts'

/**
 * A worker offers its slots, and what it finds on its disk. One that is known comes back: it has lost the
 * rest.
 */
export function joinWorker(
  state: ClusterState,
  event: Extract<ClusterEvent, { readonly kind: 'workerJoined' }>,
): void {
  loseWorker(state, event.workerId, 'it has started again')
  const worker: WorkerState = {
    id: event.workerId,
    number: state.nextHolderNumber(),
    host: event.host,
    slots: event.slots,
    memoryBytes: event.memoryBytes,
    usedSlots: 0,
    usedMemoryBytes: 0,
    isDraining: false,
    excludedUntilMs: 0,
    failures: [],
    executors: new Map(),
    stopping: new Set(),
  }
  state.workers.set(worker.id, worker)
  state.holders.set(worker.number, worker)
  state.freed.add(worker)
  state.offersAll = true
  for (const output of event.outputs) findOutput(state, worker, output)
}

/** An output that lies on the worker's disk spares its task another run, if nobody has it. */
function findOutput(state: ClusterState, worker: WorkerState, output: DurableOutput): void {
  const { sessionId, jobId, stageId, partition, attempt } = output
  const job = state.jobs.get(jobId)
  if (job !== undefined) {
    hear(state, job, { kind: 'outputFound', found: { stageId, partition, attempt }, holder: worker.number })
    return
  }
  const session = state.sessions.get(sessionId)
  for (const [key, kept] of session?.kept ?? []) {
    if (keptJobId(sessionId, key) !== jobId) continue
    if (kept.outputs.isDone(partition) || kept.outputs.attempts[partition] !== attempt) continue
    kept.outputs.set(partition, worker.number, attempt, [])
    for (const user of [...kept.users]) hear(state, user, { kind: 'keptChanged' })
  }
}

/** A worker is gone, with its executors and what lay on its disk. */
export function loseWorker(state: ClusterState, workerId: string, reason: string): void {
  const worker = state.workers.get(workerId)
  if (worker === undefined) return
  state.workers.delete(workerId)
  state.freed.delete(worker)
  worker.isDraining = true
  const why = `worker ${workerId} was lost: ${reason}`
  for (const executor of [...worker.executors.values(), ...worker.stopping])
    loseExecutor(state, executor, why, [])
  loseHolder(state, worker, [])
  state.freed.delete(worker)
  state.holders.delete(worker.number)
  for (const job of state.jobs.values()) {
    job.excluded.delete(worker)
    job.failures.delete(worker)
  }
  forgiveLast(state)
}

/** A worker gets no more tasks. */
export function drainWorker(state: ClusterState, workerId: string): void {
  const worker = state.workers.get(workerId)
  if (worker === undefined) return
  drain(state, worker)
  forgiveLast(state)
}
