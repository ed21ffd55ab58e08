import { expect, test } from 'vitest'
import {
  type ClusterEffect,
  type ClusterEvent,
  ClusterScheduler,
  type ClusterSchedulerOptions,
  type LaunchedTask,
} from '../../../driver/scheduler/index.ts'
import type { JobGraph } from '../../../driver/stages/index.ts'
import { ANY_PLAN } from './random-graph.ts'

/** A scheduler whose executors start at once, with workers of the given slots. */
class Cluster {
  readonly scheduler: ClusterScheduler
  readonly effects: ClusterEffect[] = []
  readonly running: Map<number, LaunchedTask & { readonly executorId: string }> = new Map()
  nowMs = 0

  constructor(slots: readonly number[], options: ClusterSchedulerOptions = {}) {
    this.scheduler = new ClusterScheduler(options)
    for (const [index, count] of slots.entries()) this.join(`w${index}`, count)
    this.open('s')
  }

  join(workerId: string, slots: number): void {
    this.hear({ kind: 'workerJoined', workerId, host: workerId, slots, memoryBytes: 1000, outputs: [] })
  }

  open(sessionId: string, maxSlots = 0, settings: ReadonlyMap<string, string> = new Map()): void {
    this.hear({ kind: 'sessionOpened', sessionId, executorMemoryBytes: 400, maxSlots, settings })
  }

  submit(jobId: string, graph: JobGraph, sessionId = 's', pool = ''): void {
    this.hear({ kind: 'jobSubmitted', jobId, sessionId, graph, pool })
  }

  hear(event: ClusterEvent): void {
    for (const effect of this.scheduler.handle(event, this.nowMs)) {
      this.effects.push(effect)
      if (effect.kind === 'launch')
        for (const task of effect.tasks)
          this.running.set(task.attemptId, { ...task, executorId: effect.executorId })
      if (effect.kind === 'cancelAttempts') for (const id of effect.attemptIds) this.running.delete(id)
      if (effect.kind === 'startExecutor') this.hear({ kind: 'executorReady', executorId: effect.executorId })
      if (effect.kind === 'resultReady')
        this.hear({ kind: 'resultTaken', jobId: effect.jobId, partition: effect.partition })
    }
  }

  succeed(attemptId: number, partitionBytes: readonly number[] = [1]): void {
    this.running.delete(attemptId)
    const result = { ok: true, partitionBytes, partitionRows: [1], durable: false, inline: false } as const
    this.hear({ kind: 'taskEnded', attemptId, result })
  }

  finishAll(): void {
    while (this.running.size > 0) this.succeed([...this.running.keys()][0]!)
  }

  /** How many attempts run, by executor or job. */
  count(by: 'executorId' | 'jobId'): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const task of this.running.values()) counts[task[by]] = (counts[task[by]] ?? 0) + 1
    return counts
  }

  of<K extends ClusterEffect['kind']>(kind: K): Extract<ClusterEffect, { readonly kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<ClusterEffect, { readonly kind: K }> => {
      return effect.kind === kind
    })
  }

  expectEmpty(): void {
    const { attempts, jobs, workers } = this.scheduler.state
    expect([attempts.size, jobs.size]).toEqual([0, 0])
    for (const worker of workers.values()) expect(worker.usedSlots).toBe(0)
  }
}

function stages(...taskCounts: number[]): JobGraph {
  return {
    stages: taskCounts.map((taskCount, id) => ({
      id,
      plan: ANY_PLAN,
      taskCount,
      output: id === taskCounts.length - 1 ? null : { kind: 'single' },
      inputs: id === 0 ? [] : [id - 1],
    })),
    reusedExchanges: new Set(),
  }
}

test('a job runs on executors that start when they are needed, and spreads over them', () => {
  const cluster = new Cluster([2, 2, 2])
  expect(cluster.of('startExecutor')).toEqual([])
  cluster.submit('s/1', stages(3, 2))
  expect(cluster.count('executorId')).toEqual({ 'w0/s/1': 2, 'w1/s/2': 1 })
  cluster.submit('s/2', stages(3))
  cluster.finishAll()
  expect(cluster.of('jobEnded')).toEqual([
    { kind: 'jobEnded', jobId: 's/2', error: null },
    { kind: 'jobEnded', jobId: 's/1', error: null },
  ])
  cluster.expectEmpty()
})

