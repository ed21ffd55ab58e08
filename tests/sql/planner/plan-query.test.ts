import { describe, expect, test } from 'vitest'
import { explainPhysical } from '../../../engine/plan/index.ts'
import { types } from '../../../engine/types/index.ts'
import { optimize } from '../../../sql/optimizer/index.ts'
import { type LogicalPlan, newColumn } from '../../../sql/plan/index.ts'
import { planQuery } from '../../../sql/planner/index.ts'
import { aggregate, call, fakeContext, int, project, scanOf, settings } from './plan-fixtures.ts'

async function explain(plan: LogicalPlan, more = {}): Promise<string> {
  return explainPhysical(await planQuery(optimize(plan, settings), fakeContext(more)))
}

const join = (
  left: LogicalPlan,
  right: LogicalPlan,
  condition: ReturnType<typeof call> | null,
): LogicalPlan => ({
  ...{ kind: 'Join', left, right, joinType: 'inner', condition, mark: null, broadcast: null },
})

describe('planQuery()', () => {
  test('filters, projects and prunes a small scan in one partition', async () => {
    const t = scanOf('t', { a: types.int64, b: types.int64, c: types.string }, { rows: 1000 })
    const plan = project(
      { kind: 'Filter', input: t.scan, predicate: call('<', t.col('a'), int(5)) },
      { b: t.col('b') },
    )
    console.log(await explain(plan))
  })
  test('joins', async () => {
    const a = scanOf('a', { k: types.int64, x: types.int64 }, { rows: 1_000_000 })
    const b = scanOf('b', { k: types.int64, y: types.int64 }, { rows: 900_000 })
    const joined = join(a.scan, b.scan, call('=', a.col('k'), b.col('k')))
    console.log(await explain(project(joined, { x: a.col('x'), y: b.col('y') })))
  })
})
