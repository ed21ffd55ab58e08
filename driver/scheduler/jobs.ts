import type { ErrorData } from '../../engine/errors.ts'
import type { JobGraph, Stage } from '../stages/index.ts'
import { adaptOptions } from './adapt-job.ts'
import { removeAttempt } from './attempts.ts'
import { type ClusterEvent, type DurableOutput, keptJobId } from './cluster-events.ts'
import {
  attemptKey,
  type ClusterState,
  type ExecutorState,
  type JobState,
  type KeptState,
  type SessionState,
  type WorkerState,
} from './cluster-state.ts'
import type { JobEffect, JobEvent, MovedOutputs } from './events.ts'
import { CLUSTER_LIMITS } from './job-limits.ts'
import { JobMachine } from './job-machine.ts'
import { placesOfStage } from './placement.ts'
import { NO_HOLDER, StageOutputs } from './stage-outputs.ts'
import { TaskQueue } from './task-queue.ts'

type Submitted = Extract<ClusterEvent, { readonly kind: 'jobSubmitted' }>

const CANCELLED: ErrorData = { code: 'CANCELLED', message: 'the job was cancelled' }
const NO_SESSION: ErrorData = { code: 'CANCELLED', message: 'the session of the job is closed' }

/** A job begins. */
export function submitJob(state: ClusterState, { jobId, sessionId, graph, pool }: Submitted): void {
  if (state.jobs.has(jobId)) return
  const session = state.sessions.get(sessionId)
  const error = session === undefined ? NO_SESSION : clashOf(session, graph)
  if (session === undefined || error !== null) {
    state.emit({ kind: 'jobEnded', jobId, error })
    return
  }
  const used: KeptState[] = []
  const kept = (stage: Stage): KeptState => {
    const found = keptOf(session, stage)
    used.push(found)
    return found
  }
  const job: JobState = {
    id: jobId,
    session,
    pool: pool === '' ? (session.settings.get('scheduler.pool') ?? 'default') : pool,
    order: ++state.jobOrder,
    machine: new JobMachine(graph, { ...CLUSTER_LIMITS, kept, ...adaptOptions(state, session) }),
    queues: new Map(),
    attempts: new Map(),
    executors: new Set(),
    excluded: new Map(),
    failures: new Map(),
    results: new Map(),
    slow: new Set(),
    stuckSinceMs: null,
  }
  for (const each of used) each.users.add(job)
  state.jobs.set(jobId, job)
  session.jobs.add(job)
  hear(state, job, { kind: 'started' })
}

/** The kept outputs of a stage. They have one name, so dropped ones that a job still reads are taken back. */
function keptOf(session: SessionState, { keep, taskCount }: Stage): KeptState {
  const known = session.kept.get(keep!)
  if (known !== undefined) {
    known.isDropped = false
    return known
  }
  const made = {
    outputs: new StageOutputs(taskCount),
    maker: null,
    users: new Set<JobState>(),
    isDropped: false,
  }
  session.kept.set(keep!, made)
  return made
}

/** A stage whose key stands for outputs of another number of tasks. */
function clashOf(session: SessionState, { stages }: JobGraph): ErrorData | null {
  for (const { keep, taskCount } of stages) {
    const known = keep === undefined ? undefined : session.kept.get(keep)
    if (known === undefined || known.outputs.taskCount === taskCount) continue
    const message = `rows kept as "${keep}" have ${known.outputs.taskCount} parts, not ${taskCount}`
    return { code: 'INVALID_PARAMETER_VALUE', message }
  }
  return null
}

/** Something has happened to a job. */
export function hear(state: ClusterState, job: JobState, event: JobEvent): void {
  for (const effect of job.machine.handle(event, state.nowMs)) perform(state, job, effect)
}

export function failJob(state: ClusterState, job: JobState, error: ErrorData = CANCELLED): void {
  hear(state, job, { kind: 'cancelled', error })
}

function perform(state: ClusterState, job: JobState, effect: JobEffect): void {
  switch (effect.kind) {
    case 'queue':
      enqueue(state, job, effect.stageId, effect.partitions)
      break
    case 'cancel':
      cancelAttempt(state, job, effect)
      break
    case 'releaseOutput':
      release(state, job, effect.stageId)
      break
    case 'resultReady':
      announceResult(state, job, effect.partition)
      break
    case 'stageStarted':
    case 'stageEnded':
      state.emit({ kind: 'note', note: { kind: effect.kind, jobId: job.id, stageId: effect.stageId } })
      break
    case 'adapted': {
      const { stageId, text } = effect
      state.emit({ kind: 'note', note: { kind: 'adapted', jobId: job.id, stageId, text } })
      break
    }
    case 'outputsLost':
      state.emit({
        kind: 'note',
        note: { kind: 'outputsLost', jobId: job.id, stageId: effect.stageId, count: effect.count },
      })
      break
    case 'keptChanged':
      tellUsers(state, job, effect.stageId)
      break
    case 'retry':
      wakeAt(state, job, effect.delayMs)
      break
    case 'finish':
      endJob(state, job, null)
      break
    case 'fail':
      endJob(state, job, effect.error)
      break
  }
}

