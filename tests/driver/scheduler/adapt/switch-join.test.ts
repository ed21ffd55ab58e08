import { expect, test } from 'vitest'
import {
  CLUSTER_LIMITS,
  DEFAULT_ADAPT_SETTINGS,
  type JobEffect,
  JobMachine,
  type JobStagesOptions,
  switchJoins,
  waitsForBuild,
} from '../../../../driver/scheduler/index.ts'
import type { JobGraph, Stage } from '../../../../driver/stages/index.ts'
import type { JoinType, PhysicalPlan } from '../../../../engine/plan/index.ts'

const SCHEMA = { fields: [] }
const OPTIONS: JobStagesOptions = {
  ...CLUSTER_LIMITS,
  kept: null,
  adapt: null,
  onComplete: (stages, stageId) => switchJoins(stages, stageId, DEFAULT_ADAPT_SETTINGS),
  waits: (stages, stageId) => waitsForBuild(stages, stageId, DEFAULT_ADAPT_SETTINGS),
}
const HASH = { kind: 'hash', keys: [], partitionCount: 4 } as const

function scan(id: number, partitionCount: number): PhysicalPlan {
  return { kind: 'RangeExec', id, schema: SCHEMA, start: 0n, end: 1n, step: 1n, partitionCount }
}

function read(id: number, stageId: number): PhysicalPlan {
  return { kind: 'ShuffleReadExec', id, schema: SCHEMA, stageId, partitionCount: 4, broadcast: false }
}

function join(joinType: JoinType, build: 'left' | 'right', left: PhysicalPlan, right: PhysicalPlan) {
  const keys = { leftKeys: [], rightKeys: [], nullSafe: [], condition: null }
  return { kind: 'HashJoinExec', id: 5, schema: SCHEMA, left, right, joinType, build, ...keys } as const
}

/** Stage 0 is built, stage 1 streams, stage 2 joins. */
function graphOf(joined: PhysicalPlan, more: Partial<Stage> = {}): JobGraph {
  return {
    stages: [
      { id: 0, plan: scan(1, 2), taskCount: 2, output: HASH, inputs: [] },
      { id: 1, plan: scan(2, 3), taskCount: 3, output: HASH, inputs: [], ...more },
      { id: 2, plan: joined, taskCount: 4, output: null, inputs: [0, 1] },
    ],
    reusedExchanges: new Set(),
  }
}

/** Both tasks of stage 0 are done with so many bytes a partition; `begins`: stage 1 has begun before. */
function finishBuild(graph: JobGraph, bytes: number, begins = false) {
  const machine = new JobMachine(graph, OPTIONS)
  let effects: readonly JobEffect[] = machine.handle({ kind: 'started' }, 0)
  if (begins) machine.begin(1, 0)
  for (const partition of [0, 1]) {
    const attempt = machine.begin(0, partition)
    const partitionBytes = [bytes, bytes, bytes, bytes]
    effects = machine.handle(
      { kind: 'succeeded', stageId: 0, partition, attempt, holder: 0, partitionBytes },
      0,
    )
  }
  return { machine, effects }
}

test('a small build side becomes a table, and the other side is joined where it is', () => {
  const { machine, effects } = finishBuild(graphOf(join('inner', 'right', read(4, 1), read(3, 0))), 1000)
  expect(effects).toContainEqual({
    kind: 'adapted',
    stageId: 2,
    text: 'stage 0 is 7.8 KB and becomes a table, rows of stage 1 are joined where they are',
  })
  const [, table, joined] = machine.stages.graph.stages
  expect(table).toMatchObject({
    taskCount: 1,
    output: { kind: 'table' },
    inputs: [0],
    plan: { kind: 'JoinBuildExec', id: 6, input: { kind: 'ShuffleReadExec', stageId: 0 } },
  })
  expect(joined).toMatchObject({
    taskCount: 3,
    inputs: [1],
    plan: { left: { kind: 'RangeExec', id: 2 }, right: { kind: 'TableReadExec', id: 6, stageId: 1 } },
  })
  expect(effects).toContainEqual({ kind: 'queue', stageId: 2, partitions: [0, 1, 2] })
  expect(machine.begin(1, 0)).toBe(-1)
  expect(machine.pendingCount).toBe(3)
  expect(machine.stages.runs[2]!.inputs).toEqual([0])
})

test.each<[string, JobGraph, number, boolean]>([
  ['a large build side', graphOf(join('inner', 'right', read(4, 1), read(3, 0))), 10 << 20, false],
  ['a stream that has begun', graphOf(join('inner', 'right', read(4, 1), read(3, 0))), 10, true],
  ['a join that marks its table', graphOf(join('right', 'right', read(4, 1), read(3, 0))), 10, false],
  ['the stream being small', graphOf(join('inner', 'left', read(4, 1), read(3, 0))), 10, false],
  [
    'keys that must be together above',
    graphOf({
      kind: 'HashAggregateExec',
      id: 9,
      schema: SCHEMA,
      mode: 'complete',
      keys: [],
      calls: [],
      input: join('inner', 'right', read(4, 1), read(3, 0)),
    }),
    10,
    false,
  ],
  [
    'a stream whose tasks begin together',
    graphOf(join('inner', 'right', read(4, 1), read(3, 0)), { barrier: true }),
    10,
    false,
  ],
])('%s changes nothing', (_name, graph, bytes, begins) => {
  const { machine, effects } = finishBuild(graph, bytes, begins)
  expect(effects.filter(({ kind }) => kind === 'adapted')).toEqual([])
  expect(machine.stages.graph.stages).toEqual(graph.stages)
})

test('a stream with many more tasks waits for the build side while that runs', () => {
  const plan = join('inner', 'right', read(4, 1), read(3, 0))
  const machine = new JobMachine(graphOf(plan, { taskCount: 8 }), OPTIONS)
  const queued = (effects: readonly JobEffect[]) =>
    effects.flatMap((effect) => (effect.kind === 'queue' ? [effect.stageId] : []))
  expect(queued(machine.handle({ kind: 'started' }, 0))).toEqual([0])
  for (const partition of [0, 1]) {
    const attempt = machine.begin(0, partition)
    const partitionBytes = [10 << 20, 0, 0, 0]
    const event = { kind: 'succeeded', stageId: 0, partition, attempt, holder: 0, partitionBytes } as const
    expect(queued(machine.handle(event, 0))).toEqual(partition === 0 ? [] : [1])
  }
})
