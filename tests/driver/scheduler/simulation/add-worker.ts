import type { SimulatedCluster } from './cluster.ts'
import { SimulatedWorker } from './worker.ts'

/** One more worker. */
export function addWorker(cluster: SimulatedCluster): void {
  const { world } = cluster
  const id = `w${++cluster.workerCount}`
  const facts = { id, slots: 2 + world.integer(3), memoryBytes: 1000, disk: new Map() }
  cluster.workers.push(new SimulatedWorker(cluster, facts))
}
