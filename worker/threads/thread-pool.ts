import { assert } from '../../engine/errors.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { ThreadProfile } from '../../engine/run/index.ts'
import type { CodeMessage, StageMessage, TaskMessage } from '../../proto/messages/index.ts'
import { MOST_POSTED, type TaskListener } from './claims.ts'
import { TaskQueue } from './task-queue.ts'
import { WorkerThread } from './worker-thread.ts'

const CLOSED = 'the session was stopped'
const CANCELLED = 'it was cancelled before it began'

/** So much work waits at a thread, as far as one can tell by the tasks before; one task at the least. */
const AHEAD_US = 3000

/** How much one more task counts in the mean of what tasks took. */
const MEAN_WEIGHT = 0.1

/** Gets what threads saw of themselves; they are sampled from their start if there is one. */
export interface ThreadObserver {
  /** The samples of a thread, by its number, when the pool closes. */
  onThread(threadId: number, profile: ThreadProfile): void
}

/**
 * The worker threads of one process: long-lived, one task at a time each, first come first served.
 * Threads start when first needed.
 *
 * ```
 * submit ─▶ queue ─▶ thread 0: [runs | waits …]      the shorter tasks are, the more of them wait there;
 *                └─▶ thread 1: [runs | waits …]      a thread that has none takes half of another's
 * ```
 */
export class ThreadPool {
  readonly size: number
  readonly #pool: MemoryPool
  readonly #program: string | null
  readonly #observer: ThreadObserver | null
  readonly #code: CodeMessage[] = []
  readonly #threads: (WorkerThread | null)[]
  readonly #queue = new TaskQueue()
  readonly #stages = new Map<number, StageMessage>()
  #nextStage = 1
  #meanUs = AHEAD_US
  #isDispatching = false
  #closed = false

  constructor(
    pool: MemoryPool,
    size: number,
    program: string | null,
    observer: ThreadObserver | null = null,
  ) {
    this.size = size
    this.#pool = pool
    this.#program = program
    this.#observer = observer
    this.#threads = Array.from({ length: size }, () => null)
  }

  /**
   * Starts all threads, so that the first query need not wait for them; resolves when they can take tasks.
   */
  async warmUp(): Promise<void> {
    await Promise.all(this.start())
  }

