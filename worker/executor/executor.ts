import { EngineError } from '../../engine/errors.ts'
import { MemoryPool } from '../../engine/memory/index.ts'
import { makeOwnCertificate } from '../../proto/certificates/index.ts'
import type { ExecutorOrder, Release, UserCodeOrder } from '../../proto/cluster/index.ts'
import { type GrpcServer, serveGrpc, sessionAuthority } from '../../proto/grpc/index.ts'
import { type CodeMessage, decodePlain } from '../../proto/messages/index.ts'
import { BlockFetcher, blockService, OutputStore } from '../blocks/index.ts'
import { ThreadPool } from '../threads/index.ts'
import { Attempts } from './attempts.ts'
import type { ExecutorConfig } from './config.ts'
import { DriverStream } from './driver-stream.ts'
import { TaskReports } from './reports.ts'
import { StageBook } from './stage-book.ts'
import { TaskInputs } from './task-inputs.ts'

/** How often it is looked which tasks have begun; shorter ones tell by their ends. */
const BEGUN_MS = 100

/** Running tasks of an executor that ends get this long. */
const CLOSE_MS = 2000

/** What has to be there before an executor is. */
interface ExecutorParts {
  readonly pool: MemoryPool
  readonly store: OutputStore
  readonly stream: DriverStream
  readonly server: GrpcServer
  /** Of the server; empty without TLS. */
  readonly certificate: string
}

/**
 * One session's process on one host: memory, threads, the blocks its tasks left, and a stream to the driver,
 * whose orders it follows. Tasks run on threads; this thread only carries messages, so that signs of life
 * come on time whatever tasks do.
 */
export class Executor {
  readonly #config: ExecutorConfig
  readonly #pool: MemoryPool
  readonly #threads: ThreadPool
  readonly #store: OutputStore
  readonly #fetcher: BlockFetcher
  readonly #book: StageBook
  readonly #inputs: TaskInputs
  readonly #reports: TaskReports
  readonly #attempts: Attempts
  readonly #stream: DriverStream
  readonly #server: GrpcServer
  readonly #certificate: string
  readonly #timers: NodeJS.Timeout[] = []
  readonly #onEnd: (reason: string) => void
  readonly #code = new Set<string>()

