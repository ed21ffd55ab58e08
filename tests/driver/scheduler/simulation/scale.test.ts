import { expect, test } from 'vitest'
import { runScheduler } from '../../../../bench/scheduler/cluster-of-events.ts'
import { ClusterScheduler } from '../../../../driver/scheduler/index.ts'
import type { JobGraph } from '../../../../driver/stages/index.ts'
import { addWorker } from './add-worker.ts'
import { CheckedScheduler } from './checked-scheduler.ts'
import { SimulatedClient } from './client.ts'
import { SimulatedCluster } from './cluster.ts'
import { simulatedGraph } from './contents.ts'
import { World } from './world.ts'

const FULL = process.env['MILLRACE_TEST_FULL'] === '1'
const WORKERS = FULL ? 1000 : 60
const TASKS = FULL ? 100_000 : 4000
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

/** Few tasks, many that read all of what these left, and few that read all of that. */
function largeGraph(): JobGraph {
  const plan = { kind: 'ValuesExec', id: 1, schema: { fields: [] }, rows: [] } as const
  return {
    stages: [
      { id: 0, plan, taskCount: 20, output: { kind: 'single' }, inputs: [] },
      { id: 1, plan, taskCount: TASKS - 28, output: { kind: 'single' }, inputs: [0] },
      { id: 2, plan, taskCount: 8, output: null, inputs: [1] },
    ],
    reusedExchanges: new Set(),
  }
}

test(`${TASKS} tasks on ${WORKERS} workers, some of which are lost (SEED=${SEED})`, () => {
  const world = new World(SEED)
  const scheduler = new ClusterScheduler({})
  const cluster = new SimulatedCluster(world, scheduler)
  for (let worker = 0; worker < WORKERS; worker++) addWorker(cluster)
  const graph = simulatedGraph(() => 0.5, largeGraph())
  const job = { graph, key: 'large', sharedCount: 0, sharedKey: '', poison: null }
  const client = new SimulatedClient(cluster, 'c', [job])
  const lost = Math.ceil(WORKERS / 50)
  for (let fault = 0; fault < lost; fault++)
    world.at(world.between(500, 3000), () => world.pick(cluster.workers)?.crash(true))
  world.run(600_000, () => client.isDone || !client.isAlive)
  expect(world.faults).toEqual([])
  expect(client.isDone).toBe(true)
  client.close()
  world.run(world.nowMs + 20_000)
  new CheckedScheduler(world, scheduler, scheduler).checkEmpty()
  cluster.loop.close()
  expect(world.faults).toEqual([])
  console.log(`${world.eventCount} events in ${Math.round(world.nowMs)} ms of simulated time`)
}, 1_800_000)

test(`${TASKS} tasks on ${WORKERS} workers take no more memory than they should`, () => {
  const run = runScheduler(WORKERS, 4, largeGraph())
  expect(run.tasks).toBe(TASKS)
  expect(run.heapBytes).toBeLessThan(500 * 2 ** 20)
})
