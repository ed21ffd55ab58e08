import { EngineError, type ErrorData, errorToData } from '../../engine/errors.ts'
import type { TaskLaunch } from '../../proto/cluster/index.ts'
import type { DoneMessage, TaskMessage, TaskReply } from '../../proto/messages/index.ts'
import type { OutputStore } from '../blocks/index.ts'
import type { ThreadPool } from '../threads/index.ts'
import { keepOutput } from './keep-output.ts'
import { lostThreadError } from './lost-thread.ts'
import type { TaskReports } from './reports.ts'
import type { ExecutorStage, StageBook } from './stage-book.ts'
import { nextTaskId } from './task-ids.ts'
import type { PreparedInputs, TaskInputs } from './task-inputs.ts'

/** Tasks whose inputs are here, or on their way, beyond those that run: for each thread. */
const PREPARED_AHEAD = 1

/** One attempt of a task, from its launch to its end. */
interface Attempt {
  readonly launch: TaskLaunch
  readonly stage: ExecutorStage
  readonly taskId: number
  readonly abort: AbortController
  /** At the threads. */
  isSubmitted: boolean
  hasBegun: boolean
}

/** What the attempts of an executor need of it. */
export interface AttemptHost {
  readonly threads: ThreadPool
  readonly store: OutputStore
  readonly book: StageBook
  readonly inputs: TaskInputs
  readonly reports: TaskReports
}

/**
 * The tasks of an executor. What one reads is fetched before it runs, while others run; the driver hears of
 * every task exactly one end.
 *
 * ```
 * launch ─▶ waiting ─▶ its inputs are fetched ─▶ at the threads ─▶ its output is kept ─▶ end
 * ```
 */
export class Attempts {
  readonly #host: AttemptHost
  readonly #all = new Map<number, Attempt>()
  readonly #byTask = new Map<number, Attempt>()
  #waiting: Attempt[] = []
  #prepared = 0
  #endWaiters: { readonly jobId: string; readonly resolve: () => void }[] = []

  constructor(host: AttemptHost) {
    this.#host = host
  }

  /** How many attempts have not ended. */
  get count(): number {
    return this.#all.size
  }

  /** Attempts that have not ended. */
  get running(): number[] {
    return [...this.#all.keys()]
  }

  launch(tasks: readonly TaskLaunch[]): void {
    for (const launch of tasks) {
      try {
        const stage = this.#host.book.stage(launch.jobId, launch.stage)
        const attempt: Attempt = {
          launch,
          stage,
          taskId: nextTaskId(),
          abort: new AbortController(),
          isSubmitted: false,
          hasBegun: false,
        }
        this.#all.set(launch.attemptId, attempt)
        this.#byTask.set(attempt.taskId, attempt)
        if (stage.hasInputs) this.#waiting.push(attempt)
        else this.#submit(attempt, null)
      } catch (error) {
        this.#host.reports.failed(launch.attemptId, error)
      }
    }
    this.#prepareNext()
  }

  /** Stops attempts; each ends as cancelled, unless it has ended before. */
  cancel(attemptIds: readonly number[]): void {
    const taskIds = new Set<number>()
    for (const attemptId of attemptIds) {
      const attempt = this.#all.get(attemptId)
      if (attempt === undefined) continue
      attempt.abort.abort(cancelled())
      if (attempt.isSubmitted) taskIds.add(attempt.taskId)
    }
    const dropped = this.#waiting.filter(({ abort }) => abort.signal.aborted)
    this.#waiting = this.#waiting.filter(({ abort }) => !abort.signal.aborted)
    for (const attempt of dropped) this.#fail(attempt, cancelled())
    if (taskIds.size > 0) void this.#host.threads.cancel(({ taskId }) => taskIds.has(taskId))
  }

  /** Stops all attempts of a job; resolves when all have ended, and nothing of them is on its way. */
  async cancelJob(jobId: string): Promise<void> {
    const own = [...this.#all.values()].filter(({ launch }) => launch.jobId === jobId)
    this.cancel(own.map(({ launch }) => launch.attemptId))
    if (own.some(({ launch }) => this.#all.has(launch.attemptId)))
      await new Promise<void>((resolve) => this.#endWaiters.push({ jobId, resolve }))
  }

  /** Reports the attempts that have begun since the last time. */
  reportBegun(): void {
    const begun: number[] = []
    for (const taskId of this.#host.threads.runningTasks()) {
      const attempt = this.#byTask.get(taskId)
      if (attempt === undefined || attempt.hasBegun) continue
      attempt.hasBegun = true
      begun.push(attempt.launch.attemptId)
    }
    if (begun.length > 0) this.#host.reports.begun(begun)
  }

  /** Fetches for the next tasks, as many as shall be ready when a thread is free. */
  #prepareNext(): void {
    const most = this.#host.threads.size * (1 + PREPARED_AHEAD)
    while (this.#prepared < most) {
      const attempt = this.#waiting.shift()
      if (attempt === undefined) return
      this.#prepared++
      void this.#prepare(attempt)
    }
  }

  async #prepare(attempt: Attempt): Promise<void> {
    const { stage, launch, abort } = attempt
    let inputs: PreparedInputs
    try {
      inputs = await this.#host.inputs.prepare(stage, launch.partition, launch.slices, abort.signal)
    } catch (error) {
      this.#prepared--
      this.#fail(attempt, abort.signal.aborted ? cancelled() : error)
      this.#prepareNext()
      return
    }
    if (abort.signal.aborted) {
      this.#fail(attempt, cancelled())
      this.#ended(inputs)
    } else this.#submit(attempt, inputs)
  }

  #submit(attempt: Attempt, inputs: PreparedInputs | null): void {
    const { stage, launch, taskId, abort } = attempt
    const { stageNumber, tag } = stage
    const ids = { taskId, tag, stageNumber, partition: launch.partition, attempt: launch.attempt }
    const message: TaskMessage =
      inputs === null ? ids : { ...ids, shuffleInputs: inputs.shuffleInputs, tables: inputs.tables }
    attempt.isSubmitted = true
    this.#host.threads.submit(message, {
      onMessage: (reply) => {
        this.#ended(inputs)
        this.#onReply(attempt, reply)
      },
      onLost: (reason) => {
        this.#ended(inputs)
        this.#fail(attempt, abort.signal.aborted ? cancelled() : lostThreadError(reason))
      },
    })
  }

