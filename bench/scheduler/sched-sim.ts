import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { JobGraph } from '../../driver/stages/index.ts'
import { runScheduler } from './cluster-of-events.ts'

/**
 * The cluster scheduler alone, with many workers and tasks: events a second of CPU, and memory. Run it as
 * `node --expose-gc dist/bench/scheduler/sched-sim.js [REPORT.json]`.
 */
const CASES: readonly {
  readonly name: string
  readonly workers: number
  readonly tasks: readonly number[]
}[] = [
  { name: 'one stage', workers: 1000, tasks: [100_000] },
  { name: 'two stages', workers: 1000, tasks: [50_000, 50_000] },
  { name: 'many into few', workers: 1000, tasks: [99_000, 1000] },
  { name: 'few workers', workers: 10, tasks: [100_000] },
]

function graphOf(counts: readonly number[]): JobGraph {
  const last = counts.length - 1
  const stages = counts.map((taskCount, id) => ({
    id,
    plan: { kind: 'ValuesExec', id: 1, schema: { fields: [] }, rows: [] } as const,
    taskCount,
    output: id === last ? null : ({ kind: 'single' } as const),
    inputs: id === 0 ? [] : [id - 1],
  }))
  return { stages, reusedExchanges: new Set() }
}

const results = CASES.map(({ name, workers, tasks }) => {
  const runs = [0, 1, 2].map(() => runScheduler(workers, 4, graphOf(tasks)))
  const best = runs.reduce((a, b) => (a.cpuSeconds < b.cpuSeconds ? a : b))
  const eventsPerSecond = Math.round(best.events / best.cpuSeconds)
  const heapMegabytes = Math.round(Math.max(...runs.map(({ heapBytes }) => heapBytes)) / 2 ** 20)
  console.log(`${name}: ${eventsPerSecond} events/s, ${heapMegabytes} MB`)
  return {
    name,
    workers,
    tasks,
    events: best.events,
    cpuSeconds: best.cpuSeconds,
    eventsPerSecond,
    heapMegabytes,
  }
})
const [, , path] = process.argv
const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version }
if (path !== undefined) writeFileSync(path, `${JSON.stringify({ machine, results }, null, 2)}\n`)
