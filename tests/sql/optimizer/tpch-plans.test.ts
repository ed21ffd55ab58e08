import { describe, expect, test } from 'vitest'
import { inputsOf, type PhysicalPlan } from '../../../engine/plan/index.ts'
import { optimize } from '../../../sql/optimizer/index.ts'
import { type LogicalPlan, inputsOf as logicalInputsOf, outputOf } from '../../../sql/plan/index.ts'
import { planQuery } from '../../../sql/planner/index.ts'
import { fakeContext, settings } from '../planner/plan-fixtures.ts'
import { analyzed, tpchQuery } from './tpch-catalog.ts'

function nodesOf(plan: PhysicalPlan): PhysicalPlan[] {
  return [plan, ...inputsOf(plan).flatMap(nodesOf)]
}

function logicalNodesOf(plan: LogicalPlan): LogicalPlan[] {
  return [plan, ...logicalInputsOf(plan).flatMap(logicalNodesOf)]
}

const NUMBERS = Array.from({ length: 22 }, (_, index) => index + 1)
/** Queries that compare with the one row of a scalar subquery: loops over few rows. */
const WITH_LOOP = new Set([11, 22])

describe('TPC-H plans', () => {
  test.each(NUMBERS)('Q%i is planned without cross joins', async (number) => {
    const plan = await analyzed(tpchQuery(number))
    const better = optimize(plan, settings)
    expect(outputOf(better).map(({ name }) => name)).toEqual(outputOf(plan).map(({ name }) => name))
    expect(logicalNodesOf(better).some(({ kind }) => kind === 'Apply')).toBe(false)
    const physical = await planQuery(better, fakeContext())
    const nodes = nodesOf(physical)
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length)
    const loops = nodes.filter((node) => node.kind === 'NestedLoopJoinExec')
    expect(loops.every((node) => node.condition !== null)).toBe(true)
    expect(loops.length).toBe(WITH_LOOP.has(number) ? 1 : 0)
  })

  test.each([1, 2])('a plan with %i threads has one partition where nothing is large', async (threads) => {
    const plan = await analyzed(
      'SELECT n_name, count(*) FROM nation, region WHERE n_regionkey = r_regionkey GROUP BY n_name',
    )
    const nodes = nodesOf(await planQuery(optimize(plan, settings), fakeContext({ threads })))
    expect(nodes.some(({ kind }) => kind === 'ExchangeExec')).toBe(false)
  })
})
