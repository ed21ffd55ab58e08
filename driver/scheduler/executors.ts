import { removeAttempt } from './attempts.ts'
import type { DurableOutput } from './cluster-events.ts'
import type { ClusterState, ExecutorState, SessionState, WorkerState } from './cluster-state.ts'
import { isUsable } from './cluster-state.ts'
import { noteWorkerFailure } from './exclusion.ts'
import { failJob, hear, loseHolder } from './jobs.ts'

/** A pause before the next start on a worker where one failed; it doubles with each. */
const START_PAUSE_MS = 500

/** Starts an executor of a session on a worker, if there is memory for it. */
export function startExecutor(state: ClusterState, session: SessionState, worker: WorkerState): boolean {
  if (!isUsable(worker, state.nowMs) || worker.executors.has(session.id)) return false
  if ((session.startAfterMs.get(worker.id) ?? 0) > state.nowMs) return false
  const memoryBytes = session.executorMemoryBytes > 0 ? session.executorMemoryBytes : worker.memoryBytes / 2
  if (worker.usedMemoryBytes + memoryBytes > worker.memoryBytes) {
    makeRoom(state, session, worker, worker.usedMemoryBytes + memoryBytes - worker.memoryBytes)
    return false
  }
  const threads = session.maxSlots > 0 ? Math.min(worker.slots, session.maxSlots) : worker.slots
  const executor: ExecutorState = {
    id: `${worker.id}/${session.id}/${++session.startedExecutors}`,
    number: state.nextHolderNumber(),
    worker,
    session,
    threads,
    memoryBytes,
    state: 'starting',
    sinceMs: state.nowMs,
    running: new Set(),
    ahead: new Set(),
    sent: new Map(),
    launches: [],
  }
  worker.usedMemoryBytes += memoryBytes
  worker.executors.set(session.id, executor)
  session.executors.add(executor)
  session.starting.add(executor)
  state.executors.set(executor.id, executor)
  state.holders.set(executor.number, executor)
  const { id: executorId } = executor
  state.emit({
    kind: 'startExecutor',
    executorId,
    workerId: worker.id,
    sessionId: session.id,
    threads,
    memoryBytes,
  })
  state.after(state.settings.executorStartMs, () => {
    if (executor.state !== 'starting') return
    stopExecutor(state, executor)
    failStart(state, session, worker, 'it took too long')
  })
  return true
}

/** Idle executors of other sessions are stopped for the one that has work, until enough will be free. */
function makeRoom(state: ClusterState, session: SessionState, worker: WorkerState, wanted: number): void {
  let free = 0
  for (const { memoryBytes } of worker.stopping) free += memoryBytes
  if (free >= wanted) return
  const idle = [...worker.executors.values()].filter((each) => each.session !== session && isIdle(each))
  for (const needsKept of [false, true])
    for (const executor of idle) {
      if (free >= wanted) return
      if (executor.state !== 'ready' || holdsOutputs(executor, !needsKept)) continue
      free += executor.memoryBytes
      stopExecutor(state, executor)
    }
}

function isIdle({ state, running, ahead }: ExecutorState): boolean {
  return state === 'ready' && running.size + ahead.size === 0
}

/** Whether a running job may still read outputs of an executor, or, `withKept`, a later one. */
export function holdsOutputs({ number, session }: ExecutorState, withKept: boolean): boolean {
  for (const { machine } of session.jobs)
    for (const { outputs } of machine.stages.runs) if (outputs.holders.includes(number)) return true
  if (withKept)
    for (const { outputs } of session.kept.values()) if (outputs.holders.includes(number)) return true
  return false
}

/** Asks an executor to end. Its memory is free when it has. */
export function stopExecutor(state: ClusterState, executor: ExecutorState): void {
  if (executor.state === 'stopping') return
  const wasReady = executor.state === 'ready'
  executor.state = 'stopping'
  executor.session.starting.delete(executor)
  executor.worker.executors.delete(executor.session.id)
  executor.worker.stopping.add(executor)
  state.emit({ kind: 'stopExecutor', executorId: executor.id, kill: !wasReady })
  killLater(state, executor)
  leaveJobs(state, executor, 'it was stopped', [])
}

