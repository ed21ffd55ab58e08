import { errorFromData } from '../../engine/errors.ts'
import type { JobGraph } from '../stages/index.ts'
import { Allocation } from './allocation.ts'
import { causeOf, noteDuration, removeAttempt } from './attempts.ts'
import type { AttemptResult, ClusterEffect, ClusterEvent, MissingOutput } from './cluster-events.ts'
import { type AttemptState, ClusterState, type JobState } from './cluster-state.ts'
import { forgiveLast, noteFailure } from './exclusion.ts'
import { loseExecutor, readyExecutor } from './executors.ts'
import { dropKept, failJob, hear, submitJob } from './jobs.ts'
import { schedule } from './launching.ts'
import { hasWork } from './pools.ts'
import { DEFAULT_SCHEDULER_SETTINGS, type SchedulerSettings } from './scheduler-settings.ts'
import { closeSession, openSession } from './sessions.ts'
import { findSlow } from './speculation.ts'
import { DRIVER_HOLDER } from './stage-outputs.ts'
import { drainWorker, joinWorker, loseWorker } from './workers.ts'

export interface ClusterSchedulerOptions {
  readonly settings?: Partial<SchedulerSettings>
}

type Ended = Extract<AttemptResult, { readonly ok: false }>

/**
 * What runs where in a cluster. Deterministic, without clock, link or randomness: events go in with the time
 * of a monotonic clock, effects come out, to be performed in order. What a job wants to run is its
 * JobMachine's to say; here tasks get slots (launching.ts), sessions executors (executors.ts), jobs their
 * turn (pools.ts).
 *
 * Whatever is heard of workers, executors, attempts and jobs that are unknown is old news, and ignored.
 */
export class ClusterScheduler {
  readonly state: ClusterState
  readonly #allocation = new Allocation()
  #checkedMs = Number.NEGATIVE_INFINITY

  constructor({ settings = {} }: ClusterSchedulerOptions = {}) {
    this.state = new ClusterState({ ...DEFAULT_SCHEDULER_SETTINGS, ...settings })
  }

  /** Effects in the order in which they are to be performed. */
  handle(event: ClusterEvent, nowMs: number): readonly ClusterEffect[] {
    const { state } = this
    state.nowMs = nowMs
    state.effects = []
    this.#runAlarms()
    this.#dispatch(event)
    schedule(state)
    this.#allocation.update(state)
    return state.effects
  }

  /** When it wants an event at the latest, a `tick` if there is no other; null: never. */
  nextWakeMs(): number | null {
    const alarmMs = this.state.alarms.firstMs
    if (this.state.jobs.size === 0) return alarmMs
    const checkMs = Math.max(0, this.#checkedMs) + this.state.settings.speculation.checkMs
    return alarmMs === null ? checkMs : Math.min(alarmMs, checkMs)
  }

  /** The graph of a running job, as adaptive execution left it; undefined if the job is over. */
  graphOf(jobId: string): JobGraph | undefined {
    return this.state.jobs.get(jobId)?.machine.stages.graph
  }

  #runAlarms(): void {
    for (;;) {
      const run = this.state.alarms.popDue(this.state.nowMs)
      if (run === undefined) break
      run()
    }
    if (this.state.jobs.size === 0) return
    if (this.state.nowMs < this.#checkedMs + this.state.settings.speculation.checkMs) return
    this.#checkedMs = this.state.nowMs
    findSlow(this.state)
    this.#failStuck()
  }

  #dispatch(event: ClusterEvent): void {
    const { state } = this
    switch (event.kind) {
      case 'workerJoined':
        joinWorker(state, event)
        break
      case 'workerLost':
        loseWorker(state, event.workerId, event.reason)
        break
      case 'workerDraining':
        drainWorker(state, event.workerId)
        break
      case 'sessionOpened':
        openSession(state, event)
        break
      case 'sessionClosed':
        closeSession(state, event.sessionId)
        break
      case 'executorReady':
      case 'executorLost':
      case 'executorBeat':
        this.#onExecutor(event)
        break
      case 'jobSubmitted':
        submitJob(state, event)
        break
      case 'jobCancelled':
      case 'resultTaken':
      case 'resultLost':
        this.#onJob(event)
        break
      case 'keptDropped': {
        const session = state.sessions.get(event.sessionId)
        if (session !== undefined) dropKept(state, session, event.key)
        break
      }
      case 'tasksBegun':
        for (const id of event.attemptIds) this.#begun(state.attempts.get(id))
        break
      case 'taskEnded':
        this.#onEnd(state.attempts.get(event.attemptId), event.result)
        break
      case 'tick':
        break
    }
  }

