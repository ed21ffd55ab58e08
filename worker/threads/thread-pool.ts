import type { MemoryPool } from '../../engine/memory/index.ts'
import type { ThreadProfile } from '../../engine/run/index.ts'
import type { CodeMessage, TaskMessage } from '../../proto/messages/index.ts'
import { type SubmittedTask, type TaskListener, WorkerThread } from './worker-thread.ts'

const CLOSED = 'the session was stopped'

/** Gets what threads saw of themselves; they are sampled from their start if there is one. */
export interface ThreadObserver {
  /** The samples of a thread, by its number, when the pool closes. */
  onThread(threadId: number, profile: ThreadProfile): void
}

/**
 * The worker threads of one process: long-lived, one task at a time each, first come first served.
 * Threads start when first needed.
 */
export class ThreadPool {
  readonly size: number
  readonly #pool: MemoryPool
  readonly #program: string | null
  readonly #observer: ThreadObserver | null
  readonly #code: CodeMessage[] = []
  readonly #threads: (WorkerThread | null)[]
  readonly #queue: SubmittedTask[] = []
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
    const thread = this.#started().find(({ running }) => running?.taskId === taskId)
    thread?.send({ kind: 'ack', taskId })
  }

  /** Makes a user function known to all threads, also later ones. */
  ship(code: CodeMessage): void {
    this.#code.push(code)
    for (const thread of this.#started()) thread.send(code)
  }

  /** Drops the job's queued tasks and stops its running ones; resolves when none runs any more. */
  async cancelJob(tag: number): Promise<void> {
    for (let i = this.#queue.length - 1; i >= 0; i--)
      if (this.#queue[i]!.message.tag === tag) this.#queue.splice(i, 1)
    await Promise.all(this.#started().map((thread) => thread.stopJob(tag)))
  }

  /** Ends all threads. Tasks that run or wait hear `onLost`. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { listener } of this.#queue.splice(0)) listener.onLost(CLOSED)
    const threads = this.#started()
    if (this.#observer !== null) await collectProfiles(threads, this.#observer)
    await Promise.all(threads.map((thread) => thread.terminate()))
  }

  #started(): readonly WorkerThread[] {
    return this.#threads.filter((thread) => thread !== null)
  }

  /** Free threads take the next tasks of the queue. When none is free, one task more waits at each. */
  #dispatch(): void {
    for (let slot = 0; slot < this.size && this.#queue.length > 0 && !this.#closed; slot++) {
      const thread = this.#threadAt(slot)
      if (thread.running === null) thread.post(this.#queue.shift()!)
    }
    for (const thread of this.#started()) {
      if (this.#closed) return
      if (thread.running === null) this.#takeOver(thread)
      else if (thread.ahead === null && this.#queue.length > 0) thread.post(this.#queue.shift()!)
    }
  }

  /** A free thread takes a task that waits at another, the one that has waited longest. */
  #takeOver(thread: WorkerThread): void {
    const others = this.#started().filter(({ ahead }) => ahead !== null)
    others.sort((a, b) => a.ahead!.taskId - b.ahead!.taskId)
    for (const other of others) {
      const task = other.takeBack()
      if (task === null) continue
      thread.post(task)
      return
    }
  }

  #threadAt(slot: number): WorkerThread {
    const known = this.#threads[slot]
    if (known !== null && known !== undefined) return known
    const setup = { program: this.#program, profile: this.#observer !== null }
    const thread = new WorkerThread(this.#pool, setup, this.#code, {
      onFree: () => this.#dispatch(),
      onExit: (gone, ahead) => {
        if (this.#threads[slot] === gone) this.#threads[slot] = null
        if (this.#closed) ahead?.listener.onLost(CLOSED)
        else if (ahead !== null) this.#queue.unshift(ahead)
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
