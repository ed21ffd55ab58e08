import type { MessageInitShape } from '@bufbuild/protobuf'
import type { EngineError } from '../../engine/errors.ts'
import { Cluster, type WorkerOrder, type WorkerReportSchema } from '../../proto/cluster/index.ts'
import { type ClientSecurity, connectGrpc, type GrpcConnection } from '../../proto/grpc/index.ts'
import type { Logger } from './logger.ts'

const LEAST_PAUSE_MS = 200
const MOST_PAUSE_MS = 5000
const CONNECT_MS = 10_000

/** A report to the driver. */
export type ReportInit = NonNullable<MessageInitShape<typeof WorkerReportSchema>['kind']>

/** What the worker does with its stream to the driver. */
export interface ConnectionListener {
  /** A stream is there: the first report. */
  register(): ReportInit
  order(order: WorkerOrder): void
  /** The stream broke; another is tried for. */
  lost(): void
  /** A driver that has never taken us does not want us: no other stream will help, and none is tried for. */
  refused(error: EngineError): void
}

/** Keeps a stream to the driver: opens it again, with growing pauses, whenever it breaks. */
export class DriverConnection {
  readonly #connection: GrpcConnection
  readonly #listener: ConnectionListener
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #link: ReturnType<typeof openLink> | null = null

  constructor(
    { address, security }: { readonly address: string; readonly security: ClientSecurity },
    listener: ConnectionListener,
    log: Logger,
  ) {
    this.#connection = connectGrpc({ address, security })
    this.#listener = listener
    this.#log = log
  }

  get isOpen(): boolean {
    return this.#link !== null
  }

  /** Sends a report, if there is a stream; a new one begins with all there is to know. */
  send(report: ReportInit): void {
    this.#link?.send({ kind: report })
  }

  /** Opens streams until `close`, or until the driver refuses us. */
  async run(): Promise<void> {
    let pauseMs = LEAST_PAUSE_MS
    let wasEverOpen = false
    while (!this.#stopping.signal.aborted) {
      const { wasOpen, error } = await this.#once()
      wasEverOpen ||= wasOpen
      if (wasOpen) pauseMs = LEAST_PAUSE_MS
      if (!wasEverOpen && error?.errorClass === 'user' && error.code !== 'CANCELLED') {
        this.#listener.refused(error)
        return
      }
      if (this.#stopping.signal.aborted) return
      await this.#pause(pauseMs * (0.5 + Math.random() / 2))
      pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2)
    }
  }

  close(): void {
    this.#stopping.abort()
    this.#link?.end()
    this.#connection.close()
  }

  /** One stream from its start to its end; tells whether the driver ever answered. */
  async #once(): Promise<{ readonly wasOpen: boolean; readonly error: EngineError | null }> {
    const { address } = this.#connection
    try {
      await this.#connection.ready(CONNECT_MS)
    } catch {
      this.#log('warn', 'the driver is not there', { driver: address })
      return { wasOpen: false, error: null }
    }
    const link = openLink(this.#connection)
    let hasAnswered = false
    const error = await new Promise<EngineError | null>((resolve) => {
      this.#link = link
      link.listen({
        message: (order) => {
          hasAnswered = true
          this.#listener.order(order)
        },
        closed: resolve,
      })
      link.send({ kind: this.#listener.register() })
    })
    this.#link = null
    const reason = error?.message ?? 'the driver ended it'
    if (!this.#stopping.signal.aborted)
      this.#log('warn', 'the connection to the driver broke', { driver: address, reason })
    this.#listener.lost()
    return { wasOpen: hasAnswered, error }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#stopping
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end)
    })
  }
}

function openLink(connection: GrpcConnection) {
  return connection.client(Cluster).supervise()
}
