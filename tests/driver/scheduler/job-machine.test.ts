import { expect, test } from 'vitest'
import {
  CLUSTER_LIMITS,
  type JobEffect,
  JobMachine,
  type JobStagesOptions,
  StageOutputs,
} from '../../../driver/scheduler/index.ts'
import type { JobGraph } from '../../../driver/stages/index.ts'
import { ANY_PLAN } from './random-graph.ts'

const CLUSTER_JOB: JobStagesOptions = {
  ...CLUSTER_LIMITS,
  kept: null,
  adapt: null,
  onComplete: null,
  waits: null,
}
const IO_ERROR = { code: 'IO_ERROR', message: 'lost' } as const
/** Two stages: `maps` tasks, then `reducers` that read them. */
function twoStages(maps: number, reducers: number, barrier = false): JobGraph {
  return {
    stages: [
      { id: 0, plan: ANY_PLAN, taskCount: maps, output: { kind: 'single' }, inputs: [] },
      { id: 1, plan: ANY_PLAN, taskCount: reducers, output: null, inputs: [0], ...(barrier && { barrier }) },
    ],
    reusedExchanges: new Set(),
  }
}

function begun(machine: JobMachine, effects: readonly JobEffect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'queue') return []
    return effect.partitions.map((partition) => {
      return `${effect.stageId}:${partition}:${machine.begin(effect.stageId, partition)}`
    })
  })
}

function succeed(machine: JobMachine, stageId: number, partition: number, attempt = 0, holder = 0) {
  return machine.handle({ kind: 'succeeded', stageId, partition, attempt, holder, partitionBytes: [] }, 0)
}

test('a task has four attempts, each later than the one before', () => {
  const machine = new JobMachine(twoStages(1, 1), CLUSTER_JOB)
  expect(begun(machine, machine.handle({ kind: 'started' }, 0))).toEqual(['0:0:0'])
  let nowMs = 0
  for (let attempt = 0; attempt < 3; attempt++) {
    const failed = {
      kind: 'failed',
      stageId: 0,
      partition: 0,
      attempt,
      error: IO_ERROR,
      cause: 'transient',
      missing: null,
    } as const
    expect(machine.handle(failed, nowMs)).toMatchObject([{ kind: 'retry', delayMs: 100 * 2 ** attempt }])
    nowMs += 100 * 2 ** attempt
    expect(machine.nextWakeMs).toBe(nowMs)
    expect(machine.handle({ kind: 'tick' }, nowMs - 1)).toEqual([])
    expect(begun(machine, machine.handle({ kind: 'tick' }, nowMs))).toEqual([`0:0:${attempt + 1}`])
  }
  const last = machine.handle(
    {
      kind: 'failed',
      stageId: 0,
      partition: 0,
      attempt: 3,
      error: IO_ERROR,
      cause: 'transient',
      missing: null,
    },
    nowMs,
  )
  expect(last.at(-1)).toEqual({ kind: 'fail', error: IO_ERROR })
})

test('an error that a retry would not help fails the job, which hears nothing after', () => {
  const machine = new JobMachine(twoStages(2, 1), CLUSTER_JOB)
  begun(machine, machine.handle({ kind: 'started' }, 0))
  const error = { code: 'DIVIDE_BY_ZERO', message: 'no' } as const
  const effects = machine.handle(
    { kind: 'failed', stageId: 0, partition: 1, attempt: 0, error, cause: 'fatal', missing: null },
    0,
  )
  expect(effects).toEqual([
    { kind: 'cancel', stageId: 0, partition: 0, attempt: 0 },
    { kind: 'fail', error },
  ])
  expect(succeed(machine, 0, 0)).toEqual([])
})

test('just the lost outputs are made again, and readers wait for them', () => {
  const machine = new JobMachine(twoStages(3, 2), CLUSTER_JOB)
  begun(machine, machine.handle({ kind: 'started' }, 0))
  succeed(machine, 0, 0, 0, 7)
  succeed(machine, 0, 1, 0, 8)
  expect(begun(machine, succeed(machine, 0, 2, 0, 7))).toEqual(['1:0:0', '1:1:0'])
  const missing = { stageId: 0, partition: 1, attempt: 0 }
  const effects = machine.handle(
    { kind: 'failed', stageId: 1, partition: 0, attempt: 0, error: IO_ERROR, cause: 'fetch', missing },
    0,
  )
  expect(begun(machine, effects)).toEqual(['1:0:-1', '0:1:1'])
  expect(machine.stages.runs[1]!.failures[0]).toBe(0)
  // The other reader has lost the same output, of the attempt before: nothing more runs.
  const again = machine.handle(
    { kind: 'failed', stageId: 1, partition: 1, attempt: 0, error: IO_ERROR, cause: 'fetch', missing },
    0,
  )
  expect(begun(machine, again)).toEqual([])
  expect(begun(machine, succeed(machine, 0, 1, 1, 7))).toEqual(['1:1:1'])
  expect(machine.begin(1, 0)).toBe(1)
})

