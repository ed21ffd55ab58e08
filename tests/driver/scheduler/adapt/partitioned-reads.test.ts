import { expect, test } from 'vitest'
import { partitionedReads, splittableJoin } from '../../../../driver/scheduler/adapt/partitioned-reads.ts'
import type { Stage } from '../../../../driver/stages/index.ts'
import type { Expr } from '../../../../engine/expr/index.ts'
import type { JoinType, PhysicalPlan } from '../../../../engine/plan/index.ts'

const SCHEMA = { fields: [] }
const NODE = { id: 1, schema: SCHEMA }

function read(stageId: number, partitionCount = 4, broadcast = false): PhysicalPlan {
  return { ...NODE, kind: 'ShuffleReadExec', stageId, partitionCount, broadcast }
}

function join(joinType: JoinType, left: PhysicalPlan, right: PhysicalPlan): PhysicalPlan {
  return {
    ...NODE,
    kind: 'HashJoinExec',
    left,
    right,
    joinType,
    build: 'right',
    leftKeys: [],
    rightKeys: [],
    nullSafe: [],
    condition: null,
  }
}

const VALUES: PhysicalPlan = { ...NODE, kind: 'ValuesExec', rows: [] }
const FINAL: Omit<Extract<PhysicalPlan, { kind: 'HashAggregateExec' }>, 'input'> = {
  ...NODE,
  kind: 'HashAggregateExec',
  mode: 'final',
  keys: [],
  calls: [],
}

function stage(plan: PhysicalPlan, more: Partial<Stage> = {}): Stage {
  return { id: 9, plan, taskCount: 4, output: null, inputs: [], ...more }
}

test.each<[string, Stage, readonly number[] | null]>([
  ['one input', stage({ ...FINAL, input: read(3) }), [3]],
  ['both sides of a join', stage(join('full', read(3), read(4))), [3, 4]],
  ['a table beside', stage(join('inner', read(3), { ...NODE, kind: 'TableReadExec', stageId: 4 })), [3]],
  ['a broadcast beside', stage(join('inner', read(3), read(4, 1, true))), [3]],
  ['other partitions', stage(join('inner', read(3), read(4, 2))), null],
  ['rows of the plan', stage(join('inner', read(3), VALUES)), null],
  ['nothing but tables', stage({ ...NODE, kind: 'TableReadExec', stageId: 4 }), null],
  ['a union', stage({ ...NODE, kind: 'UnionExec', inputs: [read(3, 2), read(4, 2)] }), null],
  ['a sort by ranges', stage({ ...NODE, kind: 'SortExec', keys: [], rangeCount: 4, input: read(3) }), null],
  ['a sample', stage({ ...NODE, kind: 'SampleExec', fraction: 1, seed: 1, input: read(3) }), null],
  ['a barrier', stage(read(3), { barrier: true }), null],
  ['kept rows', stage(read(3), { keep: 'k' }), null],
  ['one task', stage(read(3, 1), { taskCount: 1 }), null],
])('partitionedReads() of %s', (_name, of, expected) => {
  expect(partitionedReads(of)).toEqual(expected)
})

test('a volatile function keeps its partitions', () => {
  const random: Expr = { kind: 'call', name: 'rand', args: [], type: { kind: 'float64' } } as unknown as Expr
  expect(
    partitionedReads(stage({ ...NODE, kind: 'ProjectExec', exprs: [random], input: read(3) })),
  ).toBeNull()
})

test.each<[JoinType, boolean, boolean]>([
  ['inner', true, true],
  ['left', true, false],
  ['right', false, true],
  ['full', false, false],
  ['semi', true, false],
  ['anti', true, false],
  ['existence', true, false],
])('splittableJoin() of type %s', (joinType, splitsLeft, splitsRight) => {
  const plan: PhysicalPlan = { ...FINAL, mode: 'partial', input: join(joinType, read(3), read(4)) }
  expect(splittableJoin(stage(plan))).toEqual({ left: 3, right: 4, splitsLeft, splitsRight })
})

test('splittableJoin() lets be what needs equal keys in one task', () => {
  const inner = join('inner', read(3), read(4))
  expect(splittableJoin(stage({ ...FINAL, input: inner }))).toBeNull()
  expect(splittableJoin(stage(join('inner', inner, read(5))))).toBeNull()
  expect(splittableJoin(stage(join('nullAwareAnti', read(3), read(4))))).toBeNull()
  expect(splittableJoin(stage(inner, { output: { kind: 'forward', partitionCount: 4 } }))).toBeNull()
  const table: PhysicalPlan = { ...NODE, kind: 'TableReadExec', stageId: 7 }
  expect(splittableJoin(stage(join('left', inner, table)))).toMatchObject({ left: 3, right: 4 })
})
