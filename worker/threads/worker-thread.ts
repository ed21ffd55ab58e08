import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { EngineError } from '../../engine/errors.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { ThreadProfile } from '../../engine/run/index.ts'
import type {
  CodeMessage,
  FromThread,
  StageMessage,
  TaskMessage,
  TaskReply,
  ThreadInit,
  ToThread,
  WaitingTask,
} from '../../proto/messages/index.ts'
import { CONTROL_WORDS, type PostedTask, PostedTasks, type SubmittedTask } from './claims.ts'

/** A cancelled task gets this long to stop by itself before its thread is ended. */
const GRACE_MS = 100

/** A thread that is asked for its samples gets this long. */
const PROFILE_MS = 5000

/** What the pool hears of a thread. */
export interface ThreadEvents {
  /** A task has ended, after this long. */
  onEnd(us: number): void
  /** All that a message told has been heard: there is room for other tasks. */
  onFree(): void
  /** `waiting`: tasks that had not begun. */
  onExit(thread: WorkerThread, waiting: readonly SubmittedTask[]): void
}

/**
 * One worker thread, the task it runs, and those that wait there, so that the thread need not wait for us
 * between two tasks.
 */
export class WorkerThread {
  readonly id: number
  /** Resolves when the thread can take tasks, or has ended. */
  readonly ready: Promise<void>
  readonly tasks: PostedTasks
  readonly #worker: Worker
  readonly #control: Int32Array
  readonly #events: ThreadEvents
  /** Numbers of the stages that the thread has. */
  readonly #stages = new Set<number>()
  /** Tasks on their way, for one message. */
  #outbox: WaitingTask[] = []
  #endWaiters: (() => void)[] = []
  #onProfile: ((profile: ThreadProfile | null) => void) | null = null

  constructor(
    pool: MemoryPool,
    setup: Pick<ThreadInit, 'program' | 'profile'>,
    code: readonly CodeMessage[],
    events: ThreadEvents,
  ) {
    const control = new SharedArrayBuffer(4 * CONTROL_WORDS)
    const init: ThreadInit = { pool: pool.handle, control, ...setup }
    this.#control = new Int32Array(control)
    this.tasks = new PostedTasks(this.#control)
    this.#events = events
    const worker = new Worker(workerEntry(), { workerData: init, execArgv: ['--enable-source-maps'] })
    this.#worker = worker
    this.ready = new Promise((resolve) => {
      worker.once('exit', () => resolve())
      worker.once('message', () => {
        // An idle thread does not keep the program from ending.
        if (this.tasks.count === 0) worker.unref()
        resolve()
      })
    })
    const id = worker.threadId
    this.id = id
    for (const message of code) this.send(message)
    worker.on('message', (message: FromThread) => this.#onMessage(message))
    let reason: string | null = null
    worker.on('error', (error: Error) => {
      reason = error.message // The thread is gone when `exit` comes, which follows.
    })
    worker.on('exit', (status) => {
      pool.breakLockOf(id)
      // First, so that its tasks can start again on a new thread.
      events.onExit(this, this.tasks.takeBack(this.tasks.count))
      this.#onGone(reason ?? `the thread ended with code ${status}`)
    })
  }

  /** Hands a task over: it runs after those before it. `flush` sends it on its way. */
  post(task: SubmittedTask, stage: StageMessage): void {
    if (!this.#stages.has(stage.stageNumber)) {
      this.#stages.add(stage.stageNumber)
      this.send(stage)
    }
    if (this.tasks.count === 0) this.#worker.ref()
    const { message, claimAt } = this.tasks.add(task)
    this.#outbox.push({ task: message, claimAt })
  }

  /** Sends the tasks that were posted. */
  flush(): void {
    if (this.#outbox.length === 0) return
    this.send({ kind: 'run', tasks: this.#outbox })
    this.#outbox = []
  }

  /** The thread needs these stages no more. */
  forget(stageNumbers: readonly number[]): void {
    const known = stageNumbers.filter((stageNumber) => this.#stages.delete(stageNumber))
    if (known.length > 0) this.send({ kind: 'forget', stageNumbers: known })
  }

  send(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  /**
   * Stops the tasks that are not wanted any more, and says why to those that wait. Resolves when none runs.
   */
  async stop(unwanted: (message: TaskMessage) => boolean, reason: string): Promise<void> {
    for (const { listener } of this.takeBack(this.tasks.count, unwanted)) listener.onLost(reason)
    for (;;) {
      const running = this.tasks.running()
      if (running !== undefined && unwanted(running.message)) await this.#stopTask(running)
      else if (this.tasks.some(unwanted)) await this.#untilTaskEnds()
      else return
    }
  }

  /** Tasks that wait here and shall run elsewhere, or not at all. */
  takeBack(count: number, wanted?: (message: TaskMessage) => boolean): SubmittedTask[] {
    const taken = this.tasks.takeBack(count, wanted)
    if (this.tasks.count === 0) this.#worker.unref()
    return taken
  }

  /** What the thread saw of itself; null if it does not answer. */
  async takeProfile(): Promise<ThreadProfile | null> {
    const asked = new Promise<ThreadProfile | null>((resolve) => {
      this.#onProfile = resolve
    })
    const timer = setTimeout(() => this.#onProfile?.(null), PROFILE_MS)
    this.send({ kind: 'profile' })
    const profile = await asked
    clearTimeout(timer)
    return profile
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  async #stopTask({ message: { taskId } }: PostedTask): Promise<void> {
    const ended = this.#untilTaskEnds()
    Atomics.store(this.#control, 0, taskId)
    // Wakes a task that waits for its client.
    this.send({ kind: 'ack', taskId })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), GRACE_MS)
    })
    const outcome = await Promise.race([ended, late])
    clearTimeout(timer)
    if (outcome === 'late') await this.terminate()
    await ended
  }

  /** Resolves when some task has ended, however. */
  #untilTaskEnds(): Promise<void> {
    return new Promise((resolve) => this.#endWaiters.push(resolve))
  }

  #onMessage(message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        break
      case 'profiled':
        this.#onProfile?.(message.profile)
        break
      case 'replies':
        for (const reply of message.replies) this.#onReply(reply)
        this.#wakeWaiters()
        this.#events.onFree()
        break
    }
  }

  #onReply(reply: TaskReply): void {
    const task = this.tasks.find(reply.taskId)
    if (task === undefined) return
    if (reply.kind !== 'batch') {
      this.#events.onEnd(reply.timing.endUs - reply.timing.startUs)
      this.#endTask(task)
    }
    task.listener.onMessage(reply)
  }

  #onGone(reason: string): void {
    for (let task = this.tasks.first; task !== undefined; task = this.tasks.first) {
      this.#endTask(task)
      task.listener.onLost(reason)
    }
    this.#wakeWaiters()
  }

  #endTask(task: PostedTask): void {
    this.tasks.remove(task)
    if (this.tasks.count === 0) this.#worker.unref()
  }

  #wakeWaiters(): void {
    for (const wake of this.#endWaiters.splice(0)) wake()
  }
}

/** The program of a thread: bundled, also when this module itself runs from its TypeScript source. */
function workerEntry(): URL {
  const places = ['../../bundle/slot.js', '../../dist/bundle/slot.js']
  const found = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url))
  if (found !== undefined) return found
  throw new EngineError('INTERNAL_ERROR', 'the program of the worker threads is missing', {
    hint: 'Build the package first: npm run build.',
  })
}
