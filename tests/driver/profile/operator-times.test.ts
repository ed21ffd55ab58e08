import { expect, test } from 'vitest'
import { operatorTimes } from '../../../driver/profile/index.ts'
import { splitStages } from '../../../driver/stages/index.ts'
import type { PhysicalPlan } from '../../../engine/plan/index.ts'
import type { PlanMetrics } from '../../../engine/run/index.ts'

const schema = { fields: [] }
const range: PhysicalPlan = {
  kind: 'RangeExec',
  id: 3,
  schema,
  start: 0n,
  end: 9n,
  step: 1n,
  partitionCount: 2,
}
const limit: PhysicalPlan = { kind: 'LimitExec', id: 2, schema, skip: 0, fetch: 5, input: range }
const exchange: PhysicalPlan = {
  kind: 'ExchangeExec',
  id: 1,
  schema,
  input: limit,
  distribution: { kind: 'single' },
}
const top: PhysicalPlan = { kind: 'LimitExec', id: 0, schema, skip: 0, fetch: 5, input: exchange }

const cases: readonly (readonly [name: string, metrics: PlanMetrics, own: readonly (number | null)[]])[] = [
  ['its inputs are taken off', { 2: { ms: 10 }, 3: { ms: 7 }, 0: { ms: 4 }, 1: { ms: 1 } }, [3, 7, 3, 1]],
  ['an input without a time is part of its consumer', { 2: { ms: 10 }, 0: { ms: 4 } }, [10, null, 4, null]],
  ['the inputs of such an input are taken off', { 0: { ms: 5 }, 3: { ms: 2 } }, [null, 2, 5, null]],
  ['clocks that disagree give no negative time', { 2: { ms: 1 }, 3: { ms: 2 } }, [0, 2, null, null]],
  ['nothing is known of a job that did not begin', {}, [null, null, null, null]],
]

test.each(cases)("operatorTimes() gives an operator's own time: %s", (_, metrics, own) => {
  const stages = operatorTimes(splitStages(top), metrics, () => [])
  expect(stages.map(({ output }) => output)).toEqual(['single', 'result'])
  expect(stages.flatMap(({ operators }) => operators.map(({ selfMs }) => selfMs))).toEqual(own)
})

test('operatorTimes() keeps what operators count besides', () => {
  const stages = operatorTimes(splitStages(top), { 2: { ms: 1, rows: 5, spillBytes: 8 } }, () => ['a', ' b'])
  const [first, second] = stages[0]!.operators
  expect(first).toMatchObject({ text: 'a', depth: 0, rows: 5, counters: { spillBytes: 8 } })
  expect(second).toMatchObject({ text: 'b', depth: 1, ms: null })
})
