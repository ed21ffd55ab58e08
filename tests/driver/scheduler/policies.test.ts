import { describe, expect, test } from 'vitest'
import type { ClusterEffect } from '../../../driver/scheduler/index.ts'
import { DEFAULT_SCHEDULER_SETTINGS } from '../../../driver/scheduler/index.ts'
import type { JobGraph } from '../../../driver/stages/index.ts'
import type { ErrorCode } from '../../../engine/errors.ts'
import { BareCluster, stages } from './bare-cluster.ts'

function fail(cluster: BareCluster, attemptId: number, code: ErrorCode = 'IO_ERROR'): void {
  cluster.running.delete(attemptId)
  const result = { ok: false, error: { code, message: 'no' }, missing: null } as const
  cluster.hear({ kind: 'taskEnded', attemptId, result })
}

/** Lets time pass, with every tick that the scheduler wants. */
function pass(cluster: BareCluster, ms: number): void {
  const endMs = cluster.nowMs + ms
  for (;;) {
    const wakeMs = cluster.scheduler.nextWakeMs()
    if (wakeMs === null || wakeMs > endMs) break
    cluster.nowMs = Math.max(cluster.nowMs, wakeMs)
    cluster.hear({ kind: 'tick' })
  }
  cluster.nowMs = endMs
}

function workersOf(cluster: BareCluster): string[] {
  return [...cluster.running.values()].map(({ executorId }) => executorId.split('/')[0]!).sort()
}

describe('exclusion', () => {
  const exclusion = { ...DEFAULT_SCHEDULER_SETTINGS.exclusion, jobFailures: 2, jobMs: 5000 }

  test('a worker on which tasks of a job fail is left alone for a while', () => {
    const cluster = new BareCluster([1, 1], { settings: { exclusion } })
    cluster.submit('s/1', stages(40))
    for (let failures = 0; failures < 2; failures++) {
      const [bad] = [...cluster.running].find(([, task]) => task.executorId.startsWith('w0')) ?? []
      fail(cluster, bad!)
      pass(cluster, 500)
    }
    const notes = cluster.of('note').flatMap(({ note }) => (note.kind === 'excluded' ? [note.holderId] : []))
    expect(notes).toEqual(['w0'])
    for (let step = 0; step < 4; step++)
      for (const [id, task] of [...cluster.running]) if (task.executorId.startsWith('w0')) cluster.succeed(id)
    expect(new Set(workersOf(cluster))).toEqual(new Set(['w1']))
    pass(cluster, 6000)
    expect(new Set(workersOf(cluster))).toEqual(new Set(['w0', 'w1']))
  })

  test('the last worker is never excluded', () => {
    const cluster = new BareCluster([1], { settings: { exclusion } })
    cluster.submit('s/1', stages(3))
    for (let failures = 0; failures < 3; failures++) {
      fail(cluster, [...cluster.running.keys()][0]!)
      pass(cluster, 2000)
    }
    expect(cluster.of('note').some(({ note }) => note.kind === 'excluded')).toBe(false)
    expect(cluster.running.size).toBeGreaterThan(0)
  })
})

describe('allocation', () => {
  const allocation = { minWorkers: 1, maxWorkers: 5, slotsPerWorker: 2, idleMs: 1000 }

  test('asks for workers by backlog at once, and for fewer after a while', () => {
    const cluster = new BareCluster([2], { settings: { allocation } })
    const asked = (): number[] => cluster.of('wantWorkers').map(({ count }) => count)
    cluster.submit('s/1', stages(7))
    expect(asked()).toEqual([1, 4])
    cluster.submit('s/2', stages(100))
    expect(asked()).toEqual([1, 4, 5])
    cluster.finishAll()
    expect(asked()).toEqual([1, 4, 5])
    pass(cluster, 2500)
    expect(asked()).toEqual([1, 4, 5, 1])
  })
})

