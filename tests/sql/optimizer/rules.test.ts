import { describe, expect, test } from 'vitest'
import type { Expr } from '../../../engine/expr/index.ts'
import { decimalType, field, types } from '../../../engine/types/index.ts'
import { optimize } from '../../../sql/optimizer/index.ts'
import { printPlan, type TableRef } from '../../../sql/plan/index.ts'
import { int, project, scanOf, settings } from '../planner/plan-fixtures.ts'
import { analyzed } from './tpch-catalog.ts'

const t: TableRef = {
  name: 't',
  source: 'memory',
  options: {},
  schema: {
    fields: [
      field('a', types.int32),
      field('b', types.int64),
      field('s', types.string),
      field('n', types.int32, false),
      field('f', types.float64),
    ],
  },
  statistics: { rowCount: 1000 },
  partitionColumns: [],
}
const tables = [t, { ...t, name: 'u' }, { ...t, name: 'v' }]

async function optimized(text: string): Promise<string> {
  return printPlan(optimize(await analyzed(text, tables), settings))
}

/** The line of the plan for a node. */
async function lineOf(kind: string, text: string): Promise<string | undefined> {
  const lines = (await optimized(text)).split('\n').map((line) => line.trim())
  return lines.find((line) => line.startsWith(kind))
}

describe('simplify-expressions', () => {
  test.each([
    ['1 + 1 = 2 AND a > 3', '(a > 3)'],
    ['a > 1 + 2', '(a > 3)'],
    ['5 < a', '(a > 5)'],
    ['NOT (a > 3)', '(a <= 3)'],
    ['NOT NOT (a > 3)', '(a > 3)'],
    ['NOT (a > 3 OR a < 1)', '((a <= 3) AND (a >= 1))'],
    ['a = 1 OR a = 2', 'in(a, 1, 2)'],
    ['a IN (7)', '(a = 7)'],
    ['a = a', 'isnotnull(a)'],
    ['a > 3 AND a > 3', '(a > 3)'],
    ['cast(a AS bigint) = 4', '(a = 4)'],
    ['a = 4L', '(a = 4)'],
    ['(a > 1 AND s = "x") OR (a > 1 AND s LIKE "y%")', `((a > 1) AND ((s = 'x') OR (s LIKE 'y%')))`],
    ['a > 1 OR (a > 1 AND s = "x")', '(a > 1)'],
    ['coalesce(a, null) = 1', '(a = 1)'],
  ])('%s becomes %s', async (before, after) => {
    expect(await lineOf('Filter', `SELECT * FROM t WHERE ${before}`)).toBe(`Filter: ${after}`)
  })

  test.each(['1 = 2', 'a = null', 'a > 3 AND null', 'n IS NULL', 'false OR 2 < 1', 'n <> n'])(
    '%s keeps nothing',
    async (predicate) => {
      expect(await optimized(`SELECT a FROM t WHERE ${predicate}`)).toBe('Values: 0 rows (a)')
    },
  )

  test.each(['1 = 1', 'n IS NOT NULL', 'n = n', 'a > 3 OR true'])('%s keeps all', async (predicate) => {
    expect(await optimized(`SELECT a FROM t WHERE ${predicate}`)).toBe('Scan: t (a)')
  })

  test('what fails is not folded', async () => {
    expect(await lineOf('Project', 'SELECT 1 div 0 AS x FROM t')).toBe('Project: (1 DIV 0) AS x')
  })

  test('a chain of 20,000 operators is rewritten without recursion', () => {
    const scan = scanOf('t', { a: types.int64 }, { rows: 10 })
    let sum: Expr = scan.col('a')
    for (let i = 0; i < 20_000; i++) sum = { kind: 'call', name: '+', args: [sum, int(1)], type: types.int64 }
    expect(optimize(project(scan.scan, { x: sum }), settings).kind).toBe('Project')
  })
})

describe('long chains', () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => index)
  test.each([
    ['OR', numbers.map((n) => `a = ${n}`).join(' OR '), 'Filter: in(a, 0, 1, 2'],
    [
      'OR of ANDs',
      numbers.map((n) => `(a = ${n} AND b = 1)`).join(' OR '),
      'Filter: ((b = 1) AND in(a, 0, 1, 2',
    ],
    ['AND', numbers.map((n) => `a <> ${n}`).join(' AND '), 'Filter: (NOT (a = 0) AND NOT (a = 1)'],
  ])('5,000 terms of %s are simplified', async (_, predicate, start) => {
    expect((await lineOf('Filter', `SELECT * FROM t WHERE ${predicate}`))?.slice(0, start.length)).toBe(start)
  })
})

describe('push-predicates-to-scan', () => {
  test.each([
    ['a > 3 AND s = "x"', 'predicates [a >, s =]'],
    ['a BETWEEN 1 AND 3', 'predicates [a >=, a <=]'],
    ['s IN ("x", "y")', 'predicates [s in]'],
    ['s IS NULL', 'predicates [s isnull]'],
    ['5 >= a', 'predicates [a <=]'],
    ['f < 1.5', 'predicates [f <]'],
  ])('%s gives %s', async (predicate, hint) => {
    expect(await lineOf('Scan', `SELECT * FROM t WHERE ${predicate}`)).toContain(hint)
  })

  test.each(['a = b', 'a + 1 > 3', 's LIKE "%x"', 'a > 3 OR s = "x"'])(
    '%s gives no hint',
    async (predicate) => {
      expect(await lineOf('Scan', `SELECT * FROM t WHERE ${predicate}`)).not.toContain('predicates')
    },
  )
})

