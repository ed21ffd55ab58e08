import type { MemoryPool } from '../../engine/memory/index.ts'
import type { CodeMessage } from '../../proto/messages/index.ts'
import { ThreadPool } from '../../worker/threads/index.ts'
import type { JobGraph, JobRequest, JobRunner, ResultBatch, RunningJob } from '../stages/index.ts'
import type { JobObserver } from './job-observer.ts'
import { KeptStages } from './kept-outputs.ts'
import { LocalJob, newTag } from './run-job.ts'

/** Runs jobs on threads of this process, over its arena. */
export class LocalRunner implements JobRunner {
  readonly kind = 'local'
  readonly #pool: MemoryPool
  readonly #threads: ThreadPool
  readonly #observer: JobObserver | null
  readonly #kept: KeptStages
  readonly #running = new Set<LocalJob>()

  constructor(pool: MemoryPool, slots: number, observer: JobObserver | null = null) {
    this.#pool = pool
    this.#threads = new ThreadPool(pool, slots, null, observer)
    this.#observer = observer
    this.#kept = new KeptStages(pool, newTag)
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
    const job: LocalJob = new LocalJob(graph, {
      ...request,
      pool: this.#pool,
      threads: this.#threads,
      observer: this.#observer,
      kept: this.#kept,
      onKeptChanged: () => {
        for (const other of this.#running) if (other !== job) other.keptChanged()
      },
    })
    return { batches: this.#batchesOf(job), metrics: job.metrics, parts: job.parts, adaptations: [] }
  }

  ship(code: CodeMessage): void {
    this.#threads.ship(code)
  }

  dropKept(key: string): void {
    this.#kept.drop(key)
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
    this.#kept.dropAll()
  }

  async *#batchesOf(job: LocalJob): AsyncGenerator<ResultBatch, void, void> {
    this.#running.add(job)
    try {
      yield* job.run()
    } finally {
      this.#running.delete(job)
    }
  }
}