describe('draining', () => {
  test('a worker gets nothing new, and is drained when no job needs its outputs', () => {
    const cluster = new BareCluster([1, 1])
    const drained = (): string[] =>
      cluster.of('note').flatMap(({ note }) => (note.kind === 'drained' ? [note.workerId] : []))
    cluster.submit('s/1', stages(2, 4))
    for (const id of [...cluster.running.keys()]) cluster.succeed(id)
    cluster.hear({ kind: 'workerDraining', workerId: 'w0' })
    for (const [id, task] of [...cluster.running]) if (task.executorId.startsWith('w0')) cluster.succeed(id)
    for (const [id, task] of [...cluster.running]) if (task.executorId.startsWith('w0')) cluster.succeed(id)
    expect(workersOf(cluster).every((id) => id === 'w1')).toBe(true)
    pass(cluster, 2000)
    expect(drained()).toEqual([])
    cluster.finishAll()
    pass(cluster, 2000)
    expect(cluster.of('stopExecutor').map(({ executorId }) => executorId)).toContain('w0/s/1')
    cluster.hear({ kind: 'executorLost', executorId: 'w0/s/1', reason: 'stopped', outputs: [] })
    pass(cluster, 2000)
    expect(drained()).toEqual(['w0'])
  })
})

describe('locality', () => {
  const MEGABYTE = 1 << 20

  /** Four maps, whose rows for reader p are all of map p. */
  function forwarded(): JobGraph {
    const { stages: both, reusedExchanges } = stages(4, 4)
    const read = { kind: 'ShuffleReadExec', id: 2, schema: { fields: [] }, stageId: 0 } as const
    const plan = { ...read, partitionCount: 4, broadcast: false }
    const output = { kind: 'forward', partitionCount: 4 } as const
    return {
      stages: [
        { ...both[0]!, output },
        { ...both[1]!, plan },
      ],
      reusedExchanges,
    }
  }

  test('tasks go to the executor that holds their input, others after a while', () => {
    const cluster = new BareCluster([2, 2])
    cluster.submit('s/1', forwarded())
    const madeAt = new Map<number, string>()
    for (const [id, task] of [...cluster.running]) {
      madeAt.set(task.partition, task.executorId)
      cluster.succeed(
        id,
        [0, 1, 2, 3].map((partition) => (partition === task.partition ? 8 * MEGABYTE : 0)),
      )
    }
    for (const task of cluster.running.values())
      expect([task.stageId, task.executorId]).toEqual([1, madeAt.get(task.partition)])
    expect(cluster.running.size).toBe(4)
    cluster.finishAll()
    cluster.expectEmpty()
  })
})

describe('memory', () => {
  test('an idle executor of another session makes room', () => {
    const cluster = new BareCluster([2])
    const stops = (): string[] => cluster.of('stopExecutor').map(({ executorId }) => executorId)
    for (const session of ['t', 'u']) cluster.open(session)
    for (const session of ['s', 't']) {
      cluster.submit(`${session}/1`, stages(1), session)
      cluster.finishAll()
    }
    // Two executors of 400 of the worker's 1000 bytes are there.
    cluster.submit('u/1', stages(1), 'u')
    expect(stops()).toEqual(['w0/s/1'])
    expect(cluster.running.size).toBe(0)
    cluster.hear({ kind: 'executorLost', executorId: 'w0/s/1', reason: 'stopped', outputs: [] })
    expect(cluster.running.size).toBe(1)
    cluster.finishAll()
    cluster.expectEmpty()
  })
})

test('a session that is closed leaves nothing, and its executors end', () => {
  const cluster = new BareCluster([2])
  cluster.submit('s/1', stages(10, 2))
  cluster.hear({ kind: 'sessionClosed', sessionId: 's' })
  const kinds = new Set(cluster.effects.map(({ kind }: ClusterEffect) => kind))
  expect(kinds.has('stopExecutor')).toBe(true)
  expect(cluster.of('jobEnded')).toMatchObject([{ jobId: 's/1', error: { code: 'CANCELLED' } }])
  cluster.expectEmpty()
})

test('a session with few slots goes on elsewhere when its worker drains', () => {
  const cluster = new BareCluster([1, 1])
  cluster.open('t', 1)
  cluster.submit('t/1', stages(3), 't')
  const [{ executorId } = { executorId: '' }] = cluster.running.values()
  cluster.hear({ kind: 'workerDraining', workerId: executorId.split('/')[0]! })
  cluster.finishAll()
  expect(cluster.of('jobEnded')).toEqual([{ kind: 'jobEnded', jobId: 't/1', error: null }])
})
