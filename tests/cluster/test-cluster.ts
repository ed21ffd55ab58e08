import { LocalCluster, type LocalClusterOptions } from '../../driver/remote/local-cluster.ts'
import { Session, type SessionOptions } from '../../driver/session.ts'
import { Driver, type StatusReply } from '../../proto/cluster/index.ts'
import { connectGrpc, type GrpcConnection } from '../../proto/grpc/index.ts'
import { makeNamespaces } from './namespaces.ts'

const MEGABYTE = 2 ** 20

/** How long a cluster may take to come to rest. */
const REST_MS = 20_000

/** A driver and workers on this machine, as `local-cluster[W,T]` starts them, and what tests ask of them. */
export interface TestCluster {
  readonly cluster: LocalCluster
  session(options?: SessionOptions): Session
  status(): Promise<StatusReply>
  /** Resolves when so many workers are registered. */
  untilWorkers(count: number): Promise<void>
  /** Resolves when no executor holds rows; fails with what they hold if that takes too long. */
  untilAtRest(): Promise<void>
  close(): Promise<void>
}

export async function startCluster(options: Partial<LocalClusterOptions> = {}): Promise<TestCluster> {
  const cluster = await LocalCluster.start({
    workers: 2,
    threads: 1,
    memoryBytes: 512 * MEGABYTE,
    driverFlags: ['--heartbeat', '200ms'],
    ...options,
  })
  const security = { token: cluster.token, tls: null }
  const connection: GrpcConnection = connectGrpc({ address: cluster.address, security })
  const status = (): Promise<StatusReply> => connection.client(Driver).getStatus({})
  return {
    cluster,
    status,
    session: (more = {}) =>
      new Session({
        master: `millrace://${cluster.address}`,
        token: cluster.token,
        memory: '512m',
        timeZone: 'UTC',
        ...more,
      }),
    untilWorkers: (count) =>
      until(async () => {
        const { workers } = await status()
        const active = workers.filter(({ state }) => state === 'active').length
        return active >= count ? null : `${active} of ${count} workers are there`
      }),
    untilAtRest: () =>
      until(async () => {
        const held = (await status()).workers.reduce((sum, worker) => sum + worker.memoryUsedBytes, 0)
        return held === 0 ? null : `executors hold ${held} bytes`
      }),
    async close() {
      connection.close()
      await cluster.close()
    },
  }
}

/** Where the workers of a cluster are: all on this host, or each on a host in a network of its own. */
export type Place = 'processes of one host' | 'hosts in network namespaces'

/** The places that tests of whole suites run at; the second one at full count only. */
export const PLACES: readonly Place[] =
  process.env['MILLRACE_TEST_FULL'] === '1'
    ? ['processes of one host', 'hosts in network namespaces']
    : ['processes of one host']

/** A cluster of two workers at a place. */
export async function startClusterAt(place: Place): Promise<TestCluster> {
  if (place === 'processes of one host') {
    const cluster = await startCluster()
    await cluster.untilWorkers(2)
    return cluster
  }
  const network = makeNamespaces(2)
  try {
    const cluster = await startCluster({
      through: (index) => network.through(index),
      driverFlags: ['--listen', `${network.driver}:0`, '--heartbeat', '200ms'],
    })
    await cluster.untilWorkers(2)
    return {
      ...cluster,
      async close() {
        await cluster.close()
        network.close()
      },
    }
  } catch (error) {
    network.close()
    throw error
  }
}

/** Asks again until the answer is null; fails with the last one. */
export async function until(
  ask: () => Promise<string | null> | string | null,
  mostMs = REST_MS,
): Promise<void> {
  const deadline = performance.now() + mostMs
  for (;;) {
    const answer = await ask()
    if (answer === null) return
    if (performance.now() > deadline) throw new Error(answer)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