  #onExecutor(
    event: Extract<ClusterEvent, { readonly kind: 'executorReady' | 'executorLost' | 'executorBeat' }>,
  ): void {
    const executor = this.state.executors.get(event.executorId)
    if (executor === undefined) {
      // One that was given up is back: it must not go on.
      if (event.kind !== 'executorLost')
        this.state.emit({ kind: 'stopExecutor', executorId: event.executorId, kill: true })
    } else if (event.kind === 'executorReady') readyExecutor(this.state, executor)
    else if (event.kind === 'executorBeat') this.#onBeat(executor.id, event.running)
    else {
      loseExecutor(this.state, executor, event.reason, event.outputs)
      forgiveLast(this.state)
    }
  }

  #onJob(
    event: Extract<ClusterEvent, { readonly kind: 'jobCancelled' | 'resultTaken' | 'resultLost' }>,
  ): void {
    const job = this.state.jobs.get(event.jobId)
    if (job === undefined) return
    if (event.kind === 'jobCancelled') failJob(this.state, job)
    else if (event.kind === 'resultTaken')
      hear(this.state, job, { kind: 'resultTaken', partition: event.partition })
    else {
      const { partition, missing } = event
      const stageId = job.machine.stages.result.id
      const lost = { stageId, partition, attempt: missing.attempt }
      hear(this.state, job, { kind: 'outputLost', lost })
    }
  }

  #begun(attempt: AttemptState | undefined): void {
    if (attempt !== undefined) attempt.begunMs = this.state.nowMs
  }

  #onEnd(attempt: AttemptState | undefined, result: AttemptResult): void {
    if (attempt === undefined) return
    const { state } = this
    const { job, task, executor } = attempt
    const at = { stageId: task.stageId, partition: task.partition, attempt: task.attempt }
    removeAttempt(state, attempt)
    if (!result.ok) {
      this.#onFailure(attempt, result)
      return
    }
    noteDuration(state, attempt)
    const isResult = task.stageId === job.machine.stages.result.id
    if (isResult) job.results.set(task.partition, attempt)
    const holder = isResult && result.inline ? DRIVER_HOLDER : executor.number
    hear(state, job, { kind: 'succeeded', ...at, holder, partitionBytes: result.partitionBytes })
  }

  #onFailure({ job, task, executor }: AttemptState, { error, missing }: Ended): void {
    const { state } = this
    const cause = causeOf(errorFromData(error).errorClass, error, missing !== null)
    const at = { stageId: task.stageId, partition: task.partition, attempt: task.attempt }
    const holder = missing === null ? executor.worker : this.#workerOf(missing)
    if (cause !== 'fatal' && holder !== null) noteFailure(state, job, holder)
    const before = state.effects.length
    state.retriesInMs = null
    hear(state, job, { kind: 'failed', ...at, error, cause, missing })
    const { retriesInMs } = state
    const note = { kind: 'attemptFailed', task, executorId: executor.id, error, retriesInMs } as const
    state.effects.splice(before, 0, { kind: 'note', note })
  }

  /** Whose outputs could not be had. */
  #workerOf({ executorId }: MissingOutput) {
    return this.state.executors.get(executorId)?.worker ?? this.state.workers.get(executorId) ?? null
  }

  /** What we forgot is cancelled there; what the executor forgot is lost. */
  #onBeat(executorId: string, running: readonly number[]): void {
    const { state } = this
    const executor = state.executors.get(executorId)!
    const known = new Set(running)
    const unknown = running.filter((id) => state.attempts.get(id)?.executor !== executor)
    if (unknown.length > 0) state.emit({ kind: 'cancelAttempts', executorId, attemptIds: unknown })
    for (const attempt of [...executor.running, ...executor.ahead]) {
      attempt.missedBeats = known.has(attempt.id) ? 0 : attempt.missedBeats + 1
      // After one beat the message of its end may still be on its way.
      if (attempt.missedBeats < 2 || state.nowMs < attempt.launchedMs + state.settings.beatGraceMs) continue
      if (!state.attempts.has(attempt.id)) continue
      const message = `executor ${executorId} does not know of the task any more`
      // It may be on its way there still.
      state.emit({ kind: 'cancelAttempts', executorId, attemptIds: [attempt.id] })
      removeAttempt(state, attempt)
      this.#onFailure(attempt, { ok: false, error: { code: 'WORKER_LOST', message }, missing: null })
    }
  }

  /** Jobs for which no worker has had room for long. */
  #failStuck(): void {
    const { state } = this
    for (const job of [...state.jobs.values()]) {
      if (job.attempts.size > 0 || !hasWork(job)) job.stuckSinceMs = null
      else job.stuckSinceMs ??= state.nowMs
      if (job.stuckSinceMs === null || state.nowMs - job.stuckSinceMs < state.settings.placementMs) continue
      const seconds = Math.round(state.settings.placementMs / 1000)
      const message = `no worker has had room for the tasks of the job for ${seconds} s`
      const hint = this.#whyStuck(job)
      failJob(state, job, { code: 'RESOURCES_EXHAUSTED', message, hint })
    }
  }

  #whyStuck({ session }: JobState): string {
    if (this.state.workers.size === 0) return 'There are no workers.'
    const mib = Math.round(session.executorMemoryBytes / 2 ** 20)
    const memory = mib === 0 ? 'half of a worker' : `${mib} MiB`
    return `An executor of the session takes ${memory}, and barrier stages need a slot for each task.`
  }
}
