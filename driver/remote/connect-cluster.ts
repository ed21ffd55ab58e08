import { basename } from 'node:path'
import type { ClientSecurity } from '../../proto/grpc/index.ts'
import type { LocalCluster, LocalClusterOptions } from './local-cluster.ts'
import type { RemoteCluster } from './remote-runner.ts'

/** What a session asks of its cluster. */
export interface ClusterRequest {
  /** For people; the name of the script if it is not given. */
  readonly name?: string | undefined
  /** Bytes of one executor; 0: as the worker says. */
  readonly executorBytes: number
  /** Most slots; 0: all. */
  readonly maxSlots: number
  readonly settings: Readonly<Record<string, string>>
}

/** Slots to plan for before a driver has said how many there are. */
const UNKNOWN_SLOTS = 4

/** A cluster whose driver runs at an address. */
export function clusterAt(address: string, security: ClientSecurity, request: ClusterRequest): RemoteCluster {
  return {
    address,
    hello: helloOf(request),
    slots: request.maxSlots === 0 ? UNKNOWN_SLOTS : request.maxSlots,
    workers: 0,
    async open(listener) {
      // Loaded late: most sessions run in one process.
      const { openGrpcLink } = await import('./grpc-link.ts')
      return await openGrpcLink(address, security, listener)
    },
  }
}

/** A cluster of processes of this machine, which start with the first job and end with the session. */
export function localCluster(options: LocalClusterOptions, request: ClusterRequest): RemoteCluster {
  let started: Promise<LocalCluster> | null = null
  const start = async (): Promise<LocalCluster> => {
    const { LocalCluster } = await import('./local-cluster.ts')
    return await LocalCluster.start(options)
  }
  return {
    address: 'local-cluster',
    hello: helloOf(request),
    slots: options.workers * options.threads,
    workers: options.workers,
    async open(listener) {
      started ??= start()
      const { address, token } = await started
      const { openGrpcLink } = await import('./grpc-link.ts')
      return await openGrpcLink(address, { token, tls: null }, listener)
    },
    async close() {
      await (await started?.catch(() => null))?.close() // Who failed to start left nothing.
    },
  }
}

function helloOf({ name, executorBytes, maxSlots, settings }: ClusterRequest): RemoteCluster['hello'] {
  const script = basename(process.argv[1] ?? 'millrace')
  return { name: name ?? script, executorMemoryBytes: executorBytes, maxSlots, settings: { ...settings } }
}
