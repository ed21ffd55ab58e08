import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import {
  type Authority,
  buildId,
  clusterAuthority,
  type GrpcServer,
  hashToken,
  newToken,
  type ServerTls,
  serveGrpc,
} from '../../../proto/grpc/index.ts'
import { DriverLoop, type SchedulerCore } from '../driver-loop.ts'
import type { ClusterObserver } from '../job-events.ts'
import type { ReadGraph } from '../job-intake.ts'
import type { IdSource } from '../links.ts'
import type { LoopSettings } from '../loop-settings.ts'
import { Programs } from '../programs/index.ts'
import { ResultFetcher } from './fetch-result.ts'
import { realClock } from './real-clock.ts'
import { clusterService, driverService } from './services.ts'
import { openSpoolFile } from './spool-file.ts'

/** What a driver is started with. */
export interface DriverConfig {
  /** `host:port`; port 0: any that is free. Another host than loopback needs a token or certificates. */
  readonly listen: string
  /** The cluster's secret; null: none. */
  readonly token: string | null
  /** With `clientCa`, a certificate of it opens the driver too. Null: plain text. */
  readonly tls: ServerTls | null
  readonly loop?: Partial<LoopSettings>
  /** Hear of everything that happens. */
  readonly observers?: readonly ClusterObserver[]
  /** Something beside the jobs has failed, such as an observer or a disk; the driver goes on. */
  readonly onWarning?: (error: unknown) => void
  /** More or fewer workers would be of use: how many in all. */
  readonly onWantWorkers?: (count: number) => void
  /** Where detached programs are kept; null: the driver takes none. */
  readonly stateFolder?: string | null
  /** Of detached programs, besides where the driver is: for example whose certificates they trust. */
  readonly programEnv?: Readonly<Record<string, string>>
}

/** A driver that runs. */
export interface RunningDriver {
  /** `host:port`. */
  readonly address: string
  readonly loop: DriverLoop
  readonly programs: Programs | null
  keptRows(): readonly KeptRows[]
  /** Resolves with what is wrong if the driver has broken and serves no more; else never. */
  readonly broken: Promise<unknown>
  /** Ends sessions, executors and programs' processes. */
  close(): Promise<void>
}

/** Rows that a session keeps under a key. */
export interface KeptRows {
  readonly sessionId: string
  readonly key: string
  /** Parts that are there, of how many. */
  readonly partitions: number
  readonly partitionCount: number
  /** Of the parts that were ever there. */
  readonly bytes: number
}

/** What decides in a driver. */
export interface DriverCore {
  readonly scheduler: SchedulerCore
  readonly readGraph: ReadGraph
  keptRows(): readonly KeptRows[]
}

/** Serves a driver around a core. CONFIG_INVALID if it cannot listen there, or must not. */
export async function serveDriver(config: DriverConfig, core: DriverCore): Promise<RunningDriver> {
  const { observers = [], stateFolder = null, onWarning = () => {} } = config
  const fetcher = new ResultFetcher()
  const build = buildId()
  let onBroken: (error: unknown) => void = () => {}
  const broken = new Promise<unknown>((resolve) => {
    onBroken = resolve
  })
  const loop = new DriverLoop({
    ...core,
    clock: realClock(),
    ids: secretIds(),
    fetchResult: fetcher.fetch,
    openSpool: () => openSpoolFile(tmpdir()),
    build,
    settings: config.loop ?? {},
    observer: observers.length === 0 ? null : joinObservers(observers),
    onObserverError: onWarning,
    onWantWorkers: config.onWantWorkers ?? (() => {}),
    onBroken,
  })
  let server: GrpcServer | null = null
  let programs: Programs | null = null
  const close = async (): Promise<void> => {
    await programs?.close()
    loop.close()
    await server?.close()
    fetcher.close()
  }
  try {
    const env: Record<string, string> = { ...config.programEnv }
    programs = stateFolder === null ? null : new Programs({ stateFolder, env, onError: onWarning })
    server = await serveGrpc({
      listen: config.listen,
      tls: config.tls,
      authority: driverAuthority(config, loop, programs),
      services: [clusterService(loop), driverService(loop, programs, build)],
    })
    env['MILLRACE_MASTER'] = `millrace://${server.address}`
    programs?.resume()
    return { address: server.address, loop, programs, keptRows: core.keptRows, broken, close }
  } catch (error) {
    await close()
    throw error
  }
}

function joinObservers(observers: readonly ClusterObserver[]): ClusterObserver {
  return (record) => {
    for (const observe of observers) observe(record)
  }
}

function secretIds(): IdSource {
  return { sessionId: () => `s-${randomBytes(6).toString('hex')}`, token: newToken, hashOf: hashToken }
}

/**
 * As that of every process of a cluster; besides, the token of a program that the driver runs opens sessions.
 */
function driverAuthority(
  { token, tls }: DriverConfig,
  loop: DriverLoop,
  programs: Programs | null,
): Authority {
  const cluster = clusterAuthority({
    token,
    certificates: tls !== null && tls.clientCa !== null,
    sessionOf: (hash) => loop.sessions.ofToken(hash),
  })
  if (programs === null) return cluster
  return {
    isOpen: cluster.isOpen,
    authorize(method, shown) {
      if (
        method === 'Driver/Attach' &&
        shown.token !== null &&
        programs.isProgramToken(hashToken(shown.token))
      )
        return { kind: 'cluster' }
      return cluster.authorize(method, shown)
    },
  }
}