  private constructor(config: ExecutorConfig, parts: ExecutorParts, onEnd: (reason: string) => void) {
    this.#config = config
    this.#pool = parts.pool
    this.#store = parts.store
    this.#stream = parts.stream
    this.#server = parts.server
    this.#certificate = parts.certificate
    this.#onEnd = onEnd
    this.#threads = new ThreadPool(this.#pool, config.threads, null)
    this.#fetcher = new BlockFetcher({ token: config.token })
    this.#book = new StageBook(this.#threads)
    const { executorId } = config
    const shared = { executorId, pool: this.#pool, threads: this.#threads, book: this.#book }
    this.#inputs = new TaskInputs({ ...shared, store: this.#store, fetcher: this.#fetcher })
    this.#reports = new TaskReports(this.#stream, () => this.#attempts.count > config.threads)
    const { inputs, reports } = { inputs: this.#inputs, reports: this.#reports }
    this.#attempts = new Attempts({ ...shared, store: this.#store, inputs, reports })
  }

  /**
   * Starts all parts and says hello to the driver. `onEnd` hears once why the executor is over: the driver
   * said so, or is gone. CLUSTER_UNREACHABLE if there is no driver.
   */
  static async start(config: ExecutorConfig, onEnd: (reason: string) => void): Promise<Executor> {
    const { memoryBytes, localDir, sessionId, token, listenHost } = config
    const pool = MemoryPool.create({ limitBytes: memoryBytes, localDir: `${localDir}/${sessionId}` })
    const store = new OutputStore({ pool, folder: localDir })
    const listen = listenHost.includes(':') ? `[${listenHost}]:0` : `${listenHost}:0`
    // Where the cluster speaks TLS, so do its blocks; whoever fetches gets the certificate from the driver.
    const own = config.driverTls === null ? null : makeOwnCertificate()
    const server = await serveGrpc({
      listen,
      authority: sessionAuthority(sessionId, token),
      tls: own === null ? null : { certificate: own.certificate, key: own.key, clientCa: null },
      services: [blockService({ store })],
    })
    try {
      const stream = await DriverStream.open(config)
      const executor = new Executor(
        config,
        { pool, store, stream, server, certificate: own?.certificate ?? '' },
        onEnd,
      )
      executor.#begin()
      return executor
    } catch (error) {
      await server.close(0)
      throw error
    }
  }

  /** Stops everything. What its outputs have on disk stays. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#reports.flush()
    await this.#threads.close()
    this.#stream.close()
    await this.#server.close(CLOSE_MS)
    this.#fetcher.close()
    this.#store.close()
    this.#pool.spill.remove()
  }

  #begin(): void {
    this.#threads.start()
    const { heartbeatMs } = this.#config
    this.#timers.push(
      setInterval(() => this.#beat(), heartbeatMs),
      setInterval(() => this.#attempts.reportBegun(), BEGUN_MS),
    )
    const block = { address: this.#server.address, certificate: this.#certificate }
    this.#stream.begin(this.#config, block, {
      order: (order) => {
        try {
          this.#follow(order)
        } catch (error) {
          // Of another build, or broken: what else it says could not be trusted.
          this.#onEnd(`an order could not be followed: ${error instanceof Error ? error.message : error}`)
        }
      },
      closed: (error) => this.#onEnd(error === null ? 'the driver ended the stream' : error.message),
    })
  }

  #beat(): void {
    const { usedBytes, limitBytes, spill } = this.#pool
    const rssBytes = process.memoryUsage.rss()
    const { running } = this.#attempts
    this.#stream.beat({ usedBytes, limitBytes, rssBytes, spilledBytes: spill.usedBytes, running })
  }

  #follow({ kind }: ExecutorOrder): void {
    switch (kind.case) {
      case 'code':
        this.#keepCode(kind.value)
        break
      case 'stage':
        this.#book.addPiece(kind.value)
        break
      case 'outputs':
        this.#book.setOutputs(kind.value)
        break
      case 'launch':
        this.#attempts.launch(kind.value.tasks)
        break
      case 'cancel':
        this.#attempts.cancel(kind.value.attemptIds)
        break
      case 'release':
        this.#release(kind.value).catch((error: unknown) =>
          this.#onEnd(`outputs could not be freed: ${error instanceof Error ? error.message : error}`),
        )
        break
      case 'shutdown':
        this.#onEnd(kind.value.reason)
        break
      case undefined:
        throw new EngineError('PROTOCOL_ERROR', 'an order of the driver is empty')
    }
  }

  #keepCode({ codeId, codeKind, content }: UserCodeOrder): void {
    if (this.#code.has(codeId)) return
    this.#code.add(codeId)
    const decoded = decodePlain(content)
    if (codeKind !== 'function' && codeKind !== 'module')
      throw new EngineError('PROTOCOL_ERROR', `code of the kind "${codeKind}"`)
    // The client of this session made it so; it is code, so there is nothing to check that it could not undo.
    const message = (
      codeKind === 'function' ? { kind: codeKind, fn: decoded } : { kind: codeKind, module: decoded }
    ) as CodeMessage
    this.#threads.ship(message)
  }

  async #release({ jobId, stage }: Release): Promise<void> {
    if (stage !== undefined) {
      this.#store.freeStage(jobId, stage)
      await this.#inputs.release(jobId, stage)
      return
    }
    // What still arrives must not arrive in memory that is free by then.
    await Promise.all([this.#attempts.cancelJob(jobId), this.#inputs.release(jobId, null)])
    this.#store.freeJob(jobId)
    const tag = this.#book.forget(jobId)
    // Also what threads had that were ended.
    if (tag !== null) this.#pool.freeTag(tag)
  }
}
