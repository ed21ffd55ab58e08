import { statfsSync } from 'node:fs'
import { loadavg } from 'node:os'
import type { EngineError } from '../../engine/errors.ts'
import { MemoryPool } from '../../engine/memory/index.ts'
import { makeOwnCertificate } from '../../proto/certificates/index.ts'
import type { StartExecutor, WorkerOrder } from '../../proto/cluster/index.ts'
import {
  clusterAuthority,
  type GrpcServer,
  hashToken,
  type ServerTls,
  serveGrpc,
} from '../../proto/grpc/index.ts'
import { blockService, type OutputKey, OutputStore, sessionOf } from '../blocks/index.ts'
import { DriverConnection, type ReportInit } from './driver-connection.ts'
import type { ExecutorProcess } from './executor-process.ts'
import { Executors } from './executors.ts'
import { LocalFolder } from './local-folder.ts'
import type { WorkerConfig } from './worker-config.ts'

/** For what is read of outputs on disk while they are served. */
const SERVE_BYTES = 256 * 2 ** 20

/** Until the driver says how often it wants a sign of life. */
const FIRST_HEARTBEAT_MS = 1000

/** One worker: its executors, its stream to the driver, and the blocks it serves. */
export class Worker {
  readonly #config: WorkerConfig
  readonly #folder: LocalFolder
  readonly #executors: Executors
  readonly #tls: ServerTls | null
  readonly #pool: MemoryPool
  readonly #store: OutputStore
  /** Hashes of the tokens of sessions, by session. */
  readonly #tokenHashes: Map<string, string>
  readonly #ending = new Set<string>()
  #connection: DriverConnection | null = null
  #server: GrpcServer | null = null
  #heartbeatMs = FIRST_HEARTBEAT_MS
  #beats: NodeJS.Timeout | undefined
  #onDrained: () => void = () => {}
  #onRefused: (error: EngineError) => void = () => {}
  /** Resolves when a driver does not take this worker. */
  readonly refused = new Promise<EngineError>((resolve) => {
    this.#onRefused = resolve
  })
  /** Resolves when the driver has sent this worker away. */
  readonly drained = new Promise<void>((resolve) => {
    this.#onDrained = resolve
  })

  /** CONFIG_INVALID if the folder cannot be had. */
  constructor(config: WorkerConfig) {
    this.#config = config
    this.#folder = LocalFolder.open(config.localDir)
    this.#tokenHashes = this.#folder.tokenHashes()
    this.#pool = MemoryPool.create({ limitBytes: SERVE_BYTES, localDir: config.localDir })
    this.#store = new OutputStore({ pool: this.#pool, folder: config.localDir })
    this.#tls = config.tls ?? (config.security.tls === null ? null : ownTls())
    this.#executors = new Executors(config, (executor, reason) => this.#onExit(executor, reason))
  }

  get workerId(): string {
    return this.#folder.workerId
  }

  /** Where blocks are served. */
  get blockAddress(): string {
    return this.#server?.address ?? ''
  }

