import { connectGrpc, type GrpcConnection } from '../../proto/grpc/index.ts'
import { Budget } from './budget.ts'
import type { BlockHolder } from './fetch-request.ts'

/** A connection that nobody has used for so long is closed. */
const IDLE_MS = 60_000

interface Entry {
  readonly connection: GrpcConnection
  readonly streams: Budget
  users: number
  usedMs: number
}

/** A connection in use; give it back. */
export interface UsedConnection {
  readonly connection: GrpcConnection
  /** Bounds the streams over it. */
  readonly streams: Budget
  giveBack(): void
}

/** Connections to block services, one each, closed when idle. All show the session's token. */
export class Connections {
  readonly #token: string | null
  readonly #mostStreams: number
  readonly #windowBytes: number
  readonly #entries = new Map<string, Entry>()
  readonly #sweeper: NodeJS.Timeout

  constructor(token: string | null, mostStreams: number, windowBytes: number) {
    this.#token = token
    this.#mostStreams = mostStreams
    this.#windowBytes = windowBytes
    this.#sweeper = setInterval(() => this.#sweep(), IDLE_MS / 2).unref()
  }

  use({ address, certificate }: BlockHolder): UsedConnection {
    const key = `${address} ${certificate}`
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      const tls = certificate === '' ? null : { ca: certificate, certificate: null, key: null, pinned: true }
      const security = { token: this.#token, tls }
      const connection = connectGrpc({ address, security, windowBytes: this.#windowBytes })
      entry = { connection, streams: new Budget(this.#mostStreams), users: 0, usedMs: 0 }
      this.#entries.set(key, entry)
    }
    const used = entry
    used.users++
    return {
      connection: used.connection,
      streams: used.streams,
      giveBack: () => {
        used.users--
        used.usedMs = performance.now()
      },
    }
  }

  close(): void {
    clearInterval(this.#sweeper)
    for (const { connection } of this.#entries.values()) connection.close()
    this.#entries.clear()
  }

  #sweep(): void {
    const oldestMs = performance.now() - IDLE_MS
    for (const [key, { connection, users, usedMs }] of this.#entries) {
      if (users > 0 || usedMs > oldestMs) continue
      connection.close()
      this.#entries.delete(key)
    }
  }
}