function enqueue(state: ClusterState, job: JobState, stageId: number, partitions: readonly number[]): void {
  let stage = job.queues.get(stageId)
  if (stage === undefined) {
    const { stages } = job.machine
    const places = placesOfStage(state, stages, stages.runs[stageId]!)
    const queue = new TaskQueue(state.nowMs, places)
    stage = { queue, attempts: new Map(), durations: [], durationCount: 0, meanMs: 0, checkedMs: 0 }
    job.queues.set(stageId, stage)
  }
  stage.queue.add(partitions)
  state.offersAll = true
}

function cancelAttempt(
  state: ClusterState,
  job: JobState,
  { stageId, partition, attempt }: Extract<JobEffect, { readonly kind: 'cancel' }>,
): void {
  const found = job.queues.get(stageId)?.attempts.get(attemptKey(partition, attempt))
  if (found === undefined) return
  const isOnItsWay = found.executor.launches.some(({ attemptId }) => attemptId === found.id)
  removeAttempt(state, found)
  if (!isOnItsWay)
    state.emit({ kind: 'cancelAttempts', executorId: found.executor.id, attemptIds: [found.id] })
}

function wakeAt(state: ClusterState, job: JobState, delayMs: number): void {
  state.retriesInMs = delayMs
  if (delayMs > 0) state.after(delayMs, () => hear(state, job, { kind: 'tick' }))
}

function release(state: ClusterState, job: JobState, stageId: number | null): void {
  for (const executor of job.executors)
    if (executor.state === 'ready')
      state.emit({ kind: 'release', executorId: executor.id, jobId: job.id, stageId })
}

function announceResult(state: ClusterState, job: JobState, partition: number): void {
  const { outputs } = job.machine.stages.result
  const attempt = job.results.get(partition)!
  const holder = state.holders.get(outputs.holders[partition]!) ?? attempt.executor
  state.emit({
    kind: 'resultReady',
    jobId: job.id,
    partition,
    attemptId: attempt.id,
    location: { holderId: holder.id, attempt: attempt.task.attempt },
  })
}

/** Other jobs that read the kept outputs of a stage look at them again. */
function tellUsers(state: ClusterState, job: JobState, stageId: number): void {
  const { kept } = job.machine.stages.runs[stageId]!
  for (const user of (kept as KeptState | null)?.users ?? [])
    if (user !== job) hear(state, user, { kind: 'keptChanged' })
}

function endJob(state: ClusterState, job: JobState, error: ErrorData | null): void {
  const { session } = job
  state.jobs.delete(job.id)
  session.jobs.delete(job)
  for (const attempt of [...job.attempts.values()]) removeAttempt(state, attempt)
  for (const executor of job.executors) executor.sent.delete(job.id)
  release(state, job, null)
  job.executors.clear()
  for (const { kept, stage } of job.machine.stages.runs) {
    if (kept === null || stage.keep === undefined) continue
    const used = kept as KeptState // What `submitJob` gave the machine.
    used.users.delete(job)
    if (used.isDropped) freeKept(state, session, stage.keep, used)
  }
  state.offersAll = true
  state.emit({ kind: 'jobEnded', jobId: job.id, error })
}

/** Kept outputs are not wanted any more; they go when no job reads them. */
export function dropKept(state: ClusterState, session: SessionState, key: string): void {
  const kept = session.kept.get(key)
  if (kept === undefined) return
  kept.isDropped = true
  freeKept(state, session, key, kept)
}

function freeKept(state: ClusterState, session: SessionState, key: string, kept: KeptState): void {
  if (kept.users.size > 0) return
  session.kept.delete(key)
  for (const executor of session.executors)
    if (executor.state === 'ready')
      state.emit({
        kind: 'release',
        executorId: executor.id,
        jobId: keptJobId(session.id, key),
        stageId: null,
      })
}

/** Nothing is to be had of a holder any more, except what `outputs` say its worker has. */
export function loseHolder(
  state: ClusterState,
  holder: ExecutorState | WorkerState,
  outputs: readonly DurableOutput[],
): void {
  const survivor = 'worker' in holder ? holder.worker.number : NO_HOLDER
  const durable = new Set(
    outputs.map((each) => outputKey(each.jobId, each.stageId, each.partition, each.attempt)),
  )
  const sessions = 'session' in holder ? [holder.session] : state.sessions.values()
  for (const session of sessions) {
    for (const [key, { outputs }] of session.kept) {
      const name = keptJobId(session.id, key)
      moveOutputs(outputs, holder.number, (partition, attempt) =>
        durable.has(outputKey(name, 0, partition, attempt)) ? survivor : NO_HOLDER,
      )
    }
    for (const job of [...session.jobs]) {
      const moved: MovedOutputs = (stageId, partition, attempt) =>
        durable.has(outputKey(job.id, stageId, partition, attempt)) ? survivor : NO_HOLDER
      hear(state, job, { kind: 'holderLost', holder: holder.number, moved })
    }
  }
}

function moveOutputs(
  outputs: StageOutputs,
  lost: number,
  moved: (partition: number, attempt: number) => number,
): void {
  for (let partition = 0; partition < outputs.taskCount; partition++) {
    if (outputs.holders[partition] !== lost) continue
    const next = moved(partition, outputs.attempts[partition]!)
    if (next === NO_HOLDER) outputs.clear(partition)
    else outputs.move(partition, next)
  }
}

export function outputKey(jobId: string, stageId: number, partition: number, attempt: number): string {
  return `${jobId} ${stageId} ${partition} ${attempt}`
}
