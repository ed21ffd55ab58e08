import { expect, test } from 'vitest'
import { BareCluster, stages } from './bare-cluster.ts'

test('a job runs on executors that start when they are needed, and spreads over them', () => {
  const cluster = new BareCluster([2, 2, 2])
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
  const cluster = new BareCluster([2])
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
  const cluster = new BareCluster([2])
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
  const cluster = new BareCluster([8], { settings: { mode: 'fair', pools } })
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
  const cluster = new BareCluster([2, 2])
  cluster.open('t', 3)
  cluster.submit('t/1', stages(10), 't')
  expect(cluster.scheduler.state.sessions.get('t')!.usedSlots).toBe(3)
  cluster.finishAll()
  cluster.expectEmpty()
})

test('a barrier stage begins when there is a slot for each of its tasks', () => {
  const cluster = new BareCluster([2])
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
  const cluster = new BareCluster([], { settings: { placementMs: 1000 } })
  cluster.submit('s/1', stages(1))
  for (let step = 0; step < 20 && cluster.of('jobEnded').length === 0; step++) {
    cluster.nowMs = cluster.scheduler.nextWakeMs()!
    cluster.hear({ kind: 'tick' })
  }
  expect(cluster.of('jobEnded')).toMatchObject([{ error: { code: 'RESOURCES_EXHAUSTED' } }])
})

test('an attempt its executor does not know is lost, and one that we do not know is cancelled', () => {
  const cluster = new BareCluster([1])
  cluster.submit('s/1', stages(1))
  cluster.nowMs = 20_000
  cluster.hear({ kind: 'executorBeat', executorId: 'w0/s/1', running: [77] })
  expect(cluster.of('launch').length).toBe(1)
  cluster.hear({ kind: 'executorBeat', executorId: 'w0/s/1', running: [] })
  expect(cluster.of('cancelAttempts')).toMatchObject([{ attemptIds: [77] }, { attemptIds: [1] }])
  expect(cluster.of('launch').flatMap(({ tasks }) => tasks.map(({ attempt }) => attempt))).toEqual([0, 1])
})

test('a slow task is tried on another worker, and the first to end counts', () => {
  const cluster = new BareCluster([1, 1])
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