  /** Serves blocks, and keeps in touch with the driver. CONFIG_INVALID if it cannot listen. */
  async start(): Promise<void> {
    const { driver, security, listenHost, log } = this.#config
    const tls = this.#tls
    this.#removeRest(this.#store.openDurable())
    this.#server = await serveGrpc({
      listen: listenHost.includes(':') ? `[${listenHost}]:0` : `${listenHost}:0`,
      authority: clusterAuthority({
        token: security.token,
        certificates: tls !== null && tls.clientCa !== null,
        sessionOf: (hash) => this.#sessionOf(hash),
      }),
      tls,
      services: [blockService({ store: this.#store })],
    })
    this.#connection = new DriverConnection(
      { address: driver, security },
      {
        register: () => this.#register(),
        order: (order) => this.#follow(order),
        lost: () => clearInterval(this.#beats),
        refused: (error) => {
          log('error', 'the driver refuses this worker', { driver, reason: error.message })
          this.#onRefused(error)
        },
      },
      log,
    )
    log('info', 'worker started', { workerId: this.workerId, driver, blocks: this.blockAddress })
    void this.#connection.run()
  }

  /** Tells the driver that this worker leaves; `drained` follows. Without a driver nobody needs it. */
  announceLeave(): void {
    if (this.#connection?.isOpen === true) this.#connection.send({ case: 'leaving', value: {} })
    else this.#onDrained()
  }

  /** Ends executors, then everything else. Outputs on disk stay for the next start. */
  async close(): Promise<void> {
    clearInterval(this.#beats)
    await this.#executors.close(false)
    this.#connection?.close()
    await this.#server?.close()
    this.#store.close()
    this.#pool.spill.remove()
    this.#folder.close()
  }

  #register(): ReportInit {
    const { host, slots, memoryBytes } = this.#config
    const value = {
      workerId: this.workerId,
      host,
      slots,
      memoryBytes,
      blockAddress: this.blockAddress,
      blockCertificate: this.#tls?.certificate ?? '',
      outputs: this.#store.durableKeys().map(keptOutput),
      executorIds: this.#executors.ids,
    }
    return { case: 'register', value }
  }

  #follow({ kind }: WorkerOrder): void {
    const { log } = this.#config
    switch (kind.case) {
      case 'welcome':
        this.#welcome(kind.value.heartbeatMs)
        break
      case 'start':
        this.#startExecutor(kind.value)
        break
      case 'stop':
        if (!this.#executors.stop(kind.value.executorId, kind.value.kill))
          this.#exited(kind.value.executorId, 'it does not run', [])
        break
      case 'endSession':
        void this.#endSession(kind.value.sessionId)
        break
      case 'drain':
        log('info', 'the driver needs this worker no more')
        this.#onDrained()
        break
      case undefined:
        log('error', 'an order of the driver is empty')
    }
  }

  #welcome(heartbeatMs: number): void {
    this.#config.log('info', 'registered with the driver', { workerId: this.workerId })
    this.#heartbeatMs = Math.max(100, heartbeatMs)
    clearInterval(this.#beats)
    this.#beats = setInterval(() => this.#beat(), this.#heartbeatMs)
  }

  #beat(): void {
    const value = {
      rssBytes: process.memoryUsage.rss(),
      load: loadavg()[0]!,
      diskUsedBytes: this.#diskUsedBytes(),
    }
    this.#connection?.send({ case: 'beat', value })
  }

  /** A disk that cannot be asked is no reason to be silent; whoever writes to it will hear. */
  #diskUsedBytes(): number {
    try {
      const { blocks, bfree, bsize } = statfsSync(this.#folder.path)
      return (blocks - bfree) * bsize
    } catch {
      return 0
    }
  }

  #startExecutor(order: StartExecutor): void {
    const { executorId, sessionId, sessionToken } = order
    try {
      const hash = hashToken(sessionToken)
      this.#tokenHashes.set(sessionId, hash)
      this.#folder.openSession(sessionId, hash)
      this.#executors.start(order, this.#heartbeatMs)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#config.log('error', 'an executor could not be started', { executorId, reason })
      this.#exited(executorId, `it could not be started: ${reason}`, [])
    }
  }

  /** From now on this process serves what the executor left on disk. */
  #onExit({ executorId, sessionId }: ExecutorProcess, reason: string): void {
    if (this.#ending.has(sessionId)) return
    this.#exited(executorId, reason, this.#store.openDurable(sessionId))
  }

  #exited(executorId: string, reason: string, outputs: readonly OutputKey[]): void {
    const value = { executorId, reason, outputs: outputs.map(keptOutput) }
    this.#connection?.send({ case: 'exited', value })
  }

  async #endSession(sessionId: string): Promise<void> {
    this.#ending.add(sessionId)
    try {
      await this.#executors.endSession(sessionId)
      this.#tokenHashes.delete(sessionId)
      this.#store.freeSession(sessionId)
      this.#folder.removeSession(sessionId)
      this.#config.log('info', 'session ended', { sessionId })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#config.log('error', 'the files of a session could not be removed', { sessionId, reason })
    } finally {
      this.#ending.delete(sessionId)
    }
  }

  /** Of sessions of before, only what is whole is of use. */
  #removeRest(keys: readonly OutputKey[]): void {
    const useful = new Set(keys.map(({ jobId }) => sessionOf(jobId)))
    for (const sessionId of this.#folder.sessions())
      if (!useful.has(sessionId)) this.#folder.removeSession(sessionId)
  }

  #sessionOf(tokenHash: string): string | null {
    for (const [sessionId, hash] of this.#tokenHashes) if (hash === tokenHash) return sessionId
    return null
  }
}

function ownTls(): ServerTls {
  const { certificate, key } = makeOwnCertificate()
  return { certificate, key, clientCa: null }
}

function keptOutput({ jobId, stageId, partition, attempt }: OutputKey) {
  return { sessionId: sessionOf(jobId), jobId, stage: stageId, partition, attempt }
}
