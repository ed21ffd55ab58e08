import { describe, expect, test } from 'vitest'
import { explainPhysical, inputsOf, partitionCountOf } from '../../../engine/plan/index.ts'
import { types } from '../../../engine/types/index.ts'
import { optimize } from '../../../sql/optimizer/index.ts'
import type { LogicalPlan } from '../../../sql/plan/index.ts'
import { planQuery } from '../../../sql/planner/index.ts'
import { call, fakeContext, int, project, scanOf, settings } from './plan-fixtures.ts'
import { planned, shape, shapeOf } from './plan-shape.ts'

describe('planQuery() of groups', () => {
  test.each([
    [
      'many rows are grouped in two steps',
      'SELECT g, sum(x) AS s FROM big GROUP BY g',
      'HashAggregate:final(Exchange:hash(HashAggregate:partial(Scan:big)))',
    ],
    [
      'without keys the second step is one task',
      'SELECT sum(x) AS s FROM big',
      'HashAggregate:final(Exchange:single(HashAggregate:partial(Scan:big)))',
    ],
    [
      'few rows are grouped at once',
      'SELECT g, sum(x) AS s FROM small GROUP BY g',
      'HashAggregate:complete(Scan:small)',
    ],
    [
      'rows in buckets by a key are together',
      'SELECT k, g, sum(x) AS s FROM b8 GROUP BY k, g',
      'HashAggregate:complete(Scan:b8)',
    ],
    [
      'buckets by another column do not help',
      'SELECT k, sum(x) AS s FROM g8 GROUP BY k',
      'HashAggregate:final(Exchange:hash(HashAggregate:partial(Scan:g8)))',
    ],
    [
      'DISTINCT values of two kinds need all rows of a group',
      'SELECT g, count(DISTINCT x) AS a, count(DISTINCT k) AS b FROM big GROUP BY g',
      'HashAggregate:complete(Exchange:hash(Scan:big))',
    ],
    [
      'a group of groups by the same key needs no second exchange',
      'SELECT k, max(s) AS m FROM (SELECT k, g, sum(x) AS s FROM b8 GROUP BY k, g) GROUP BY k',
      'HashAggregate:complete(HashAggregate:complete(Scan:b8))',
    ],
  ])('%s', async (_, text, expected) => {
    expect(await shapeOf(text)).toBe(expected)
  })

  test('partial results are keys, then states', async () => {
    const plan = await planned('SELECT g, avg(x) AS a, count(*) AS n FROM big GROUP BY g')
    const partial = inputsOf(inputsOf(plan)[0]!)[0]!
    const fields = partial.schema.fields.map(({ name, type }) => `${name} ${type.kind}`)
    expect(fields[0]).toBe('g int64')
    expect(fields.at(-1)).toContain('state0 int64')
  })
})

