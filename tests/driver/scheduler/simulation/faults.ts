import { addWorker } from './add-worker.ts'
import type { SimulatedClient } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'
import { SimulatedWorker } from './worker.ts'

type Fault = (cluster: SimulatedCluster, clients: readonly SimulatedClient[]) => boolean

/** What may go wrong; each says whether it did, as there may be nothing to break. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'worker killed and started again': (cluster) => killWorker(cluster, false, true),
  'host lost': (cluster) => killWorker(cluster, true, false),
  'all workers killed': (cluster) => {
    const count = cluster.workers.length
    while (killWorker(cluster, true, false));
    for (let added = 0; added < count; added++) cluster.world.at(2000, () => addWorker(cluster))
    return count > 0
  },
  'executor killed': (cluster) => withExecutor(cluster, (executor) => executor.exit('signal SIGKILL')),
  'executor stands still': (cluster) =>
    withExecutor(cluster, (executor) => executor.freeze(cluster.world.between(500, 8000))),
  'host stands still': ({ world, workers }) => {
    const worker = world.pick(workers)
    if (worker === undefined) return false
    const forMs = world.between(500, 8000)
    worker.freeze(forMs)
    for (const executor of worker.executors.values()) executor.freeze(forMs)
    return true
  },
  'executor slow': (cluster) =>
    withExecutor(cluster, (executor) => {
      executor.slowness = 20
    }),
  'stream of executor broken': (cluster) => withExecutor(cluster, (executor) => executor.breakStream()),
  'stream of worker broken': ({ world, workers }) => {
    const worker = world.pick(workers)
    worker?.breakStream()
    return worker !== undefined
  },
  'worker parted from driver': ({ world, workers }) => {
    const worker = world.pick(workers)
    if (worker !== undefined) world.block(worker.host, 'driver', world.between(200, 6000))
    return worker !== undefined
  },
  'workers parted': ({ world, workers }) => {
    const [one, other] = [world.pick(workers), world.pick(workers)]
    if (one === undefined || other === undefined || one === other) return false
    world.block(one.host, other.host, world.between(500, 10_000))
    return true
  },
  'output lost': (cluster) => withExecutor(cluster, (executor) => executor.corrupt()),
  'task forgotten': (cluster) => withExecutor(cluster, (executor) => executor.forget()),
  'executors do not start': ({ world, workers }) => {
    const worker = world.pick(workers)
    if (worker === undefined) return false
    worker.isBroken = true
    world.at(3000, () => {
      worker.isBroken = false
    })
    return true
  },
  'worker decommissioned': ({ world, workers, loop }) => {
    const worker = world.pick(workers)
    return worker !== undefined && workers.length > 1 && loop.decommission(worker.id)
  },
  'worker added': (cluster) => {
    addWorker(cluster)
    return true
  },
  'job cancelled': ({ world }, clients) => world.pick(clients)?.cancel() ?? false,
  'kept rows dropped': ({ world }, clients) => world.pick(clients)?.drop() ?? false,
}

export const FAULT_KINDS: readonly string[] = Object.keys(FAULTS)

/** Something goes wrong. */
export function doFault(cluster: SimulatedCluster, clients: readonly SimulatedClient[]): void {
  const kind = cluster.world.pick(FAULT_KINDS)!
  const isBusy = clients.some(({ jobs }) => [...jobs.values()].some(({ isEnded }) => !isEnded))
  if (FAULTS[kind]!(cluster, clients) && isBusy) cluster.world.hit(kind)
}

function killWorker(cluster: SimulatedCluster, loses: boolean, returns: boolean): boolean {
  const { world, workers } = cluster
  const worker = world.pick(workers)
  if (worker === undefined) return false
  worker.crash(loses)
  if (returns)
    world.at(world.between(100, 5000), () => workers.push(new SimulatedWorker(cluster, worker.facts)))
  return true
}

function withExecutor(
  { world, executors }: SimulatedCluster,
  run: (executor: NonNullable<ReturnType<typeof executors.get>>) => unknown,
): boolean {
  const all = [...executors.values()]
  const executor = world.pick(all.filter(({ isBusy }) => isBusy)) ?? world.pick(all)
  return executor !== undefined && run(executor) !== false
}
