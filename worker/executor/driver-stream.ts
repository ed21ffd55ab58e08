import type { EngineError } from '../../engine/errors.ts'
import { Cluster, type ExecutorOrder } from '../../proto/cluster/index.ts'
import { connectGrpc, type GrpcConnection } from '../../proto/grpc/index.ts'
import type { ExecutorConfig } from './config.ts'
import type { ReportSink, TaskEndInit } from './reports.ts'

/** What the driver wants, and that it is gone. */
export interface StreamListener {
  order(order: ExecutorOrder): void
  /** The stream is over: null if the driver ended it. */
  closed(error: EngineError | null): void
}

export interface Beat {
  readonly usedBytes: number
  readonly limitBytes: number
  readonly rssBytes: number
  readonly spilledBytes: number
  readonly running: number[]
}

/** A driver that is there answers within this. */
const CONNECT_MS = 20_000

/** Most ends in one message, which then stays far below what a message may be. */
const MOST_ENDS = 1000
const MOST_END_BYTES = 4 * 2 ** 20

/** The executor's stream to the driver. */
export class DriverStream implements ReportSink {
  readonly #connection: GrpcConnection
  readonly #link: ReturnType<ReturnType<typeof linkOf>>
  /** Ends that wait until the driver takes more. */
  #waiting: TaskEndInit[] = []
  #isDraining = false

  private constructor(connection: GrpcConnection, link: ReturnType<ReturnType<typeof linkOf>>) {
    this.#connection = connection
    this.#link = link
  }

  /** CLUSTER_UNREACHABLE if there is no driver in time. */
  static async open({ driver, driverTls, token }: ExecutorConfig): Promise<DriverStream> {
    const tls = driverTls === null ? null : { ca: driverTls.ca, certificate: null, key: null }
    const connection = connectGrpc({ address: driver, security: { token, tls } })
    try {
      await connection.ready(CONNECT_MS)
      return new DriverStream(connection, linkOf(connection)())
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** The first report, and from then on what the driver sends. */
  begin(
    { executorId, sessionId }: ExecutorConfig,
    block: { readonly address: string; readonly certificate: string },
    listener: StreamListener,
  ): void {
    const value = {
      executorId,
      sessionId,
      pid: process.pid,
      blockAddress: block.address,
      blockCertificate: block.certificate,
    }
    this.#link.send({ kind: { case: 'hello', value } })
    this.#link.listen({
      message: (order) => listener.order(order),
      closed: (error) => listener.closed(error),
    })
  }

  beat(beat: Beat): void {
    this.#link.send({ kind: { case: 'beat', value: beat } })
  }

  begun(attemptIds: number[], beganAtUs: number[]): void {
    this.#link.send({ kind: { case: 'begun', value: { attemptIds, beganAtUs } } })
  }

  ends(ends: TaskEndInit[]): void {
    this.#waiting.push(...ends)
    if (!this.#isDraining) void this.#drain()
  }

  close(): void {
    this.#link.end()
    this.#connection.close()
  }

  /** Sends ends in messages of bounded size, no faster than the driver takes them. */
  async #drain(): Promise<void> {
    this.#isDraining = true
    try {
      while (this.#waiting.length > 0) {
        const ends = this.#waiting.splice(0, countToSend(this.#waiting))
        const goesOn = this.#link.send({ kind: { case: 'ends', value: { ends } } })
        if (!goesOn) await this.#link.drained()
      }
    } catch {
      this.#waiting = [] // The stream is over, and its listener has heard why.
    } finally {
      this.#isDraining = false
    }
  }
}

function linkOf(connection: GrpcConnection) {
  return () => connection.client(Cluster).execute()
}

function countToSend(ends: readonly TaskEndInit[]): number {
  let bytes = 0
  let count = 0
  for (const { inline = [] } of ends) {
    for (const chunk of inline) bytes += chunk.length
    if (count > 0 && (bytes > MOST_END_BYTES || count === MOST_ENDS)) break
    count++
  }
  return count
}
