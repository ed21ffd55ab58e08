import type { TimedRecord } from '../driver/cluster/index.ts'
import type { RunningDriver } from '../driver/cluster/rpc/index.ts'
import { ClusterHistory, type Gauges, serveUi, type UiServer } from '../driver/ui/index.ts'
import { EngineError } from '../engine/errors.ts'
import { isLoopback, parseAddress } from '../proto/grpc/index.ts'
import type { ClusterSecrets } from './cluster-access.ts'

const NOTHING: Gauges = { workers: new Map(), executors: new Map(), storage: [], programs: [] }

/** The page of a driver: what it shows is collected from the start, and served once the driver runs. */
export class DriverPage {
  readonly #history: ClusterHistory
  #driver: RunningDriver | null = null
  #server: UiServer | null = null

  constructor() {
    this.#history = new ClusterHistory(
      () => Date.now(),
      () => (this.#driver === null ? NOTHING : gaugesOf(this.#driver)),
    )
  }

  observe(record: TimedRecord): void {
    this.#history.add(record)
  }

  /** Gives the address for a browser. CONFIG_INVALID for others than loopback without a token. */
  async serve(
    listen: string,
    { token, certificate, key }: ClusterSecrets,
    driver: RunningDriver,
  ): Promise<string> {
    const { host, port } = parseAddress(listen)
    if (token === null && !isLoopback(host))
      throw new EngineError('CONFIG_INVALID', `refused to show the page on "${listen}" without a token`, {
        hint: 'Give --token-file FILE, or show it on 127.0.0.1.',
      })
    this.#driver = driver
    const tls = certificate === null || key === null ? null : { certificate, key }
    this.#server = await serveUi({ host, port, history: this.#history, token, tls })
    return this.#server.url
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }
}

function gaugesOf({ loop, programs, keptRows }: RunningDriver): Gauges {
  const workers = [...loop.workers.all()].map(({ workerId, beat, lastSeenWallMs }) => {
    const { rssBytes = 0, load = 0, diskUsedBytes = 0 } = beat ?? {}
    return [workerId, { rssBytes, load, diskUsedBytes, lastSeenMs: lastSeenWallMs }] as const
  })
  const executors = [...loop.executors.all()].map(({ executorId, beat }) => {
    const { usedBytes = 0, rssBytes = 0, spilledBytes = 0 } = beat ?? {}
    return [executorId, { usedBytes, rssBytes, spilledBytes }] as const
  })
  return {
    workers: new Map(workers),
    executors: new Map(executors),
    storage: keptRows(),
    programs: (programs?.stored() ?? []).map(({ programId, name, state, submittedMs, ...program }) => {
      const isOver = state !== 'running'
      const { starts, endedMs, exitCode } = program
      return {
        programId,
        name,
        state,
        submittedMs,
        starts,
        endedMs: isOver ? endedMs : null,
        exitCode: isOver ? exitCode : null,
      }
    }),
  }
}