  /** A task needs its inputs no more. */
  #ended(inputs: PreparedInputs | null): void {
    if (inputs === null) return
    inputs.release()
    this.#prepared--
    this.#prepareNext()
  }

  #onReply(attempt: Attempt, reply: TaskReply): void {
    if (reply.kind === 'failed') {
      const { code, position } = reply.error
      // Whoever wants that output next hears that it is missing, and it is made again.
      if (code === 'BLOCK_CORRUPT' && position?.file !== undefined)
        this.#host.store.removeCorrupt(position.file)
      this.#failWith(attempt, reply.error, reply)
      return
    }
    // Tasks of executors leave all their rows as an output.
    if (reply.kind === 'done') void this.#keep(attempt, reply)
  }

  async #keep(attempt: Attempt, done: DoneMessage): Promise<void> {
    const { launch, stage } = attempt
    try {
      const kept = keepOutput(this.#host.store, stage, launch, done)
      // Most outputs stay in memory, and need no wait.
      const end = kept instanceof Promise ? await kept : kept
      this.#host.reports.done(launch.attemptId, end, done)
      this.#forget(attempt)
    } catch (error) {
      this.#failWith(attempt, errorToData(error), done)
    }
  }

  #fail(attempt: Attempt, error: unknown): void {
    this.#host.reports.failed(attempt.launch.attemptId, error)
    this.#forget(attempt)
  }

  #failWith(attempt: Attempt, error: ErrorData, measured: Pick<DoneMessage, 'metrics' | 'timing'>): void {
    this.#host.reports.failed(attempt.launch.attemptId, error, measured)
    this.#forget(attempt)
  }

  #forget({ launch, taskId }: Attempt): void {
    this.#all.delete(launch.attemptId)
    this.#byTask.delete(taskId)
    if (this.#endWaiters.length > 0) this.#wakeWaiters()
  }

  #wakeWaiters(): void {
    const busy = new Set([...this.#all.values()].map(({ launch }) => launch.jobId))
    const over = this.#endWaiters.filter(({ jobId }) => !busy.has(jobId))
    this.#endWaiters = this.#endWaiters.filter(({ jobId }) => busy.has(jobId))
    for (const { resolve } of over) resolve()
  }
}

function cancelled(): EngineError {
  return new EngineError('CANCELLED', 'the task was cancelled')
}
