import { addAttempt } from './attempts.ts'
import { placeBarriers, waitingBarrier } from './barriers.ts'
import { type OutputLocation, outputName } from './cluster-events.ts'
import {
  type AttemptState,
  type ClusterState,
  type ExecutorState,
  isUsable,
  type JobState,
  type WorkerState,
} from './cluster-state.ts'
import { startExecutor } from './executors.ts'
import { hasWork, jobsInOrder, mayUse } from './pools.ts'
import type { StageRun } from './stage-run.ts'

/** Most tasks that wait at an executor, a thread. */
const MOST_AHEAD = 32

/** Gives slots to tasks, starts executors where they are missing, and sends what was launched. */
export function schedule(state: ClusterState): void {
  if (!state.offersAll && state.freed.size === 0) return
  const workers = new Set(state.offersAll ? rotated(state) : state.freed)
  state.freed.clear()
  state.offersAll = false
  if (anyWork(state)) {
    placeBarriers(state, launch)
    fillInTurn(state, workers)
    if (anyWork(state)) startExecutors(state, workers)
    for (const worker of workers) for (const executor of worker.executors.values()) fillAhead(state, executor)
  }
  flush(state)
}

/** Workers from another one each time, so that small jobs do not all go to the first. */
function rotated(state: ClusterState): WorkerState[] {
  const workers = [...state.workers.values()]
  const from = state.turn++ % Math.max(1, workers.length)
  return [...workers.slice(from), ...workers.slice(0, from)]
}

function anyWork(state: ClusterState): boolean {
  for (const job of state.jobs.values()) if (hasWork(job)) return true
  return false
}

/** One task each, again and again, until nothing more has a place: so few tasks spread over all workers. */
function fillInTurn(state: ClusterState, workers: ReadonlySet<WorkerState>): void {
  let left = [...workers]
  while (left.length > 0) left = left.filter((worker) => fillOne(state, worker))
}

function fillOne(state: ClusterState, worker: WorkerState): boolean {
  if (worker.usedSlots >= worker.slots || worker.executors.size === 0) return false
  for (const job of jobsInOrder(state)) {
    if (waitingBarrier(job) !== null) return false // It needs many slots at a time, so they are left to it.
    const executor = worker.executors.get(job.session.id)
    if (executor === undefined || !hasRoom(executor) || !mayUse(state, job, worker)) continue
    if (launchNext(state, job, executor, false)) return true
  }
  return false
}

function hasRoom({ state, running, threads, session }: ExecutorState): boolean {
  return (
    state === 'ready' &&
    running.size < threads &&
    (session.maxSlots === 0 || session.usedSlots < session.maxSlots)
  )
}

function launchNext(state: ClusterState, job: JobState, executor: ExecutorState, isAhead: boolean): boolean {
  if (job.machine.pendingCount > 0)
    for (const [stageId, { queue }] of job.queues) {
      const run = job.machine.stages.runs[stageId]!
      if (!run.isReady || run.queuedCount === 0 || run.isBarrier) continue
      const { localityWaitMs: waitMs } = state.settings
      const { number, worker } = executor
      const task = queue.pick(job.machine, stageId, {
        executor: number,
        host: worker.host,
        nowMs: state.nowMs,
        waitMs,
      })
      if (queue.hasRefused) openLater(state, queue.openMs(waitMs))
      if (task === null) continue
      launch(state, job, executor, { stageId, ...task }, { isSpare: false, isAhead })
      return true
    }
  return !isAhead && launchSpare(state, job, executor)
}

function openLater(state: ClusterState, atMs: number): void {
  if (state.localityAlarmMs !== null && state.localityAlarmMs <= atMs) return
  state.localityAlarmMs = atMs
  state.after(Math.max(0, atMs - state.nowMs), () => {
    state.localityAlarmMs = null
    state.offersAll = true
  })
}

/** A second attempt of a slow task, on another worker. */
function launchSpare(state: ClusterState, job: JobState, executor: ExecutorState): boolean {
  for (const slow of job.slow) {
    if (slow.executor.worker === executor.worker) continue
    job.slow.delete(slow)
    const { stageId, partition } = slow.task
    const attempt = job.machine.begin(stageId, partition, true)
    if (attempt < 0) continue
    const how = { isSpare: true, isAhead: false }
    const { task } = launch(state, job, executor, { stageId, partition, attempt }, how)
    state.emit({ kind: 'note', note: { kind: 'speculated', task, executorId: executor.id } })
    return true
  }
  return false
}