  /** The same, without waiting: they get ready while the caller does other things. */
  start(): readonly Promise<void>[] {
    if (this.#closed) return []
    return Array.from({ length: this.size }, (_, slot) => this.#threadAt(slot).ready)
  }

  /** Whether the session was stopped: no task runs any more. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Makes a stage known, before its first task; until it is forgotten. Gives its number. */
  addStage(stage: Omit<StageMessage, 'kind' | 'stageNumber'>): number {
    const stageNumber = this.#nextStage++
    this.#stages.set(stageNumber, { kind: 'stage', stageNumber, ...stage })
    return stageNumber
  }

  /** Drops stages that have no tasks any more. */
  forgetStages(stageNumbers: Iterable<number>): void {
    const known = [...stageNumbers].filter((stageNumber) => this.#stages.delete(stageNumber))
    for (const thread of this.#started()) thread.forget(known)
  }

  /** Queues a task of a stage that is known. */
  submit(message: TaskMessage, listener: TaskListener): void {
    if (this.#closed) {
      queueMicrotask(() => listener.onLost(CLOSED))
      return
    }
    this.#queue.push({ message, listener })
    // Tasks that are submitted together travel together.
    if (this.#isDispatching) return
    this.#isDispatching = true
    queueMicrotask(() => this.#dispatch())
  }

  /** Tells a running result task that a batch was taken. */
  ack(taskId: number): void {
    const thread = this.#started().find(({ tasks }) => tasks.find(taskId) !== undefined)
    thread?.send({ kind: 'ack', taskId })
  }

  /** Makes a user function known to all threads, also later ones. */
  ship(code: CodeMessage): void {
    this.#code.push(code)
    for (const thread of this.#started()) thread.send(code)
  }

  /** Drops the job's queued tasks and stops its running ones; resolves when none runs any more. */
  async cancelJob(tag: number): Promise<void> {
    await this.cancel((message) => message.tag === tag)
  }

  /** Drops and stops tasks; those that had not begun hear `onLost`. Resolves when none of them runs. */
  async cancel(unwanted: (message: TaskMessage) => boolean): Promise<void> {
    for (const { listener } of this.#queue.drop(unwanted)) listener.onLost(CANCELLED)
    await Promise.all(this.#started().map((thread) => thread.stop(unwanted, CANCELLED)))
  }

  /** Tasks that have begun on a thread, as far as one can tell. */
  runningTasks(): number[] {
    return this.#started().flatMap(({ tasks }) => tasks.running()?.message.taskId ?? [])
  }

  /** Ends all threads. Tasks that run or wait hear `onLost`. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { listener } of this.#queue.clear()) listener.onLost(CLOSED)
    const threads = this.#started()
    if (this.#observer !== null) await collectProfiles(threads, this.#observer)
    await Promise.all(threads.map((thread) => thread.terminate()))
  }

  #started(): readonly WorkerThread[] {
    return this.#threads.filter((thread) => thread !== null)
  }

  /** Threads take the next tasks of the queue in turn, as many as they may have. */
  #dispatch(): void {
    this.#isDispatching = false
    if (this.#closed) return
    const most = Math.min(MOST_POSTED, 1 + Math.max(1, Math.floor(AHEAD_US / this.#meanUs)))
    for (let round = 0; round < most && this.#queue.length > 0; round++)
      for (let slot = 0; slot < this.size && this.#queue.length > 0; slot++) {
        const thread = this.#threadAt(slot)
        if (thread.tasks.count <= round) this.#give(thread)
      }
    const threads = this.#started()
    for (const thread of threads) if (thread.tasks.count === 0) this.#takeOver(thread, threads)
    for (const thread of threads) thread.flush()
  }

  #give(thread: WorkerThread): void {
    const task = this.#queue.shift()
    if (task === undefined) return
    const { stageNumber } = task.message
    const stage = this.#stages.get(stageNumber)
    assert(stage !== undefined, `stage ${stageNumber} is known while it has tasks`)
    thread.post(task, stage)
  }

  /** A thread without tasks takes half of those that wait at the one with the most. */
  #takeOver(thread: WorkerThread, threads: readonly WorkerThread[]): void {
    const others = threads.filter(({ tasks }) => tasks.count > 1)
    others.sort((a, b) => b.tasks.count - a.tasks.count)
    for (const other of others) {
      const taken = other.takeBack(Math.ceil((other.tasks.count - 1) / 2))
      if (taken.length === 0) continue
      this.#queue.putBack(taken)
      for (const _ of taken) this.#give(thread)
      return
    }
  }

  #threadAt(slot: number): WorkerThread {
    const known = this.#threads[slot]
    if (known !== null && known !== undefined) return known
    const setup = { program: this.#program, profile: this.#observer !== null }
    const thread = new WorkerThread(this.#pool, setup, this.#code, {
      onEnd: (us) => {
        // A long one shall not be felt for hundreds of short ones.
        this.#meanUs += MEAN_WEIGHT * (Math.min(us, 2 * AHEAD_US) - this.#meanUs)
      },
      onFree: () => this.#dispatch(),
      onExit: (gone, waiting) => {
        if (this.#threads[slot] === gone) this.#threads[slot] = null
        if (this.#closed) for (const { listener } of waiting) listener.onLost(CLOSED)
        else this.#queue.putBack(waiting)
        this.#dispatch()
      },
    })
    this.#threads[slot] = thread
    return thread
  }
}

async function collectProfiles(threads: readonly WorkerThread[], observer: ThreadObserver): Promise<void> {
  const profiles = await Promise.all(threads.map((thread) => thread.takeProfile()))
  for (const [index, profile] of profiles.entries())
    if (profile !== null) observer.onThread(threads[index]!.id, profile)
}
