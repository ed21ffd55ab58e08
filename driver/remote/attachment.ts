import { EngineError, type ErrorData, errorFromData, errorToData } from '../../engine/errors.ts'
import type { JobEnd, JobProgress, PartPiece, RowPiece, SessionReady } from '../../proto/cluster/index.ts'
import type { DriverLink, FromDriver, Hello, OpenLink, ToDriver } from './driver-link.ts'

/** A driver that has not said `ready` after this long is given up. */
const READY_MS = 20_000

/** Hears what the driver says of one job. */
export interface JobListener {
  onRows(piece: RowPiece): void
  onParts(piece: PartPiece): void
  onProgress(progress: JobProgress): void
  onEnd(end: JobEnd): void
  /** The driver is gone: nothing more comes. */
  onLost(error: ErrorData): void
}

/** How many slots and workers there are for a session, as far as the driver has said. */
export interface ClusterState {
  readonly slots: number
  readonly workers: number
}

/** A session at its driver, from `hello` to the end of the stream: which jobs run, and who hears of them. */
export class Attachment {
  /** Resolves when the driver has taken the session; fails if there is none, or it refuses. */
  readonly ready: Promise<SessionReady>
  readonly #open: Promise<DriverLink>
  readonly #jobs = new Map<number, JobListener>()
  readonly #onSize: (state: ClusterState) => void
  #timer: NodeJS.Timeout | undefined
  #state: ClusterState = { slots: 0, workers: 0 }
  #lastJob = 0
  #lost: ErrorData | null = null
  #onReady: (session: SessionReady) => void = () => {}
  #onFailed: (error: EngineError) => void = () => {}

  constructor(open: OpenLink, hello: Hello, address: string, onSize: (state: ClusterState) => void) {
    this.#onSize = onSize
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve
      this.#onFailed = reject
    })
    this.ready.catch(() => {}) // Jobs hear of it by themselves.
    this.#open = open({
      onMessage: (message) => this.#onMessage(message),
      onEnd: (error) => this.#onLost(error),
    })
    this.#open.then(
      (link) => {
        if (this.#lost === null) this.#timer = setTimeout(() => this.#onLost(silent(address)), READY_MS)
        return link.send({ case: 'hello', value: hello })
      },
      (error: unknown) => this.#onLost(errorFromData(errorToData(error))),
    )
  }

  /** Why no job can run here any more; null if jobs can. */
  get lost(): ErrorData | null {
    return this.#lost
  }

  /** Sends in order. Resolves when there is room for more, at once if the stream has ended. */
  async send(message: ToDriver): Promise<void> {
    if (this.#lost !== null) return
    const link = await this.#open.catch(() => null) // `onLost` has been called.
    await link?.send(message)
  }

  /** A number for a new job, of which the listener hears until `forget`. */
  addJob(listener: JobListener): number {
    const job = ++this.#lastJob
    this.#jobs.set(job, listener)
    return job
  }

  forget(job: number): void {
    this.#jobs.delete(job)
  }

  /** Ends the session. Jobs hear that they are lost, with this error. */
  async close(error: ErrorData): Promise<void> {
    const isOpen = this.#lost === null
    this.#onLost(errorFromData(error))
    const link = await this.#open.catch(() => null)
    if (isOpen) await link?.close()
  }

  #onMessage(message: FromDriver): void {
    switch (message.case) {
      case 'ready': {
        clearTimeout(this.#timer)
        const { slots } = message.value
        this.#setState({ ...this.#state, slots })
        this.#onReady(message.value)
        break
      }
      case 'size':
        this.#setState(message.value)
        break
      case 'rows':
        this.#jobs.get(message.value.job)?.onRows(message.value)
        break
      case 'parts':
        this.#jobs.get(message.value.job)?.onParts(message.value)
        break
      case 'progress':
        this.#jobs.get(message.value.job)?.onProgress(message.value)
        break
      case 'end':
        this.#jobs.get(message.value.job)?.onEnd(message.value)
        break
    }
  }

  #setState({ slots, workers }: ClusterState): void {
    this.#state = { slots, workers }
    this.#onSize(this.#state)
  }

  #onLost(error: EngineError): void {
    if (this.#lost !== null) return
    clearTimeout(this.#timer)
    this.#lost = errorToData(error)
    this.#onFailed(error)
    this.#onSize(this.#state)
    for (const listener of this.#jobs.values()) listener.onLost(this.#lost)
    this.#jobs.clear()
  }
}

function silent(address: string): EngineError {
  return new EngineError('CLUSTER_UNREACHABLE', `the driver at "${address}" does not answer`, {
    hint: 'It may be overloaded or stopped. The next job asks for it again.',
  })
}
