import { describe, expect, test } from 'vitest'
import { inputsOf, partitionCountOf } from '../../../engine/plan/index.ts'
import { types } from '../../../engine/types/index.ts'
import type { Join, LogicalPlan } from '../../../sql/plan/index.ts'
import { planQuery } from '../../../sql/planner/index.ts'
import { call, fakeContext, scanOf } from './plan-fixtures.ts'
import { planned, shapeOf } from './plan-shape.ts'

describe('planQuery() of joins', () => {
  test.each([
    [
      'sides that do not fit memory are both spread by the keys',
      'SELECT a.x FROM big a JOIN big2 b ON a.k = b.k',
      'Project(HashJoin:inner:right(Exchange:hash(Scan:big), Exchange:hash(Scan:big2)))',
    ],
    [
      'the smaller side becomes the table of all tasks, on either side',
      'SELECT a.x FROM small a JOIN big b ON a.k = b.k',
      'Project(HashJoin:inner:left(JoinBuild(Scan:small), Scan:big))',
    ],
    [
      'also if it is the kept side of an outer join, whose rows are then marked',
      'SELECT a.x, b.x AS y FROM mid a LEFT JOIN big b ON a.k = b.k',
      'Project(HashJoin:left:left(JoinBuild:8 mark(Exchange:single(Scan:mid)), Scan:big))',
    ],
    [
      'two small sides are joined in one task',
      'SELECT a.x FROM small a JOIN small2 b ON a.k = b.k',
      'Project(HashJoin:inner:right(Scan:small, Scan:small2))',
    ],
    [
      'sides of unknown size are not taken whole',
      'SELECT a.x FROM big a JOIN unknown b ON a.k = b.k',
      'Project(HashJoin:inner:right(Exchange:hash(Scan:big), Exchange:hash(Scan:unknown)))',
    ],
    [
      'unless a hint says so',
      'SELECT /*+ BROADCAST(b) */ a.x FROM big a JOIN unknown b ON a.k = b.k',
      'Project(HashJoin:inner:right(Scan:big, JoinBuild(Exchange:single(Scan:unknown))))',
    ],
    [
      'tables bucketed alike by the key need no exchange',
      'SELECT a.x FROM b8 a JOIN c8 b ON a.k = b.k',
      'Project(HashJoin:inner:right(Scan:b8, Scan:c8))',
    ],
    [
      'other bucket counts do where no side fits memory',
      'SELECT a.x FROM b8 a JOIN d4 b ON a.k = b.k',
      'Project(HashJoin:inner:right(Exchange:hash(Scan:b8), Exchange:hash(Scan:d4)))',
    ],
    [
      'groups over a join of buckets stay where they are',
      'SELECT b.k, sum(a.x) AS s FROM b8 a JOIN c8 b ON a.k = b.k GROUP BY b.k',
      'HashAggregate:complete(HashJoin:inner:right(Scan:b8, Scan:c8))',
    ],
    [
      'a side that was spread for its groups stays',
      'SELECT a.x FROM big a JOIN (SELECT k, sum(x) AS s FROM big2 GROUP BY k) b ON a.k = b.k AND a.x > b.s + 1',
      'Project(HashJoin:inner:right(Exchange:hash(Scan:big), HashAggregate:final(Exchange:hash(HashAggregate:partial(Scan:big2)))))',
    ],
    [
      'NOT IN asks one table of keys',
      'SELECT x FROM big WHERE k NOT IN (SELECT k FROM big2)',
      'Project(HashJoin:nullAwareAnti:right(Scan:big, JoinBuild:keys(Exchange:single(Scan:big2))))',
    ],
    [
      'without equality the small side is looped over',
      'SELECT a.x FROM small a JOIN big b ON a.k < b.k',
      'Project(Project(NestedLoopJoin(Scan:big, Exchange:broadcast(Scan:small))))',
    ],
    [
      'a full join without equality is one task',
      'SELECT a.x, b.x AS y FROM big a FULL JOIN mid b ON a.k < b.k',
      'Project(NestedLoopJoin(Exchange:single(Scan:big), Exchange:single(Scan:mid)))',
    ],
  ])('%s', async (name, text, expected) => {
    const isTight = /stays|fit memory|fits memory/.test(name)
    expect(await shapeOf(text, isTight ? { buildBytes: 0 } : {})).toBe(expected)
  })

  test.each([
    [
      'a table that would be marked is not shared: both sides are parted',
      'SELECT a.x, b.x AS y FROM mid a LEFT JOIN big b ON a.k = b.k',
      'Project(HashJoin:left:left(Exchange:hash(Scan:mid), Exchange:hash(Scan:big)))',
    ],
    [
      'but the other side is reduced to the keys of a small one first',
      'SELECT x FROM mid a WHERE g = 1 AND EXISTS (SELECT 1 FROM big b WHERE a.k = b.k)',
      'Project(HashJoin:semi:left(Exchange:hash(Project(Filter(Scan:mid))), Exchange:hash(HashJoin:semi:right(Scan:big, JoinBuild:keys(Exchange:single(Exchange:hash(Project(Filter(Scan:mid)))))))))',
    ],
    [
      'or the other side becomes the table, if it is not large',
      'SELECT a.x FROM small a LEFT JOIN mid b ON a.k = b.k',
      'Project(HashJoin:left:right(Scan:small, JoinBuild(Exchange:single(Scan:mid))))',
    ],
    [
      'a full join is parted, whatever a hint says',
      'SELECT /*+ BROADCAST(b) */ a.x, b.x AS y FROM big a FULL JOIN mid b ON a.k = b.k',
      'Project(HashJoin:full:right(Exchange:hash(Scan:big), Exchange:hash(Scan:mid)))',
    ],
    [
      'tables without marks are shared as ever',
      'SELECT a.x FROM small a JOIN big b ON a.k = b.k',
      'Project(HashJoin:inner:left(JoinBuild(Scan:small), Scan:big))',
    ],
  ])('where tables are copied: %s', async (_name, text, expected) => {
    expect(await shapeOf(text, { copiesTables: true })).toBe(expected)
  })

  test('both sides of an exchanged join have as many partitions', async () => {
    const plan = await planned('SELECT a.x FROM big a JOIN big2 b ON a.k = b.k', { buildBytes: 0 })
    const join = inputsOf(plan)[0]!
    expect(inputsOf(join).map(partitionCountOf)).toEqual([4, 4])
  })

  test('null-safe keys and conditions on both sides are told apart', async () => {
    const plan = await planned('SELECT a.x FROM big a JOIN big2 b ON a.k <=> b.k AND a.x < b.x')
    const join = inputsOf(plan)[0]!
    expect(join).toMatchObject({ kind: 'HashJoinExec', nullSafe: [true], condition: { name: '<' } })
  })

  test('columns of an outer join are nullable', async () => {
    const a = scanOf('a', { k: types.int64 }, { rows: 10 })
    const b = scanOf('b', { k: types.int64 }, { rows: 10 })
    const strict = (scan: LogicalPlan): LogicalPlan =>
      scan.kind === 'Scan'
        ? { ...scan, columns: scan.columns.map((column) => ({ ...column, nullable: false })) }
        : scan
    const join: Join = {
      ...{
        kind: 'Join',
        left: strict(a.scan),
        right: strict(b.scan),
        joinType: 'left',
        mark: null,
        broadcast: null,
      },
      condition: call('=', a.col('k'), b.col('k')),
    }
    const plan = await planQuery(join, fakeContext())
    expect(plan.schema.fields.map(({ nullable }) => nullable)).toEqual([false, true])
  })
})