function launch(
  state: ClusterState,
  job: JobState,
  executor: ExecutorState,
  at: { readonly stageId: number; readonly partition: number; readonly attempt: number },
  how: { readonly isSpare: boolean; readonly isAhead: boolean },
): AttemptState {
  job.stuckSinceMs = null
  const attempt = addAttempt(state, job, executor, at, how)
  state.launched.add(executor)
  return attempt
}

/**
 * Tasks that wait at an executor whose threads are all busy, so that it has their inputs when one is free. No
 * more than about `aheadMs` of work, and none of the last tasks, which others may get to sooner.
 */
function fillAhead(state: ClusterState, executor: ExecutorState): void {
  if (executor.state !== 'ready' || executor.running.size < executor.threads) return
  if (!isUsable(executor.worker, state.nowMs)) return
  for (const job of jobsInOrder(state)) {
    // Another session wants slots: what waits here would take them first.
    if (job.session !== executor.session || waitingBarrier(job) !== null) return
    if (job.machine.pendingCount === 0 || !mayUse(state, job, executor.worker)) continue
    const share = Math.floor(job.machine.pendingCount / Math.max(1, readySlots(executor)))
    const wanted = Math.min(aheadOf(state, job), share, MOST_AHEAD) * executor.threads
    if (executor.ahead.size * 2 > wanted) return // In batches: half of it is enough for now.
    while (executor.ahead.size < wanted) if (!launchNext(state, job, executor, true)) break
  }
}

function readySlots({ session, threads }: ExecutorState): number {
  return session.executors.size * threads
}

/** How many tasks a thread does in `aheadMs`, at least one. */
function aheadOf({ settings }: ClusterState, job: JobState): number {
  let meanMs = 0
  for (const [stageId, stage] of job.queues)
    if (job.machine.stages.runs[stageId]!.isReady) meanMs = Math.max(meanMs, stage.meanMs)
  return meanMs === 0 ? 1 : Math.max(1, Math.ceil(settings.aheadMs / meanMs))
}

/** Sessions with more work than their executors have room for get more of them. */
function startExecutors(state: ClusterState, workers: ReadonlySet<WorkerState>): void {
  for (const job of jobsInOrder(state)) {
    const { session } = job
    const places = [...workers].filter((worker) => {
      return freeSlots(worker) > 0 && !worker.executors.has(session.id) && mayUse(state, job, worker)
    })
    if (places.length === 0) continue
    const limit = session.maxSlots > 0 ? session.maxSlots : Number.POSITIVE_INFINITY
    let missing = Math.min(job.machine.pendingCount + job.slow.size, limit - session.usedSlots)
    for (const { threads, worker } of session.starting) missing -= Math.min(threads, freeSlots(worker))
    for (const worker of places) {
      if (missing <= 0) break
      if (startExecutor(state, session, worker)) missing -= freeSlots(worker)
    }
  }
}

function freeSlots({ slots, usedSlots }: WorkerState): number {
  return slots - usedSlots
}

/** Sends what was launched: stages and locations before the first tasks that need them. */
function flush(state: ClusterState): void {
  for (const executor of state.launched) {
    const tasks = executor.launches
    if (tasks.length === 0) continue
    executor.launches = []
    for (const { jobId, stageId } of tasks) prepare(state, state.jobs.get(jobId)!, stageId, executor)
    state.emit({ kind: 'launch', executorId: executor.id, tasks })
  }
  state.launched.clear()
}

function prepare(state: ClusterState, job: JobState, stageId: number, executor: ExecutorState): void {
  let sent = executor.sent.get(job.id)
  if (sent === undefined) {
    sent = { stages: new Set(), outputs: new Map() }
    executor.sent.set(job.id, sent)
    job.executors.add(executor)
  }
  const { id: executorId } = executor
  const { runs } = job.machine.stages
  if (!sent.stages.has(stageId)) {
    sent.stages.add(stageId)
    state.emit({ kind: 'sendStage', executorId, jobId: job.id, stageId })
  }
  for (const input of runs[stageId]!.inputs) {
    const run = runs[input]!
    const { version } = run.outputs
    if (sent.outputs.get(input) === version) continue
    sent.outputs.set(input, version)
    const source = outputName(job.session.id, job.id, run.stage)
    const locations = locationsOf(state, run)
    state.emit({ kind: 'sendOutputs', executorId, jobId: job.id, stageId: input, version, source, locations })
  }
}

/** Made once for each version, as a thousand executors may get them. */
function locationsOf(state: ClusterState, run: StageRun): readonly OutputLocation[] {
  const { outputs } = run
  if (run.locations?.version === outputs.version) return run.locations.list
  const list = Array.from(outputs.holders, (holder, task) => {
    return { holderId: state.holders.get(holder)!.id, attempt: outputs.attempts[task]! }
  })
  run.locations = { version: outputs.version, list }
  return list
}
