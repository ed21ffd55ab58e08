import type { SchedulerCore } from '../../../../driver/cluster/driver-loop.ts'
import { ClusterScheduler, DEFAULT_SCHEDULER_SETTINGS } from '../../../../driver/scheduler/index.ts'
import { addWorker } from './add-worker.ts'
import { CheckedScheduler } from './checked-scheduler.ts'
import { SimulatedClient } from './client.ts'
import { SimulatedCluster } from './cluster.ts'
import { doFault } from './faults.ts'
import { World } from './world.ts'

/** Puts a planted bug over a scheduler. */
export type Plant = (scheduler: ClusterScheduler) => SchedulerCore

export interface Outcome {
  readonly faults: readonly string[]
  readonly hits: ReadonlyMap<string, number>
  readonly eventCount: number
  readonly simulatedMs: number
}

/** Faults happen in this time. */
const TROUBLE_MS = 15_000

/** All jobs must have ended so long after the last fault. */
const END_MS = 600_000

/** A cluster, some programs and some faults, as they follow from the seed. */
export function simulate(seed: number, plant: Plant | null = null): Outcome {
  const world = new World(seed)
  const scheduler = new ClusterScheduler({ settings: settingsOf(world) })
  const checked = new CheckedScheduler(world, scheduler, plant === null ? scheduler : plant(scheduler))
  const cluster = new SimulatedCluster(world, checked)
  for (let index = 0; index < 2 + world.integer(3); index++) addWorker(cluster)
  const clients: SimulatedClient[] = []
  for (let index = 0; index < 1 + world.integer(2); index++)
    clients.push(new SimulatedClient(cluster, `c${index}`, 2 + world.integer(6)))
  const faultCount = world.integer(12)
  for (let fault = 0; fault < faultCount; fault++)
    world.at(world.between(10, TROUBLE_MS * world.random()), () => doFault(cluster, clients))
  world.run(TROUBLE_MS)
  endTrouble(cluster)
  const isDone = (): boolean => clients.every((client) => client.isDone)
  world.run(world.nowMs + END_MS, isDone)
  for (const client of clients)
    for (const { job, isEnded } of client.jobs.values())
      if (!isEnded && world.faults.length === 0) world.fault(`job ${job.key} does not end`)
  if (world.faults.length === 0) checkEnd(cluster, clients, checked)
  cluster.loop.close()
  return { faults: world.faults, hits: world.hits, eventCount: world.eventCount, simulatedMs: world.nowMs }
}

function settingsOf(world: World) {
  return {
    mode: world.chance(0.5) ? ('fair' as const) : ('fifo' as const),
    localityWaitMs: world.chance(0.5) ? 100 : 0,
    speculation: { ...DEFAULT_SCHEDULER_SETTINGS.speculation, minMs: 200, quantile: 0.5 },
    exclusion: { ...DEFAULT_SCHEDULER_SETTINGS.exclusion, jobMs: 5000, clusterMs: 5000 },
    executorIdleMs: 3000,
    executorStartMs: 6000,
    executorStopMs: 1000,
    beatGraceMs: 2000,
    maxStartFailures: 30,
  }
}

/** From now on all goes well, and there are slots enough for every barrier. */
function endTrouble(cluster: SimulatedCluster): void {
  cluster.world.heal()
  for (const worker of cluster.workers) worker.isBroken = false
  for (const executor of cluster.executors.values()) executor.slowness = 1
  while (cluster.workers.reduce((slots, { facts }) => slots + facts.slots, 0) < 20) addWorker(cluster)
}

/** When all programs have ended, nothing of them may be left, in the driver or on workers. */
function checkEnd(cluster: SimulatedCluster, clients: readonly SimulatedClient[], checked: CheckedScheduler) {
  const { world } = cluster
  world.run(world.nowMs + 5000)
  for (const executor of cluster.executors.values())
    for (const key of executor.outputs.keys())
      if (!key.includes('/kept:')) world.fault(`${executor.id} still has ${key}, whose job has ended`)
  for (const client of clients) client.close()
  world.run(world.nowMs + 30_000)
  checked.checkEmpty()
  if (cluster.executors.size > 0) world.fault(`${cluster.executors.size} executors run at the end`)
  for (const { id, disk } of cluster.workers)
    if (disk.size > 0) world.fault(`worker ${id} has ${disk.size} outputs at the end`)
}