describe('planQuery() of other nodes', () => {
  test.each([
    ['a large sort is done by ranges', 'SELECT x FROM big ORDER BY x', 'Sort(Exchange:broadcast(Scan:big))'],
    ['a small sort is done in one task', 'SELECT x FROM small ORDER BY x', 'Sort(Scan:small)'],
    [
      'the first rows of a sort are chosen in each task',
      'SELECT x FROM big ORDER BY x LIMIT 5',
      'TopN(Exchange:single(TopN(Scan:big)))',
    ],
    [
      'a limit is cut in each task, then of all',
      'SELECT x FROM big LIMIT 5 OFFSET 2',
      'Limit(Exchange:single(Limit(Scan:big)))',
    ],
    ['a limit of one partition is cut once', 'SELECT x FROM small LIMIT 5', 'Limit(Scan:small)'],
    [
      'a union has the partitions of its inputs',
      'SELECT x FROM big UNION ALL SELECT x FROM small',
      'Union(Scan:big, Scan:small)',
    ],
    [
      'windows have their partitions together',
      'SELECT x, sum(x) OVER (PARTITION BY g) AS s FROM big',
      'Project(Window(Exchange:hash(Scan:big)))',
    ],
    [
      'windows over buckets stay',
      'SELECT x, sum(x) OVER (PARTITION BY k) AS s FROM b8',
      'Project(Window(Scan:b8))',
    ],
    [
      'windows without partitions are one task',
      'SELECT x, row_number() OVER (ORDER BY x) AS n FROM big',
      'Project(Window(Exchange:single(Scan:big)))',
    ],
    ['grouping sets expand rows', 'SELECT g, k, sum(x) AS s FROM big GROUP BY ROLLUP (g, k)', /Expand\(/],
    ['SELECT without FROM is one row', 'SELECT 1 AS x', 'Project(Values)'],
    [
      'a scalar subquery is one row beside',
      'SELECT x FROM big WHERE x > (SELECT max(x) FROM big2)',
      /^Project\(NestedLoopJoin\(Scan:big, Exchange:broadcast\(/,
    ],
  ])('%s', async (_, text, expected) => {
    if (typeof expected === 'string') expect(await shapeOf(text)).toBe(expected)
    else expect(await shapeOf(text)).toMatch(expected)
  })

  test('splits are dealt out in order, a few tasks a thread, each once', async () => {
    const plan = await planned('SELECT x FROM big', { threads: 3 })
    const scan = plan.kind === 'ScanExec' ? plan : undefined
    expect(scan?.partitions.length).toBe(12)
    expect(scan?.partitions.flat().map(({ data }) => data)).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    )
  })

  test('a range is cut only where it is long', async () => {
    const range = (end: bigint): LogicalPlan => {
      const { scan } = scanOf('t', { id: types.int64 })
      return { kind: 'Range', column: scan.columns[0]!, start: 0n, end, step: 1n, partitionCount: 0 }
    }
    expect(partitionCountOf(await planQuery(range(1000n), fakeContext()))).toBe(1)
    expect(partitionCountOf(await planQuery(range(10_000_000n), fakeContext()))).toBe(8)
  })

  test('a write by buckets has each bucket in one task', async () => {
    const { scan } = scanOf('t', { id: types.int64 }, { rows: 5_000_000 })
    const { columns: given } = scan
    const request = {
      ...{ options: {}, schema: scan.table.schema, mode: 'error' as const, partitionColumns: [], jobId: 'j' },
      bucketing: { columns: ['id'], bucketCount: 6 },
    } as const
    const plan = await planQuery(
      { kind: 'Write', input: scan, sink: 'parquet', request, columns: given },
      fakeContext(),
    )
    expect(shape(plan)).toBe('Write(Exchange:hash(Scan:t))')
    expect(partitionCountOf(plan)).toBe(6)
  })
})

describe('explainPhysical()', () => {
  test('shows pruning, exchanges, and joins without exchange', async () => {
    const t = scanOf('t', { a: types.int64, b: types.int64, c: types.string }, { rows: 1000 })
    const filtered: LogicalPlan = { kind: 'Filter', input: t.scan, predicate: call('<', t.col('a'), int(5)) }
    const plan = optimize(project(filtered, { b: t.col('b') }), settings)
    expect(explainPhysical(await planQuery(plan, fakeContext()))).toBe(
      [
        'ProjectExec: b [1 partition]',
        '  FilterExec: (a < 5) [1 partition]',
        '    ScanExec: t (a, b) predicates [a < 5] row groups: 1 of 1 [1 partition]',
      ].join('\n'),
    )
    expect(explainPhysical(await planned('SELECT a.x FROM b8 a JOIN c8 b ON a.k = b.k'))).toBe(
      [
        'ProjectExec: x [8 partitions]',
        '  HashJoinExec: inner on k = k build right no exchange [8 partitions]',
        '    ScanExec: b8 (k, x) row groups: 8 of 8 bucketed by k [8 partitions]',
        '    ScanExec: c8 (k) row groups: 8 of 8 bucketed by k [8 partitions]',
      ].join('\n'),
    )
    expect(explainPhysical(await planned('SELECT g, sum(x) AS s FROM big GROUP BY g'))).toBe(
      [
        'HashAggregateExec: final by [g] [sum] [4 partitions]',
        '  ExchangeExec: hash(g) [8 → 4 partitions]',
        '    HashAggregateExec: partial by [g] [sum(x)] [8 partitions]',
        '      ScanExec: big (x, g) row groups: 100 of 100 [8 partitions]',
      ].join('\n'),
    )
  })
})
