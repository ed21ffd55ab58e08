import type { JobGraph } from '../stages/index.ts'
import type { FailureCause, JobEffect, JobEvent, TaskAttempt } from './events.ts'
import { LOCAL_LIMITS } from './job-limits.ts'
import { JobStages, type JobStagesOptions } from './job-stages.ts'
import { DRIVER_HOLDER } from './stage-outputs.ts'
import { DELAYED, IDLE, QUEUED, RUNNING, type StageRun } from './stage-run.ts'
import { TimeHeap } from './time-heap.ts'

/** How jobs run on the threads of this process. */
export const LOCAL_JOB: JobStagesOptions = {
  ...LOCAL_LIMITS,
  kept: null,
  adapt: null,
  onComplete: null,
  waits: null,
}

type Failed = Extract<JobEvent, { readonly kind: 'failed' }>
type Succeeded = Extract<JobEvent, { readonly kind: 'succeeded' }>

/**
 * One job: which tasks want to run, and what their ends mean. Deterministic, without clock or thread: events
 * go in with their time, effects come out. What its stages wait for is job-stages.ts.
 *
 * ```
 * task: idle ─▶ queued ─begin─▶ running ─succeeded─▶ done ─lost─▶ idle
 *         ▲                        │ failed
 *         └──── after a delay ─────┘
 * ```
 */
export class JobMachine {
  readonly stages: JobStages
  readonly hasBarriers: boolean
  status: 'running' | 'done' | 'failed' = 'running'
  readonly #options: JobStagesOptions
  readonly #delayed: TimeHeap<{ readonly run: StageRun; readonly partition: number }> = new TimeHeap()
  #nowMs = 0

  constructor(graph: JobGraph, options: JobStagesOptions) {
    this.#options = options
    this.stages = new JobStages(graph, options)
    this.hasBarriers = graph.stages.some(({ barrier }) => barrier === true)
  }

  /** Tasks that are queued and may begin. */
  get pendingCount(): number {
    return this.stages.pendingCount
  }

  /** When it wants a tick; null: it does not. */
  get nextWakeMs(): number | null {
    return this.status === 'running' ? this.#delayed.firstMs : null
  }

  handle(event: JobEvent, nowMs: number): readonly JobEffect[] {
    if (this.status !== 'running') return []
    this.#nowMs = nowMs
    this.stages.effects = []
    switch (event.kind) {
      case 'started':
      case 'keptChanged':
        this.#settle()
        break
      case 'succeeded':
        this.#onSuccess(event)
        break
      case 'failed':
        this.#onFailure(event)
        break
      case 'outputLost':
        this.stages.lose(event.lost)
        this.#settle()
        break
      case 'outputFound':
        this.#onFound(event.found, event.holder)
        break
      case 'holderLost':
        this.stages.loseHolder(event.holder, event.moved)
        this.#settle()
        break
      case 'resultTaken':
        this.#onTaken(event.partition)
        break
      case 'cancelled':
        this.#end('failed', { kind: 'fail', error: event.error })
        break
      case 'tick':
        this.#wake()
        break
    }
    return this.stages.effects
  }

  /**
   * The number of a new attempt of a task that now begins; -1: it wants none. With `isSpare` one more attempt
   * of a task that runs already.
   */
  begin(stageId: number, partition: number, isSpare = false): number {
    const run = this.stages.runs[stageId]!
    if (this.status !== 'running' || !run.isReady) return -1
    if (run.outputs.isDone(partition)) {
      this.stages.dequeue(run, partition)
      return -1
    }
    if (run.status[partition] !== (isSpare ? RUNNING : QUEUED)) return -1
    if (!isSpare) {
      run.setStatus(partition, RUNNING)
      this.stages.pendingCount--
    }
    const attempt = run.outputs.nextAttempt(partition)
    run.addRunning(partition, attempt)
    return attempt
  }

  /** Stages whose outputs are all there, or were and have been read. */
  get stagesDone(): number {
    const { runs } = this.stages
    return runs.filter(({ wasStarted, isMade, outputs }) => !isMade && (wasStarted || outputs.isComplete))
      .length
  }

