import type { MemoryPool } from '../../engine/memory/index.ts'
import type { CodeMessage } from '../../proto/messages/index.ts'
import { ThreadPool } from '../../worker/threads/index.ts'
import type { JobGraph, JobRequest, JobRunner, RunningJob } from '../stages/index.ts'
import type { JobObserver } from './job-observer.ts'
import { LocalJob } from './run-job.ts'

/** Runs jobs on threads of this process, over its arena. */
export class LocalRunner implements JobRunner {
  readonly kind = 'local'
  readonly #pool: MemoryPool
  readonly #threads: ThreadPool
  readonly #observer: JobObserver | null

  constructor(pool: MemoryPool, slots: number, observer: JobObserver | null = null) {
    this.#pool = pool
    this.#threads = new ThreadPool(pool, slots, null, observer)
    this.#observer = observer
  }

  get slots(): number {
    return this.#threads.size
  }

  get processBytes(): number {
    return this.#pool.limitBytes
  }

  get isStopped(): boolean {
    return this.#threads.isClosed
  }

  get isObserved(): boolean {
    return this.#observer !== null
  }

  run(graph: JobGraph, request: JobRequest): RunningJob {
    const where = { pool: this.#pool, threads: this.#threads, observer: this.#observer }
    const job = new LocalJob(graph, { ...request, ...where })
    return { batches: job.run(), metrics: job.metrics, parts: job.parts, adaptations: [] }
  }

  ship(code: CodeMessage): void {
    this.#threads.ship(code)
  }

  dropKept(): void {
    // Nothing outlives its job here: sessions keep rows in their own memory.
  }

  start(): void {
    this.#threads.start()
  }

  ready(): Promise<void> {
    return Promise.resolve() // Threads start with their first task.
  }

  async warmUp(): Promise<void> {
    await this.#threads.warmUp()
  }

  async stop(): Promise<void> {
    await this.#threads.close()
  }
}
