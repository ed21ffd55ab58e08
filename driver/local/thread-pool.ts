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
} from '../../proto/messages/index.ts'
import type { JobObserver } from './job-observer.ts'

/** A cancelled task gets this long to stop by itself before its thread is ended. */
const GRACE_MS = 100

/** A thread that is asked for its samples gets this long. */
const PROFILE_MS = 5000

const CLOSED = 'the session was stopped'

/** Hears what happens to one task. Exactly one of `done`, `failed` and `lost` comes, at the end. */
export interface TaskListener {
  onMessage(message: TaskReply): void
  /** The thread ended under the task; its regions are freed by the job's tag. */
  onLost(reason: string): void
}

interface Running {
  readonly message: TaskMessage
  readonly listener: TaskListener
}

/**
 * The worker threads of one process: long-lived, one task at a time each, first come first served.
 * Threads start when first needed.
 */
export class ThreadPool {
  readonly size: number
  /** Hears of all jobs that run on these threads; null if nobody listens. */
  readonly observer: JobObserver | null
  readonly #pool: MemoryPool
  readonly #program: string | null
  readonly #code: CodeMessage[] = []
  readonly #threads: (Thread | null)[]
  readonly #queue: Running[] = []
  #closed = false

  constructor(pool: MemoryPool, size: number, program: string | null, observer: JobObserver | null = null) {
    this.size = size
    this.observer = observer
    this.#pool = pool
    this.#program = program
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

  /** Queues a task. */
  submit(message: TaskMessage, listener: TaskListener): void {
    if (this.#closed) {
      queueMicrotask(() => listener.onLost(CLOSED))
      return
    }
    this.#queue.push({ message, listener })
    this.#dispatch()
  }

  /** Tells a running result task that a batch was taken. */
  ack(taskId: number): void {
    this.#threadOf(taskId)?.worker.postMessage({ kind: 'ack', taskId })
  }

  /** Makes a user function known to all threads, also later ones. */
  ship(code: CodeMessage): void {
    this.#code.push(code)
    for (const thread of this.#threads) thread?.worker.postMessage(code)
  }

  /** Drops the job's queued tasks and stops its running ones; resolves when none runs any more. */
  async cancelJob(tag: number): Promise<void> {
    for (let i = this.#queue.length - 1; i >= 0; i--)
      if (this.#queue[i]!.message.tag === tag) this.#queue.splice(i, 1)
    const threads = this.#threads.filter((thread) => thread?.running?.message.tag === tag)
    await Promise.all(threads.map((thread) => this.#stopTask(thread!)))
  }

  /** Ends all threads. Tasks that run or wait hear `onLost`. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { listener } of this.#queue.splice(0)) listener.onLost(CLOSED)
    if (this.observer !== null) await this.#collectProfiles(this.observer)
    await Promise.all(this.#threads.map((thread) => thread?.worker.terminate()))
  }

  async #collectProfiles(observer: JobObserver): Promise<void> {
    const threads = this.#threads.filter((thread) => thread !== null)
    const profiles = await Promise.all(threads.map((thread) => thread.takeProfile()))
    for (const [index, profile] of profiles.entries())
      if (profile !== null) observer.onThread(threads[index]!.id, profile)
  }

  async #stopTask(thread: Thread): Promise<void> {
    const { message } = thread.running!
    const idle = thread.untilIdle()
    Atomics.store(thread.cancel, 0, message.taskId)
    // Wakes a task that waits for its client.
    thread.worker.postMessage({ kind: 'ack', taskId: message.taskId })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), GRACE_MS)
    })
    const outcome = await Promise.race([idle, late])
    clearTimeout(timer)
    if (outcome === 'late') await thread.worker.terminate()
    await idle
  }

  #dispatch(): void {
    for (let slot = 0; slot < this.size && this.#queue.length > 0 && !this.#closed; slot++) {
      const thread = this.#threadAt(slot)
      if (thread.running === null) thread.run(this.#queue.shift()!)
    }
  }

  #threadAt(slot: number): Thread {
    const known = this.#threads[slot]
    if (known !== null && known !== undefined) return known
    const setup = { program: this.#program, profile: this.observer !== null }
    const thread = new Thread(this.#pool, setup, this.#code, {
      onIdle: () => this.#dispatch(),
      onExit: (gone) => {
        if (this.#threads[slot] === gone) this.#threads[slot] = null
        if (!this.#closed) this.#dispatch()
      },
    })
    this.#threads[slot] = thread
    return thread
  }

  #threadOf(taskId: number): Thread | undefined {
    return this.#threads.find((thread) => thread?.running?.message.taskId === taskId) ?? undefined
  }
}

interface ThreadEvents {
  onIdle(): void
  onExit(thread: Thread): void
}

/** One worker thread and the task it runs. */
class Thread {
  readonly id: number
  readonly worker: Worker
  readonly cancel: Int32Array
  running: Running | null = null
  /** Resolves when the thread can take tasks, or has ended. */
  readonly ready: Promise<void>
  readonly #events: ThreadEvents
  #idleWaiters: (() => void)[] = []
  #onProfile: ((profile: ThreadProfile | null) => void) | null = null

  constructor(
    pool: MemoryPool,
    setup: Pick<ThreadInit, 'program' | 'profile'>,
    code: readonly CodeMessage[],
    events: ThreadEvents,
  ) {
    const cancel = new SharedArrayBuffer(4)
    const init: ThreadInit = { pool: pool.handle, cancel, ...setup }
    this.cancel = new Int32Array(cancel)
    this.#events = events
    this.worker = new Worker(workerEntry(), { workerData: init, execArgv: ['--enable-source-maps'] })
    this.ready = new Promise((resolve) => {
      this.worker.once('exit', () => resolve())
      this.worker.once('message', () => {
        // An idle thread does not keep the program from ending.
        if (this.running === null) this.worker.unref()
        resolve()
      })
    })
    const id = this.worker.threadId
    this.id = id
    for (const message of code) this.worker.postMessage(message)
    this.worker.on('message', (message: FromThread) => this.#onMessage(message))
    let reason: string | null = null
    this.worker.on('error', (error: Error) => {
      reason = error.message // The thread is gone when `exit` comes, which follows.
    })
    this.worker.on('exit', (status) => {
      pool.breakLockOf(id)
      this.#events.onExit(this) // First, so that its task can start again on a new thread.
      this.#onGone(reason ?? `the thread ended with code ${status}`)
    })
  }

  run(task: Running): void {
    this.running = task
    this.worker.ref()
    Atomics.store(this.cancel, 0, 0)
    this.worker.postMessage(task.message)
  }

  /** What the thread saw of itself; null if it does not answer. */
  async takeProfile(): Promise<ThreadProfile | null> {
    const asked = new Promise<ThreadProfile | null>((resolve) => {
      this.#onProfile = resolve
    })
    const timer = setTimeout(() => this.#onProfile?.(null), PROFILE_MS)
    this.worker.postMessage({ kind: 'profile' })
    const profile = await asked
    clearTimeout(timer)
    return profile
  }

  /** Resolves when the running task has ended, however. */
  untilIdle(): Promise<void> {
    return this.running === null
      ? Promise.resolve()
      : new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  #onMessage(message: FromThread): void {
    if (message.kind === 'profiled') this.#onProfile?.(message.profile)
    if (message.kind === 'ready' || message.kind === 'profiled') return
    if (this.running?.message.taskId !== message.taskId) return
    const { listener } = this.running
    if (message.kind !== 'batch') this.#becomeIdle()
    listener.onMessage(message)
    if (message.kind !== 'batch') this.#events.onIdle()
  }

  #onGone(reason: string): void {
    const { running } = this
    if (running === null) return
    this.#becomeIdle()
    running.listener.onLost(reason)
  }

  #becomeIdle(): void {
    this.running = null
    this.worker.unref()
    for (const wake of this.#idleWaiters.splice(0)) wake()
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