test('a lost result brings back what it is made of, unless the client has it', () => {
  const machine = new JobMachine(twoStages(2, 2), { ...CLUSTER_JOB, release: 'eager' })
  begun(machine, machine.handle({ kind: 'started' }, 0))
  succeed(machine, 0, 0, 0, 1)
  begun(machine, succeed(machine, 0, 1, 0, 2))
  succeed(machine, 1, 0, 0, 1)
  expect(succeed(machine, 1, 1, 0, 2)).toEqual([
    { kind: 'resultReady', partition: 1, attempt: 0 },
    { kind: 'releaseOutput', stageId: 0 },
    { kind: 'stageEnded', stageId: 1 },
  ])
  machine.handle({ kind: 'resultTaken', partition: 0 }, 0)
  expect(begun(machine, machine.handle({ kind: 'holderLost', holder: 1, moved: null }, 0))).toEqual([])
  expect(begun(machine, machine.handle({ kind: 'holderLost', holder: 2, moved: null }, 0))).toEqual([
    '0:0:1',
    '0:1:1',
  ])
})

test('the first success counts, and the loser is cancelled', () => {
  const machine = new JobMachine(twoStages(1, 1), CLUSTER_JOB)
  begun(machine, machine.handle({ kind: 'started' }, 0))
  expect(machine.begin(0, 0, true)).toBe(1)
  expect(succeed(machine, 0, 0, 1)).toContainEqual({ kind: 'cancel', stageId: 0, partition: 0, attempt: 0 })
  expect(succeed(machine, 0, 0, 0)).toEqual([])
  expect(machine.stages.runs[0]!.outputs.attempts[0]).toBe(1)
})

test('a barrier stage begins again as a whole', () => {
  const machine = new JobMachine(twoStages(1, 3, true), { ...CLUSTER_JOB, backOffMs: 0 })
  begun(machine, machine.handle({ kind: 'started' }, 0))
  begun(machine, succeed(machine, 0, 0))
  succeed(machine, 1, 0)
  const effects = machine.handle(
    {
      kind: 'failed',
      stageId: 1,
      partition: 1,
      attempt: 0,
      error: IO_ERROR,
      cause: 'transient',
      missing: null,
    },
    0,
  )
  expect(effects).toContainEqual({ kind: 'cancel', stageId: 1, partition: 2, attempt: 0 })
  expect(begun(machine, effects)).toEqual(['1:0:1', '1:1:1', '1:2:1'])
})

test('outputs that move with their worker are not made again', () => {
  const machine = new JobMachine(twoStages(2, 1), CLUSTER_JOB)
  begun(machine, machine.handle({ kind: 'started' }, 0))
  succeed(machine, 0, 0, 0, 1)
  begun(machine, succeed(machine, 0, 1, 0, 1))
  const moved = (_stage: number, partition: number): number => (partition === 0 ? 9 : -1)
  const effects = machine.handle({ kind: 'holderLost', holder: 1, moved }, 0)
  expect(begun(machine, effects)).toEqual(['0:1:1'])
  expect([...machine.stages.runs[0]!.outputs.holders]).toEqual([9, -1])
})

test('kept outputs are made by one job, and by the next if it ends before', () => {
  const [graph] = [twoStages(2, 1)]
  const kept = { ...graph, stages: [{ ...graph.stages[0]!, keep: 'table' }, graph.stages[1]!] }
  const shared = new Map<string, ReturnType<NonNullable<JobStagesOptions['kept']>>>()
  const options: JobStagesOptions = {
    ...CLUSTER_JOB,
    kept: ({ keep, taskCount }) => {
      const known = shared.get(keep!)
      if (known !== undefined) return known
      const made = { outputs: new StageOutputs(taskCount), maker: null }
      shared.set(keep!, made)
      return made
    },
  }
  const [first, second] = [new JobMachine(kept, options), new JobMachine(kept, options)]
  expect(begun(first, first.handle({ kind: 'started' }, 0))).toEqual(['0:0:0', '0:1:0'])
  expect(begun(second, second.handle({ kind: 'started' }, 0))).toEqual([])
  succeed(first, 0, 1)
  const error = { code: 'CANCELLED', message: 'no' } as const
  expect(first.handle({ kind: 'cancelled', error }, 0)).toContainEqual({ kind: 'keptChanged', stageId: 0 })
  expect(begun(second, second.handle({ kind: 'keptChanged' }, 0))).toEqual(['0:0:1'])
  expect(begun(second, succeed(second, 0, 0, 1))).toEqual(['1:0:0'])
  const third = new JobMachine(kept, options)
  expect(begun(third, third.handle({ kind: 'started' }, 0))).toEqual(['1:0:0'])
})