test('stages and locations are sent once, before the tasks that need them', () => {
  const cluster = new Cluster([2])
  cluster.submit('s/1', stages(4, 3))
  cluster.finishAll()
  const seen = cluster.effects.flatMap((effect) => {
    if (effect.kind === 'sendStage' || effect.kind === 'sendOutputs')
      return [`${effect.kind} ${effect.stageId}`]
    return effect.kind === 'launch'
      ? [`launch ${[...new Set(effect.tasks.map((task) => task.stageId))]}`]
      : []
  })
  expect(seen.filter((text, at) => text !== seen[at - 1])).toEqual([
    'sendStage 0',
    'launch 0',
    'sendStage 1',
    'sendOutputs 0',
    'launch 1',
  ])
})

test('tasks wait at executors whose threads are busy, except the last ones', () => {
  const cluster = new Cluster([2])
  cluster.submit('s/1', stages(20))
  expect(cluster.running.size).toBe(4)
  const { workers } = cluster.scheduler.state
  expect([...workers.values()].map(({ usedSlots }) => usedSlots)).toEqual([2])
  cluster.finishAll()
  cluster.expectEmpty()
})

test('in fair mode pools get slots by weight, and minimum shares first', () => {
  const pools = new Map([
    ['big', { weight: 3, minShare: 0 }],
    ['small', { weight: 1, minShare: 0 }],
    ['sure', { weight: 1, minShare: 3 }],
  ])
  const cluster = new Cluster([8], { settings: { mode: 'fair', pools } })
  cluster.submit('s/0', stages(1))
  cluster.submit('s/1', stages(100), 's', 'big')
  cluster.submit('s/2', stages(100), 's', 'small')
  cluster.finishAll()
  cluster.expectEmpty()
  const launched = cluster.of('launch').flatMap(({ tasks }) => tasks.map(({ jobId }) => jobId))
  const early = launched.slice(10, 90)
  const ratio = early.filter((id) => id === 's/1').length / early.filter((id) => id === 's/2').length
  expect(ratio).toBeGreaterThan(2)
  expect(ratio).toBeLessThan(4)
})

test('a session gets no more slots than it may', () => {
  const cluster = new Cluster([2, 2])
  cluster.open('t', 3)
  cluster.submit('t/1', stages(10), 't')
  expect(cluster.scheduler.state.sessions.get('t')!.usedSlots).toBe(3)
  cluster.finishAll()
  cluster.expectEmpty()
})

test('a barrier stage begins when there is a slot for each of its tasks', () => {
  const cluster = new Cluster([2])
  const graph = stages(4)
  const barrier = { ...graph, stages: [{ ...graph.stages[0]!, barrier: true }] }
  cluster.submit('s/1', barrier)
  expect(cluster.running.size).toBe(0)
  cluster.join('w9', 2)
  expect(cluster.running.size).toBe(4)
  cluster.finishAll()
  cluster.expectEmpty()
})

test('a job that no worker has room for fails after a while', () => {
  const cluster = new Cluster([], { settings: { placementMs: 1000 } })
  cluster.submit('s/1', stages(1))
  for (let step = 0; step < 20 && cluster.of('jobEnded').length === 0; step++) {
    cluster.nowMs = cluster.scheduler.nextWakeMs()!
    cluster.hear({ kind: 'tick' })
  }
  expect(cluster.of('jobEnded')).toMatchObject([{ error: { code: 'RESOURCES_EXHAUSTED' } }])
})

test('an attempt its executor does not know is lost, and one that we do not know is cancelled', () => {
  const cluster = new Cluster([1])
  cluster.submit('s/1', stages(1))
  cluster.nowMs = 20_000
  cluster.hear({ kind: 'executorBeat', executorId: 'w0/s/1', running: [77] })
  expect(cluster.of('cancelAttempts')).toMatchObject([{ attemptIds: [77] }])
  expect(cluster.of('launch').flatMap(({ tasks }) => tasks.map(({ attempt }) => attempt))).toEqual([0, 1])
})

test('a slow task is tried on another worker, and the first to end counts', () => {
  const cluster = new Cluster([1, 1])
  cluster.submit('s/1', stages(8))
  const [slow] = [...cluster.running.keys()]
  for (let step = 0; step < 60; step++) {
    cluster.nowMs += 100
    for (const [id, task] of [...cluster.running])
      if (id !== slow && task.executorId !== cluster.running.get(slow!)?.executorId) cluster.succeed(id)
    cluster.hear({ kind: 'tick' })
  }
  expect(cluster.of('note').filter(({ note }) => note.kind === 'speculated').length).toBeGreaterThan(0)
  expect(cluster.of('jobEnded')).toEqual([{ kind: 'jobEnded', jobId: 's/1', error: null }])
  expect(cluster.running.size).toBe(0)
  cluster.expectEmpty()
})
