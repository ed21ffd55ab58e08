import { EngineError, errorFromData, errorToData } from '../../../engine/errors.ts'
import { Blocks } from '../../../proto/cluster/index.ts'
import { connectGrpc, type GrpcConnection } from '../../../proto/grpc/index.ts'
import type { FetchResult, ResultReader, ResultRequest } from '../links.ts'

/** A connection that nobody has used for so long is closed. */
const IDLE_MS = 10_000
/** How often the first chunk is asked for; the pause doubles. */
const TRIES = 3
const PAUSE_MS = 100

/**
 * Fetches results from the block services of executors and workers. Connections are shared, and closed when
 * idle.
 */
export class ResultFetcher {
  readonly #connections = new Map<
    string,
    { readonly connection: GrpcConnection; users: number; usedMs: number }
  >()
  #sweeper: NodeJS.Timeout | null = null

  readonly fetch: FetchResult = (request) => {
    const controller = new AbortController()
    const chunks = this.#chunks(request, controller.signal)
    return {
      next: (done) => {
        chunks.next().then(
          (next) => {
            if (!controller.signal.aborted) done(next.done === true ? null : next.value, null)
          },
          (error: unknown) => {
            if (!controller.signal.aborted) done(null, errorFromData(errorToData(error)))
          },
        )
      },
      close: () => controller.abort(),
    } satisfies ResultReader
  }

  close(): void {
    if (this.#sweeper !== null) clearInterval(this.#sweeper)
    for (const { connection } of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  async *#chunks(request: ResultRequest, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const { jobId, stageId: stage, partition: map, attempt } = request
    const ranges = [{ stage, map, attempt, fromPartition: 0, toPartition: 1 }]
    if (request.address === '')
      throw new EngineError('CLUSTER_UNREACHABLE', `the holder "${request.holderId}" of a result is gone`)
    for (let tries = 1; ; tries++) {
      const entry = this.#connect(request)
      let isBegun = false
      try {
        for await (const { bytes } of entry.connection.client(Blocks).fetch({ jobId, ranges }, { signal })) {
          isBegun = true
          yield bytes
        }
        return
      } catch (error) {
        const isWorthATry = error instanceof EngineError && error.code === 'CLUSTER_UNREACHABLE'
        if (isBegun || !isWorthATry || tries === TRIES || signal.aborted) throw error
      } finally {
        entry.users--
        entry.usedMs = performance.now()
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** tries))
    }
  }

  #connect({ address, certificate, sessionId, sessionToken: token }: ResultRequest) {
    const key = `${address} ${sessionId} ${certificate}`
    let entry = this.#connections.get(key)
    if (entry === undefined) {
      const tls = certificate === '' ? null : { ca: certificate, certificate: null, key: null, pinned: true }
      const connection = connectGrpc({ address, security: { token, tls } })
      entry = { connection, users: 0, usedMs: 0 }
      this.#connections.set(key, entry)
    }
    entry.users++
    this.#sweeper ??= setInterval(() => this.#sweep(), IDLE_MS).unref()
    return entry
  }

  #sweep(): void {
    const oldestMs = performance.now() - IDLE_MS
    for (const [key, { connection, users, usedMs }] of this.#connections) {
      if (users > 0 || usedMs > oldestMs) continue
      connection.close()
      this.#connections.delete(key)
    }
  }
}
