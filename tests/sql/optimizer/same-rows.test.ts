import { expect, test } from 'vitest'
import { optimize } from '../../../sql/optimizer/index.ts'
import { inputsOf, type LogicalPlan, outputOf, printPlan } from '../../../sql/plan/index.ts'
import { planQuery } from '../../../sql/planner/index.ts'
import { fakeContext, settings } from '../planner/plan-fixtures.ts'
import { answer, QUERIES, randomTables, refs } from './small-queries.ts'
import { analyzed } from './tpch-catalog.ts'

function contains(plan: LogicalPlan, kind: LogicalPlan['kind']): boolean {
  return plan.kind === kind || inputsOf(plan).some((input) => contains(input, kind))
}

test.each(QUERIES)('%s', async (text) => {
  const plan = await analyzed(text, refs)
  const better = optimize(plan, settings)
  expect(contains(better, 'Apply')).toBe(false)
  expect(outputOf(better).map(({ id, name }) => [id, name])).toEqual(
    outputOf(plan).map(({ id, name }) => [id, name]),
  )
  await planQuery(better, fakeContext())
  expect(optimize(better, settings)).toBeDefined()
  for (let seed = 1; seed <= 60; seed++) {
    const tables = randomTables(seed)
    const expected = answer(plan, tables)
    const actual = answer(better, tables)
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      expect({ seed, tables, plan: printPlan(better), rows: actual }).toEqual({
        seed,
        tables,
        plan: printPlan(better),
        rows: expected,
      })
  }
})