  #settle(): void {
    this.stages.settle()
    const { outputs } = this.stages.result
    const isDone = this.#options.takesResults
      ? this.stages.taken.size === outputs.taskCount
      : outputs.isComplete
    if (isDone) this.#end('done', { kind: 'finish' })
  }

  #onSuccess({ stageId, partition, attempt, holder, partitionBytes }: Succeeded): void {
    const run = this.stages.runs[stageId]!
    if (!run.removeRunning(partition, attempt)) return // A loser, whose end is heard late.
    this.#settleTask(run, partition, attempt, holder, partitionBytes)
  }

  /** A task is done: others that try it stop, and what waited for it begins. */
  #settleTask(
    run: StageRun,
    partition: number,
    attempt: number,
    holder: number,
    partitionBytes: readonly number[],
  ): void {
    this.#stopTask(run, partition)
    if (run.outputs.isDone(partition)) return // Kept outputs: another job was faster.
    run.outputs.set(partition, holder, attempt, partitionBytes)
    if (run === this.stages.result && this.#options.takesResults) this.#announce(run, partition)
    if (run.outputs.isComplete || !run.isMade) this.#settle()
  }

  /** Rows of a barrier stage count when all its tasks are done, since before that all may begin again. */
  #announce(run: StageRun, partition: number): void {
    const { attempts, taskCount, isComplete } = run.outputs
    if (run.isBarrier && !isComplete) return
    const partitions = run.isBarrier ? Array.from({ length: taskCount }, (_, at) => at) : [partition]
    for (const each of partitions)
      if (!this.stages.taken.has(each))
        this.stages.effects.push({ kind: 'resultReady', partition: each, attempt: attempts[each]! })
  }

  #onFailure({ stageId, partition, attempt, error, cause, missing }: Failed): void {
    const run = this.stages.runs[stageId]!
    if (!run.removeRunning(partition, attempt)) return
    if (cause === 'fatal' || this.#isOver(run, run.isBarrier ? 0 : partition, cause)) {
      this.#end('failed', { kind: 'fail', error })
      return
    }
    const delayMs = cause === 'transient' ? this.#backOff(run.failures[run.isBarrier ? 0 : partition]!) : 0
    this.stages.effects.push({ kind: 'retry', stageId, partition, attempt, delayMs })
    if (run.isBarrier) this.#retryBarrier(run, delayMs)
    else if (!run.running.has(partition)) this.#retry(run, partition, delayMs)
    if (missing !== null) {
      this.stages.lose(missing)
      this.#settle()
    }
  }

  /** Counts the failure; whether there have been too many of its kind. */
  #isOver(run: StageRun, partition: number, cause: FailureCause): boolean {
    const { maxFailures, maxLosses, maxFetchFailures } = this.#options
    if (cause === 'lost') return ++run.losses[partition]! >= maxLosses
    if (cause === 'fetch') return ++run.fetchFailures[partition]! >= maxFetchFailures
    return ++run.failures[partition]! >= maxFailures
  }

  #backOff(failures: number): number {
    const { backOffMs, maxBackOffMs } = this.#options
    return Math.min(maxBackOffMs, backOffMs * 2 ** (failures - 1))
  }

  #retry(run: StageRun, partition: number, delayMs: number): void {
    run.setStatus(partition, delayMs > 0 ? DELAYED : IDLE)
    if (delayMs > 0) this.#delayed.push(this.#nowMs + delayMs, { run, partition })
    else if (run.isReady) this.stages.requeue(run, partition)
  }

  #retryBarrier(run: StageRun, delayMs: number): void {
    this.stages.reset(run, delayMs > 0 ? DELAYED : IDLE)
    if (delayMs > 0) this.#delayed.push(this.#nowMs + delayMs, { run, partition: -1 })
    else if (run.isReady) this.stages.queue(run, run.enqueueAll())
    this.stages.countPending()
  }

  #wake(): void {
    for (;;) {
      const due = this.#delayed.popDue(this.#nowMs)
      if (due === undefined) return
      const { run, partition } = due
      for (let at = Math.max(0, partition); at < (partition < 0 ? run.status.length : partition + 1); at++)
        if (run.status[at] === DELAYED) run.setStatus(at, IDLE)
      if (!run.isReady) continue
      if (partition >= 0) this.stages.requeue(run, partition)
      else this.stages.queue(run, run.enqueueAll())
      this.stages.countPending()
    }
  }

  /** Of the attempt that counted before, so that readers who have some of it read on the same rows. */
  #onFound({ stageId, partition, attempt }: TaskAttempt, holder: number): void {
    const run = this.stages.runs[stageId]
    if (
      run === undefined ||
      run.isBarrier ||
      run.kept !== null ||
      run.outputs.attempts[partition] !== attempt
    )
      return
    if (run.outputs.isDone(partition)) return
    this.#settleTask(run, partition, attempt, holder, [])
  }

  #onTaken(partition: number): void {
    const run = this.stages.result
    if (this.stages.taken.has(partition)) return
    this.stages.taken.add(partition)
    this.#stopTask(run, partition)
    run.outputs.set(partition, DRIVER_HOLDER, run.outputs.attempts[partition]!, [])
    this.#settle()
  }

  #stopTask(run: StageRun, partition: number): void {
    for (const attempt of run.running.get(partition) ?? [])
      this.stages.effects.push({ kind: 'cancel', stageId: run.id, partition, attempt })
    run.running.delete(partition)
    if (run.isReady && run.status[partition] === QUEUED) this.stages.pendingCount--
    run.setStatus(partition, IDLE)
  }

  #end(status: 'done' | 'failed', effect: JobEffect): void {
    this.status = status
    this.stages.pendingCount = 0
    for (const run of this.stages.runs) {
      this.stages.cancelAll(run)
      this.stages.unclaim(run)
      run.isReady = false
    }
    this.stages.effects.push(effect)
  }
}
