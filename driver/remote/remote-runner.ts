import { createHash } from 'node:crypto'
import { type ErrorData, errorFromData } from '../../engine/errors.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import { type CodeMessage, encodePlain } from '../../proto/messages/index.ts'
import type { JobObserver } from '../local/index.ts'
import type { JobGraph, JobRequest, JobRunner, ResultBatch, RunningJob } from '../stages/index.ts'
import { Attachment, type ClusterState } from './attachment.ts'
import type { Hello, OpenLink, ToDriver } from './driver-link.ts'
import { RemoteJob } from './remote-job.ts'

const STOPPED: ErrorData = { code: 'CANCELLED', message: 'the session was stopped' }

/** A cluster that a session uses. */
export interface RemoteCluster {
  /** For people. */
  readonly address: string
  readonly hello: Hello
  readonly open: OpenLink
  /** Slots to plan for until the driver has told. */
  readonly slots: number
  /** Workers that must be there before the first job; 0: jobs wait at the driver. */
  readonly workers: number
  /** When the session has ended. */
  readonly close?: () => Promise<void>
}

/** How long `ready` waits for workers. */
const WORKERS_MS = 30_000

/**
 * Runs jobs on a cluster, through its driver. The first job, or `ready`, opens the stream; when that was
 * lost, the jobs that ran fail and the next one opens another, as a new session.
 */
export class RemoteRunner implements JobRunner {
  readonly kind = 'cluster'
  readonly #pool: MemoryPool
  readonly #cluster: RemoteCluster
  readonly #settings: ReadonlyMap<string, string>
  readonly #observer: JobObserver | null
  readonly #code: ToDriver[] = []
  #attachment: Attachment | null = null
  #state: ClusterState = { slots: 0, workers: 0 }
  #isStopped = false
  #onSize: () => void = () => {}

  /** `settings`: those of the session, as they are when a job begins. */
  constructor(
    pool: MemoryPool,
    cluster: RemoteCluster,
    settings: ReadonlyMap<string, string>,
    observer: JobObserver | null = null,
  ) {
    this.#pool = pool
    this.#settings = settings
    this.#cluster = cluster
    this.#observer = observer
  }

  get slots(): number {
    return this.#state.slots > 0 ? this.#state.slots : this.#cluster.slots
  }

  get processBytes(): number {
    const { executorMemoryBytes = 0 } = this.#cluster.hello
    return executorMemoryBytes > 0 ? executorMemoryBytes : this.#pool.limitBytes
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  get isObserved(): boolean {
    return this.#observer !== null
  }

  run(graph: JobGraph, request: JobRequest): RunningJob {
    const pool = this.#settings.get('scheduler.pool') ?? ''
    const job = new RemoteJob(() => this.#attached(), graph, { ...request, pool }, this.#pool)
    const { metrics, parts, adaptations } = job
    return { batches: this.#observed(graph, job, request.label), metrics, parts, adaptations }
  }

  ship(code: CodeMessage): void {
    const content = encodePlain(code.kind === 'function' ? code.fn : code.module)
    const codeId = createHash('sha256').update(code.kind).update(content).digest('hex')
    const message: ToDriver = { case: 'code', value: { codeId, codeKind: code.kind, content } }
    this.#code.push(message)
    if (this.#attachment?.lost === null) void this.#attachment.send(message)
  }

  dropKept(key: string): void {
    if (this.#attachment?.lost === null) void this.#attachment.send({ case: 'drop', value: { key } })
  }

  start(): void {
    if (!this.#isStopped) this.#attached()
  }

  async ready(): Promise<void> {
    const attachment = this.#attached()
    await attachment.ready
    const deadline = performance.now() + WORKERS_MS
    while (this.#state.workers < this.#cluster.workers && attachment.lost === null) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return // The driver knows best who is missing; jobs wait there.
      await this.#sizeChange(leftMs)
    }
  }

  async warmUp(): Promise<void> {
    await this.ready()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#attachment?.close(STOPPED)
    await this.#cluster.close?.()
  }

  async *#observed(graph: JobGraph, job: RemoteJob, label?: string): AsyncGenerator<ResultBatch, void, void> {
    const observed = this.#observer?.onJob(graph, label)
    try {
      yield* job.run()
    } finally {
      observed?.onEnd(job.metrics)
    }
  }

  /** The stream of now; a new one if there was none, or it was lost. */
  #attached(): Attachment {
    const { open, hello, address } = this.#cluster
    if (this.#isStopped) throw errorFromData(STOPPED)
    if (this.#attachment?.lost === null) return this.#attachment
    const attachment = new Attachment(open, hello, address, (state) => {
      if (this.#attachment !== attachment) return
      this.#state = state
      this.#onSize()
    })
    this.#attachment = attachment
    for (const message of this.#code) void attachment.send(message)
    return attachment
  }

  async #sizeChange(mostMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#onSize = resolve
      timer = setTimeout(resolve, mostMs)
    })
    clearTimeout(timer)
  }
}
