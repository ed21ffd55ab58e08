import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { EngineError } from '../../engine/errors.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { ThreadProfile } from '../../engine/run/index.ts'
import type {
  CodeMessage,
  FromThread,
  TaskMessage,
  TaskReply,
  ThreadInit,
  ToThread,
} from '../../proto/messages/index.ts'

/** A cancelled task gets this long to stop by itself before its thread is ended. */
const GRACE_MS = 100

/** A thread that is asked for its samples gets this long. */
const PROFILE_MS = 5000

/** Words that a thread shares with us: the id of the task to be stopped, and two for tasks not yet begun. */
const CONTROL_WORDS = 3

/** Hears what happens to one task. Exactly one of `done`, `failed` and `lost` comes, at the end. */
export interface TaskListener {
  onMessage(message: TaskReply): void
  /** The thread ended under the task; its regions are freed by the job's tag. */
  onLost(reason: string): void
}

/** A task and who hears of it. */
export interface SubmittedTask {
  readonly message: TaskMessage
  readonly listener: TaskListener
}

interface PostedTask extends SubmittedTask {
  /** The word that has the task's id until the task begins, or is taken back. */
  readonly claimAt: number
}

/** What the pool hears of a thread. */
export interface ThreadEvents {
  /** A task has ended. */
  onFree(): void
  /** `ahead`: a task that had not begun. */
  onExit(thread: WorkerThread, ahead: SubmittedTask | null): void
}

/**
 * One worker thread, the task it runs, and one more that waits there, so that the thread need not wait for us
 * between two tasks.
 */
export class WorkerThread {
  readonly id: number
  /** Resolves when the thread can take tasks, or has ended. */
  readonly ready: Promise<void>
  readonly #worker: Worker
  readonly #control: Int32Array
  readonly #events: ThreadEvents
  #running: PostedTask | null = null
  #ahead: PostedTask | null = null
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
    this.#events = events
    const worker = new Worker(workerEntry(), { workerData: init, execArgv: ['--enable-source-maps'] })
    this.#worker = worker
    this.ready = new Promise((resolve) => {
      worker.once('exit', () => resolve())
      worker.once('message', () => {
        // An idle thread does not keep the program from ending.
        if (this.#running === null) worker.unref()
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
      const ahead = this.takeBack()
      events.onExit(this, ahead) // First, so that its tasks can start again on a new thread.
      this.#onGone(reason ?? `the thread ended with code ${status}`)
    })
  }

  /** The task that runs, as far as we know. */
  get running(): TaskMessage | null {
    return this.#running?.message ?? null
  }

  /** The task that waits at the thread. */
  get ahead(): TaskMessage | null {
    return this.#ahead?.message ?? null
  }

  /** Hands a task over: it runs at once, or, if one is running, after that. */
  post(task: SubmittedTask): void {
    const { taskId } = task.message
    const posted = { ...task, claimAt: this.#running === null ? 1 : 3 - this.#running.claimAt }
    if (this.#running === null) {
      this.#running = posted
      this.#worker.ref()
    } else this.#ahead = posted
    Atomics.store(this.#control, posted.claimAt, taskId)
    this.send({ kind: 'run', task: task.message, claimAt: posted.claimAt })
  }

  /** The task that waits at the thread, which will not run there any more; null if it has begun. */
  takeBack(): SubmittedTask | null {
    const ahead = this.#ahead
    if (ahead === null) return null
    const { taskId } = ahead.message
    if (Atomics.compareExchange(this.#control, ahead.claimAt, taskId, 0) !== taskId) return null
    this.#ahead = null
    return ahead
  }

  send(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  /** Stops the tasks of a job; resolves when none runs any more. */
  async stopJob(tag: number): Promise<void> {
    if (this.#ahead?.message.tag === tag) this.takeBack()
    for (;;) {
      const { running } = this
      if (running?.tag === tag) await this.#stopTask(running)
      else if (running !== null && this.#ahead?.message.tag === tag) await this.#untilTaskEnds()
      else return
    }
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

  async #stopTask({ taskId }: TaskMessage): Promise<void> {
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

  /** Resolves when the running task has ended, however. */
  #untilTaskEnds(): Promise<void> {
    return new Promise((resolve) => this.#endWaiters.push(resolve))
  }

  #onMessage(message: FromThread): void {
    if (message.kind === 'profiled') this.#onProfile?.(message.profile)
    if (message.kind === 'ready' || message.kind === 'profiled') return
    const task = this.#running
    if (task?.message.taskId !== message.taskId) return
    if (message.kind === 'batch') {
      task.listener.onMessage(message)
      return
    }
    this.#endTask()
    task.listener.onMessage(message)
    this.#events.onFree()
  }

  #onGone(reason: string): void {
    for (let task = this.#running; task !== null; task = this.#running) {
      this.#endTask()
      task.listener.onLost(reason)
    }
  }

  /** The task that waited has begun by itself. */
  #endTask(): void {
    this.#running = this.#ahead
    this.#ahead = null
    if (this.#running === null) this.#worker.unref()
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
