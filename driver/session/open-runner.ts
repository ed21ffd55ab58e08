import { totalmem } from 'node:os'
import type { MemoryPool } from '../../engine/memory/index.ts'
import { type JobObserver, LocalRunner } from '../local/index.ts'
import { type ClusterRequest, clusterAt, localCluster, RemoteRunner } from '../remote/index.ts'
import type { JobRunner } from '../stages/index.ts'
import { clusterAccess, clusterSecurity } from './cluster-security.ts'
import { type Master, parseMemory } from './config.ts'
import { setting } from './environment.ts'
import type { SessionOptions } from './session-options.ts'

/** What a runner uses of its session. */
interface RunnerPlace {
  readonly pool: MemoryPool
  readonly observer: JobObserver | null
  /** Settings as they are when a job begins. */
  readonly config: ReadonlyMap<string, string>
}

/** Whoever runs the jobs of a session: threads, processes of this machine, or a cluster. */
export function openRunner(master: Master, options: SessionOptions, place: RunnerPlace): JobRunner {
  const { pool, observer, config } = place
  if (master.kind === 'local') return new LocalRunner(pool, master.threads, observer)
  const request = clusterRequest(options)
  if (master.kind === 'cluster') {
    const cluster = clusterAt(master.address, clusterSecurity(clusterAccess(options)), request)
    return new RemoteRunner(pool, cluster, config, observer)
  }
  const { workers, threads } = master
  const memoryBytes = Math.floor(Math.min(pool.limitBytes, totalmem() / 2) / workers)
  const localDir = options.localDir ?? setting('LOCAL_DIR')
  const executorBytes = request.executorBytes > 0 ? request.executorBytes : memoryBytes
  const processes = { workers, threads, memoryBytes: Math.max(memoryBytes, executorBytes), localDir }
  return new RemoteRunner(pool, localCluster(processes, { ...request, executorBytes }), config, observer)
}

function clusterRequest({ name, executorMemory, maxSlots, settings }: SessionOptions): ClusterRequest {
  const memory = executorMemory ?? setting('EXECUTOR_MEMORY')
  return {
    name,
    executorBytes: memory === undefined ? 0 : parseMemory(memory),
    maxSlots: maxSlots ?? Number(setting('MAX_SLOTS') ?? 0),
    settings: settings ?? {},
  }
}
