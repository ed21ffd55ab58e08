import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { issueCertificate, makeAuthority } from '../../proto/certificates/index.ts'
import {
  Cluster,
  type ExecutorOrderSchema,
  type ExecutorReport,
  type TaskEnd,
  type WorkerOrderSchema,
  type WorkerReport,
} from '../../proto/cluster/index.ts'
import {
  bindService,
  type ClientSecurity,
  clusterAuthority,
  type GrpcServer,
  hashToken,
  type ServerTls,
  serveGrpc,
} from '../../proto/grpc/index.ts'
import { ExecutorProcess } from '../../worker/supervisor/executor-process.ts'

const CLUSTER_TOKEN = 'the-token-of-the-cluster'
export const SESSION_ID = 's-0123456789ab'

type Report<Message extends { readonly kind: { readonly case: string | undefined } }> = Message['kind']
type ExecutorOrderKind = NonNullable<MessageInitShape<typeof ExecutorOrderSchema>['kind']>
type WorkerOrderKind = NonNullable<MessageInitShape<typeof WorkerOrderSchema>['kind']>

/** What came over one stream, and a way to wait for more. */
export class Stream<Kind, Order> {
  readonly reports: Kind[] = []
  isClosed = false
  readonly #send: (order: Order) => void
  readonly #end: () => void
  readonly #changed = new Set<() => void>()

  constructor(send: (order: Order) => void, end: () => void) {
    this.#send = send
    this.#end = end
  }

  send(order: Order): void {
    this.#send(order)
  }

  end(): void {
    this.#end()
  }

  /** Resolves with the first thing that `find` gives, now or later. */
  async until<T>(find: (reports: readonly Kind[], isClosed: boolean) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.reports, this.isClosed)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#changed.add(resolve))
    }
  }

  push(report: Kind): void {
    this.reports.push(report)
    this.#wake()
  }

  close(): void {
    this.isClosed = true
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#changed) wake()
    this.#changed.clear()
  }
}

export type ExecutorStream = Stream<Report<ExecutorReport>, ExecutorOrderKind>
export type WorkerStream = Stream<Report<WorkerReport>, WorkerOrderKind>

/** A driver that does only what a test tells it: it takes streams, and keeps what it hears. */
export class TestDriver {
  readonly sessionToken = randomBytes(16).toString('hex')
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-worker-'))
  readonly executors = new Map<string, ExecutorStream>()
  readonly workers: WorkerStream[] = []
  readonly processes: ExecutorProcess[] = []
  readonly #certificates: { readonly ca: string; readonly server: ServerTls } | null
  #server: GrpcServer | null = null
  #wake: (() => void)[] = []
  #address = '127.0.0.1:0'

  get address(): string {
    return this.#address
  }

  get security(): ClientSecurity {
    const ca = this.#certificates?.ca
    return { token: CLUSTER_TOKEN, tls: ca === undefined ? null : { ca, certificate: null, key: null } }
  }

  /** `tls`: with a certificate of an authority that nobody else knows. */
  constructor(options: { readonly tls?: boolean } = {}) {
    this.#certificates = options.tls === true ? testCertificates() : null
  }

  /** Listens; again on the same port after `stopServing`. */
  async serve(): Promise<void> {
    const tokenHash = hashToken(this.sessionToken)
    this.#server = await serveGrpc({
      listen: this.#address,
      tls: this.#certificates?.server ?? null,
      authority: clusterAuthority({
        token: CLUSTER_TOKEN,
        certificates: false,
        sessionOf: (hash) => (hash === tokenHash ? SESSION_ID : null),
      }),
      services: [
        bindService(Cluster, {
          supervise: (link) => {
            const stream: WorkerStream = new Stream(
              (kind) => link.send({ kind }),
              () => link.end(),
            )
            this.workers.push(stream)
            this.#changed()
            link.listen({ message: ({ kind }) => stream.push(kind), closed: () => stream.close() })
          },
          execute: (link) => {
            const stream: ExecutorStream = new Stream(
              (kind) => link.send({ kind }),
              () => link.end(),
            )
            link.listen({
              message: ({ kind }) => {
                if (kind.case === 'hello') {
                  this.executors.set(kind.value.executorId, stream)
                  this.#changed()
                }
                stream.push(kind)
              },
              closed: () => stream.close(),
            })
          },
        }),
      ],
    })
    this.#address = this.#server.address
  }

  async stopServing(): Promise<void> {
    await this.#server?.close(0)
  }

  /** Starts an executor as a supervisor does; resolves when it has said hello. */
  async startExecutor(
    executorId: string,
    options: { readonly threads?: number; readonly memoryBytes?: number } = {},
  ): Promise<{ readonly process: ExecutorProcess; readonly stream: ExecutorStream }> {
    const { threads = 2, memoryBytes = 64 << 20 } = options
    const process = new ExecutorProcess({
      executorId,
      sessionId: SESSION_ID,
      driver: this.address,
      token: this.sessionToken,
      driverTls: this.#certificates === null ? null : { ca: this.#certificates.ca },
      threads,
      memoryBytes,
      localDir: this.folder,
      listenHost: '127.0.0.1',
      heartbeatMs: 100,
      settings: {},
    })
    this.processes.push(process)
    return { process, stream: await this.executor(executorId) }
  }

  /** The stream of an executor that has said hello. */
  async executor(executorId: string): Promise<ExecutorStream> {
    for (;;) {
      const stream = this.executors.get(executorId)
      if (stream !== undefined) return stream
      await this.#change()
    }
  }

  /** The stream of the worker that registered as the `count`th. */
  async worker(count: number): Promise<WorkerStream> {
    while (this.workers.length < count) await this.#change()
    return this.workers[count - 1]!
  }

  async close(): Promise<void> {
    for (const process of this.processes) process.stop(true)
    await Promise.all(this.processes.map(({ ended }) => ended))
    await this.stopServing()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

/** The end of an attempt, when it is there. */
export function endOf(stream: ExecutorStream, attemptId: number): Promise<TaskEnd> {
  return stream.until((reports) => {
    for (const report of reports)
      if (report.case === 'ends')
        for (const end of report.value.ends) if (end.attemptId === attemptId) return end
    return undefined
  })
}

function testCertificates() {
  const authority = makeAuthority('test', 1)
  const { certificate, key } = issueCertificate(authority, 'driver', ['127.0.0.1'], 1)
  return { ca: authority.certificate, server: { certificate, key, clientCa: null } }
}