describe('rules on whole plans', () => {
  test('filters go to their side and cross a join by equality', async () => {
    expect(await optimized('SELECT t.s FROM t, u WHERE t.a = u.a AND t.a = 3 AND u.s = "x"')).toBe(
      [
        'Project: s',
        '  Join: inner on (a = a)',
        '    Filter: (a = 3)',
        '      Scan: t (a, s) predicates [a =]',
        '    Project: a',
        `      Filter: ((s = 'x') AND (a = 3))`,
        '        Scan: u (a, s) predicates [s =, a =]',
      ].join('\n'),
    )
  })

  test('an outer join below a filter that needs a match is an inner join', async () => {
    expect(await lineOf('Join', 'SELECT t.a FROM t LEFT JOIN u ON t.a = u.a WHERE u.b > 0')).toBe(
      'Join: inner on (a = a)',
    )
    expect(await lineOf('Join', 'SELECT t.a FROM t LEFT JOIN u ON t.a = u.a WHERE u.b IS NULL')).toBe(
      'Join: left on (a = a)',
    )
    expect(await lineOf('Join', 'SELECT t.a FROM t FULL JOIN u ON t.a = u.a WHERE u.b > 0')).toBe(
      'Join: right on (a = a)',
    )
  })

  test('columns nobody reads are not scanned', async () => {
    expect(await optimized('SELECT count(*) FROM t')).toBe('Aggregate: by [] [count(*)]\n  Scan: t ()')
    expect(
      await optimized('SELECT x FROM (SELECT a AS x, s FROM t UNION ALL SELECT a, s FROM u)'),
    ).not.toContain('s')
  })

  test('limits meet sorts and go into unions', async () => {
    expect(await optimized('SELECT a + 1 AS x FROM (SELECT a, b FROM t ORDER BY b) LIMIT 3')).toBe(
      'Project: (a + 1) AS x\n  Limit: skip 0 fetch 3\n    Sort: b ASC NULLS FIRST\n      Scan: t (a, b)',
    )
    expect(
      (await optimized('SELECT a FROM t UNION ALL SELECT a FROM u LIMIT 3')).match(/Limit/g),
    ).toHaveLength(3)
    expect(await optimized('SELECT a FROM t LIMIT 0')).toBe('Values: 0 rows (a)')
  })

  test('sorts whose order is lost are dropped, those of a limit stay', async () => {
    expect(await optimized('SELECT count(*) FROM (SELECT a FROM t ORDER BY b)')).not.toContain('Sort')
    expect(await optimized('SELECT count(*) FROM (SELECT a FROM t ORDER BY b LIMIT 2)')).toContain('Sort')
  })

  test('volatile expressions are computed once and not moved', async () => {
    const text = await optimized('SELECT x + x AS y FROM (SELECT rand(1) AS x FROM t) WHERE x > 0.5')
    expect(text.match(/rand/g)).toHaveLength(1)
  })

  test('comma joins are ordered along their conditions', async () => {
    const text = await optimized('SELECT 1 AS x FROM t, u, v WHERE t.a = v.a AND v.b = u.b')
    expect(text.split('\n').filter((line) => line.includes('Join: inner') && !line.includes(' on '))).toEqual(
      [],
    )
  })
})

describe('aggregate-before-join', () => {
  const keyed = (name: string, rowCount: number, keys: bigint): TableRef => ({
    ...t,
    name,
    schema: { fields: [field('k', types.int64), field('x', types.int64), field('d', decimalType(10, 2))] },
    statistics: { rowCount, columns: { k: { min: 1n, max: keys } } },
  })
  const both = [keyed('c', 10_000, 10_000n), keyed('o', 100_000, 10_000n)]
  const kinds = async (text: string): Promise<string> =>
    printPlan(optimize(await analyzed(text, both), settings))
      .split('\n')
      .map((line) => line.trim().split(':')[0])
      .filter((kind) => kind !== 'Project')
      .join(' ')

  test.each([
    ['counts of a left join', 'SELECT c.k, count(x2) FROM c LEFT JOIN p ON c.k = k2 GROUP BY c.k', true],
    ['min of an inner join', 'SELECT c.x, min(x2) FROM c JOIN p ON c.k = k2 GROUP BY c.x', true],
    ['not sums of decimals', 'SELECT c.k, sum(d2) FROM c LEFT JOIN p ON c.k = k2 GROUP BY c.k', false],
    ['not DISTINCT', 'SELECT c.k, count(DISTINCT x2) FROM c LEFT JOIN p ON c.k = k2 GROUP BY c.k', false],
    ['not keys of the right', 'SELECT x2, count(*) FROM c JOIN p ON c.k = k2 GROUP BY x2', false],
    [
      'not other conditions',
      'SELECT c.k, count(*) FROM c JOIN p ON c.k = k2 AND c.x < x2 GROUP BY c.k',
      false,
    ],
  ])('%s', async (_name, text, isRewritten) => {
    const plan = await kinds(text.replace(' p ', ' (SELECT k AS k2, x AS x2, d AS d2 FROM o) p '))
    expect(plan.startsWith('Aggregate Join Scan Aggregate')).toBe(isRewritten)
  })
})
