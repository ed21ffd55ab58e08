import {
  type ClusterEffect,
  type ClusterEvent,
  ClusterScheduler,
  type LaunchedTask,
} from '../../driver/scheduler/index.ts'
import type { JobGraph } from '../../driver/stages/index.ts'

/** What a run of a scheduler took. */
export interface SchedulerRun {
  readonly events: number
  /** Of this process, with what drives the scheduler; other processes do not count. */
  readonly cpuSeconds: number
  /** When half of the tasks were done. */
  readonly heapBytes: number
  readonly tasks: number
}

/**
 * A scheduler with many workers and tasks, driven by bare events: every task that is launched begins and
 * ends, in turn with others.
 */
export function runScheduler(workerCount: number, slots: number, graph: JobGraph): SchedulerRun {
  const scheduler = new ClusterScheduler({})
  const running: (LaunchedTask | null)[] = []
  const waiting: ClusterEvent[] = []
  const taskCount = graph.stages.reduce((sum, stage) => sum + stage.taskCount, 0)
  const counts = { events: 0, tasks: 0, heapBytes: 0, isDone: false }
  const began = process.cpuUsage()
  let nowMs = 0
  const perform = (effect: ClusterEffect): void => {
    if (effect.kind === 'startExecutor')
      waiting.push({ kind: 'executorReady', executorId: effect.executorId })
    if (effect.kind === 'launch') for (const task of effect.tasks) running.push(task)
    if (effect.kind === 'resultReady')
      waiting.push({ kind: 'resultTaken', jobId: effect.jobId, partition: effect.partition })
    if (effect.kind === 'jobEnded') {
      if (effect.error !== null) throw new Error(effect.error.message)
      counts.isDone = true
    }
  }
  const hear = (event: ClusterEvent): void => {
    counts.events++
    for (const effect of scheduler.handle(event, nowMs)) perform(effect)
  }
  for (let worker = 0; worker < workerCount; worker++) {
    const workerId = `w${worker}`
    hear({ kind: 'workerJoined', workerId, host: workerId, slots, memoryBytes: 1e9, outputs: [] })
  }
  hear({
    kind: 'sessionOpened',
    sessionId: 's',
    executorMemoryBytes: 0,
    maxSlots: 0,
    settings: new Map(),
  })
  hear({ kind: 'jobSubmitted', jobId: 's/1', sessionId: 's', graph, pool: '' })
  for (let at = 0; !counts.isDone; at++) {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) hear(event)
    if (counts.isDone) break
    const task = running[at] ?? null
    running[at] = null
    if (task === null) throw new Error('nothing runs, and the job is not done')
    if (++counts.tasks === taskCount >> 1) {
      globalThis.gc?.()
      counts.heapBytes = process.memoryUsage().heapUsed
    }
    nowMs += 0.01
    hear({ kind: 'tasksBegun', attemptIds: [task.attemptId] })
    const isResult = task.stageId === graph.stages.length - 1
    const partitions = isResult ? 1 : graph.stages[task.stageId + 1]!.taskCount
    hear({
      kind: 'taskEnded',
      attemptId: task.attemptId,
      result: {
        ok: true,
        partitionBytes: sizesOf(Math.min(partitions, 200)),
        partitionRows: [1],
        durable: false,
        inline: isResult,
      },
    })
  }
  const { user, system } = process.cpuUsage(began)
  if (scheduler.state.workers.size !== workerCount) throw new Error('workers were lost')
  const { events, heapBytes, tasks } = counts
  return { events, cpuSeconds: (user + system) / 1e6, heapBytes, tasks }
}

const sizes: Map<number, number[]> = new Map()

function sizesOf(count: number): readonly number[] {
  const known = sizes.get(count)
  if (known !== undefined) return known
  const made = Array.from({ length: count }, (_, at) => 1000 + at)
  sizes.set(count, made)
  return made
}