/** Says so again until the worker has heard it, or is gone itself. */
function killLater(state: ClusterState, executor: ExecutorState): void {
  state.after(state.settings.executorStopMs, () => {
    if (state.executors.get(executor.id) !== executor) return
    state.emit({ kind: 'stopExecutor', executorId: executor.id, kill: true })
    killLater(state, executor)
  })
}

/** An executor is ready for tasks. */
export function readyExecutor(state: ClusterState, executor: ExecutorState): void {
  if (executor.state !== 'starting') return
  executor.state = 'ready'
  executor.session.starting.delete(executor)
  executor.sinceMs = state.nowMs
  executor.session.startFailures = 0
  executor.session.startAfterMs.delete(executor.worker.id)
  state.freed.add(executor.worker)
  watchIdle(state, executor)
}

function watchIdle(state: ClusterState, executor: ExecutorState): void {
  const { executorIdleMs } = state.settings
  const check = (): void => {
    if (state.executors.get(executor.id) !== executor || executor.state !== 'ready') return
    const idleMs = state.nowMs - executor.sinceMs
    if (isIdle(executor) && idleMs >= executorIdleMs && !holdsOutputs(executor, true))
      stopExecutor(state, executor)
    else
      state.after(
        isIdle(executor) && idleMs < executorIdleMs ? executorIdleMs - idleMs : executorIdleMs,
        check,
      )
  }
  state.after(executorIdleMs, check)
}

const DRAIN_CHECK_MS = 500

/** A worker gets nothing new; its executors go when no running job needs their outputs. */
export function drain(state: ClusterState, worker: WorkerState): void {
  if (worker.isDraining) return
  worker.isDraining = true
  const check = (): void => {
    if (state.workers.get(worker.id) !== worker) return
    for (const executor of [...worker.executors.values()])
      if (executor.state === 'starting' || (isIdle(executor) && !holdsOutputs(executor, false)))
        stopExecutor(state, executor)
    if (worker.executors.size > 0 || worker.stopping.size > 0) state.after(DRAIN_CHECK_MS, check)
    else state.emit({ kind: 'note', note: { kind: 'drained', workerId: worker.id } })
  }
  check()
}

/** An executor has ended. */
export function loseExecutor(
  state: ClusterState,
  executor: ExecutorState,
  reason: string,
  outputs: readonly DurableOutput[],
): void {
  const { worker, session } = executor
  if (!state.executors.delete(executor.id)) return
  const was = executor.state
  executor.state = 'stopping'
  if (worker.executors.get(session.id) === executor) worker.executors.delete(session.id)
  worker.stopping.delete(executor)
  worker.usedMemoryBytes -= executor.memoryBytes
  session.executors.delete(executor)
  session.starting.delete(executor)
  state.holders.delete(executor.number)
  state.freed.add(worker)
  state.offersAll = true
  if (was !== 'stopping') leaveJobs(state, executor, reason, outputs)
  if (was === 'starting') failStart(state, session, worker, reason)
}

/** Attempts of the executor are lost, and its outputs, except those that its worker has from now on. */
function leaveJobs(
  state: ClusterState,
  executor: ExecutorState,
  reason: string,
  outputs: readonly DurableOutput[],
): void {
  const error = { code: 'WORKER_LOST', message: `executor ${executor.id} was lost: ${reason}` } as const
  loseHolder(state, executor, outputs)
  for (const attempt of [...executor.running, ...executor.ahead]) {
    removeAttempt(state, attempt)
    const { stageId, partition, attempt: number } = attempt.task
    hear(state, attempt.job, {
      kind: 'failed',
      stageId,
      partition,
      attempt: number,
      error,
      cause: 'lost',
      missing: null,
    })
  }
  executor.launches = []
  for (const job of executor.session.jobs) job.executors.delete(executor)
}

function failStart(state: ClusterState, session: SessionState, worker: WorkerState, reason: string): void {
  noteWorkerFailure(state, worker)
  const failures = ++session.startFailures
  const pauseMs = START_PAUSE_MS * 2 ** Math.min(failures - 1, 6)
  session.startAfterMs.set(worker.id, state.nowMs + pauseMs)
  state.after(pauseMs, () => {
    state.freed.add(worker)
    state.offersAll = true
  })
  if (failures < state.settings.maxStartFailures) return
  session.startFailures = 0
  const error = { code: 'WORKER_LOST', message: `executors of the session do not start: ${reason}` } as const
  for (const job of [...session.jobs]) failJob(state, job, error)
}
