import type { ErrorData } from '../../engine/errors.ts'
import type { LaunchedTask } from './cluster-events.ts'
import {
  type AttemptState,
  attemptKey,
  type ClusterState,
  type ExecutorState,
  type JobState,
} from './cluster-state.ts'
import type { FailureCause } from './events.ts'

/** How many durations of a stage's tasks are remembered. */
const MOST_DURATIONS = 1000

/** An attempt that the machine has begun goes to an executor: to a slot, or to wait there for one. */
export function addAttempt(
  state: ClusterState,
  job: JobState,
  executor: ExecutorState,
  at: { readonly stageId: number; readonly partition: number; readonly attempt: number },
  how: { readonly isSpare: boolean; readonly isAhead: boolean },
): AttemptState {
  const run = job.machine.stages.runs[at.stageId]!
  const task: LaunchedTask = {
    attemptId: ++state.lastAttemptId,
    jobId: job.id,
    ...at,
    slices: run.slices?.[at.partition] ?? null,
  }
  const attempt: AttemptState = {
    id: task.attemptId,
    job,
    task,
    executor,
    isSpare: how.isSpare,
    launchedMs: state.nowMs,
    begunMs: 0,
    missedBeats: 0,
    isAhead: how.isAhead,
  }
  state.attempts.set(attempt.id, attempt)
  job.attempts.set(attempt.id, attempt)
  job.queues.get(at.stageId)!.attempts.set(attemptKey(at.partition, at.attempt), attempt)
  if (how.isAhead) executor.ahead.add(attempt)
  else takeSlot(executor, attempt)
  executor.launches.push(task)
  return attempt
}

function takeSlot(executor: ExecutorState, attempt: AttemptState): void {
  attempt.isAhead = false
  executor.running.add(attempt)
  executor.worker.usedSlots++
  executor.session.usedSlots++
}

/**
 * An attempt is no more, however it ended. Its slot goes to one that waits at the same executor, since the
 * executor has begun that already, or back to the worker.
 */
export function removeAttempt(state: ClusterState, attempt: AttemptState): void {
  const { executor, job, task } = attempt
  if (!state.attempts.delete(attempt.id)) return
  job.attempts.delete(attempt.id)
  job.slow.delete(attempt)
  job.queues.get(task.stageId)!.attempts.delete(attemptKey(task.partition, task.attempt))
  if (executor.launches.length > 0)
    executor.launches = executor.launches.filter(({ attemptId }) => attemptId !== attempt.id)
  if (!executor.running.delete(attempt)) executor.ahead.delete(attempt)
  else {
    executor.worker.usedSlots--
    executor.session.usedSlots--
    const [next] = executor.ahead
    if (next !== undefined) {
      executor.ahead.delete(next)
      takeSlot(executor, next)
    }
  }
  state.freed.add(executor.worker)
  // What the session may have more of now it may want on another worker, say since this one drains.
  if (executor.session.maxSlots > 0) state.offersAll = true
  if (executor.running.size === 0) executor.sinceMs = state.nowMs
}

/** Remembers how long a task took. */
export function noteDuration(
  { nowMs }: ClusterState,
  { job, task, launchedMs, begunMs }: AttemptState,
): void {
  const stage = job.queues.get(task.stageId)!
  const took = nowMs - (begunMs > 0 ? begunMs : launchedMs)
  stage.durations[stage.durationCount++ % MOST_DURATIONS] = took
  const sinceLaunch = nowMs - launchedMs
  stage.meanMs = stage.meanMs === 0 ? sinceLaunch : stage.meanMs * 0.9 + sinceLaunch * 0.1
}

/** What an attempt's error means for the next one. */
export function causeOf(errorClass: string, error: ErrorData, hasMissing: boolean): FailureCause {
  if (hasMissing) return 'fetch'
  if (error.code === 'WORKER_LOST') return 'lost'
  return errorClass === 'transient' ? 'transient' : 'fatal'
}
