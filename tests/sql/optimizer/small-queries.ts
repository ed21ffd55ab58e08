import { field, types } from '../../../engine/types/index.ts'
import { type LogicalPlan, outputOf, type TableRef } from '../../../sql/plan/index.ts'
import { naiveRows, type Tables } from './naive-rows.ts'

/** Tables r, s and t with columns a, b, c of small numbers, NULLs and repeats among them. */
const NAMES = ['r', 's', 't']

/** Them for the analyzer. */
export const refs = NAMES.map(
  (name): TableRef => ({
    name,
    source: 'memory',
    options: { rows: '500000' },
    schema: { fields: ['a', 'b', 'c'].map((column) => field(column, types.int64)) },
    statistics: { rowCount: 500_000 },
    partitionColumns: [],
  }),
)

/** Their rows, the same for the same seed. */
export function randomTables(seed: number): Tables {
  let state = seed * 2_654_435_761 + 1
  const next = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state >>> 8) & 0xffffff) % below
  }
  const value = (): number | null => (next(5) === 0 ? null : next(4))
  const table = (): Readonly<Record<string, unknown>>[] =>
    Array.from({ length: next(7) }, () => ({ a: value(), b: value(), c: value() }))
  return Object.fromEntries(NAMES.map((name) => [name, table()]))
}

/** The rows of a plan as sorted texts, or the error of a scalar subquery with two. */
export function answer(plan: LogicalPlan, tables: Tables): readonly string[] | string {
  try {
    const columns = outputOf(plan)
    return naiveRows(plan, tables)
      .map((row) => JSON.stringify(columns.map(({ id }) => row.get(id))))
      .sort()
  } catch (error) {
    if (error instanceof Error && error.message === 'TOO_MANY_ROWS') return error.message
    throw error
  }
}

/** Queries over r, s and t that rules rewrite: joins, groups, and subqueries of all kinds. */
export const QUERIES = [
  // filters and joins
  'SELECT * FROM r, s WHERE r.a = s.a AND r.b < 2 AND (s.b = 1 OR s.b = 2)',
  'SELECT r.a, s.b FROM r LEFT JOIN s ON r.a = s.a AND s.b > 1 WHERE r.c = 1',
  'SELECT r.a, s.b FROM r LEFT JOIN s ON r.a = s.a WHERE s.b > 0',
  'SELECT r.a, s.b FROM r LEFT JOIN s ON r.a = s.a WHERE s.b IS NULL',
  'SELECT r.a, s.b FROM r LEFT JOIN s ON r.a = s.a AND r.b = 1 WHERE r.a = 2',
  'SELECT r.a, s.b FROM r RIGHT JOIN s ON r.a = s.a AND r.b > 1 WHERE s.a < 3',
  'SELECT r.a, s.b FROM r RIGHT JOIN s ON r.a = s.a WHERE r.b = 1',
  'SELECT r.a, s.b FROM r FULL JOIN s ON r.a = s.a WHERE r.b = 1',
  'SELECT r.a, s.b FROM r FULL JOIN s ON r.a = s.a WHERE coalesce(r.b, s.b) = 1',
  'SELECT r.a, s.b FROM r FULL JOIN s ON r.a = s.a AND r.b = 1',
  'SELECT r.a, t.c FROM r, s, t WHERE r.a = s.a AND s.b = t.b AND t.c = 1',
  'SELECT r.a FROM r, s, t WHERE r.a = s.a AND s.a = t.a AND r.a = 2',
  'SELECT r.a, s.b, t.c FROM r JOIN s ON r.a = s.a LEFT JOIN t ON s.b = t.b WHERE r.c > 0',
  'SELECT * FROM r, s WHERE (r.a = s.a AND r.b = 1 AND s.c = 2) OR (r.a = s.a AND r.b = 2 AND s.c = 1)',
  'SELECT * FROM r, s, t WHERE (r.b = 1 AND t.c = 2 OR r.b = 2 AND t.c = 1) AND r.a = s.a AND s.b = t.b',
  'SELECT r.a FROM r LEFT SEMI JOIN s ON r.a = s.a AND s.b > 0 WHERE r.b < 3',
  'SELECT r.a FROM r LEFT ANTI JOIN s ON r.a = s.a AND r.b > 0 AND s.b > 0 WHERE r.a < 3',
  // groups, unions, limits
  'SELECT a, count(*) FROM r WHERE a > 0 GROUP BY a HAVING a < 3 AND count(*) > 1',
  'SELECT count(*) FROM r WHERE 1 = 0',
  'SELECT a, count(DISTINCT b), count(*), min(c) FROM r GROUP BY a',
  'SELECT count(DISTINCT b), count(c), sum(c) FROM r',
  'SELECT count(DISTINCT b), sum(DISTINCT b) FROM r WHERE a = 1',
  'SELECT * FROM (SELECT a, b FROM r UNION ALL SELECT b, c FROM s) u WHERE a = 1',
  'SELECT x FROM (SELECT a + b AS x, c FROM r) q WHERE x > 2 AND c = 1',
  'SELECT DISTINCT a FROM (SELECT a, b FROM r ORDER BY b) q WHERE a > 0',
  'SELECT a FROM r WHERE NOT (a > 1 OR b IS NULL)',
  'SELECT a FROM r WHERE a = a AND NOT NOT (b < 2)',
  'SELECT CASE WHEN 1 = 2 THEN a WHEN 2 = 2 THEN b ELSE c END FROM r',
  'SELECT * FROM (SELECT a, row_number() OVER (PARTITION BY a ORDER BY b, c) AS n FROM r) w WHERE a = 1 AND n < 3',
  // tests by subquery
  'SELECT * FROM r WHERE EXISTS (SELECT 1 FROM s WHERE s.a = r.a)',
  'SELECT * FROM r WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.a = r.a AND s.b <> r.b)',
  'SELECT * FROM r WHERE EXISTS (SELECT 1 FROM s WHERE s.b > 1)',
  'SELECT * FROM r WHERE a IN (SELECT a FROM s)',
  'SELECT * FROM r WHERE a NOT IN (SELECT a FROM s)',
  'SELECT * FROM r WHERE a NOT IN (SELECT a FROM s WHERE a IS NOT NULL)',
  'SELECT * FROM r WHERE a IN (SELECT a FROM s WHERE s.b = r.b)',
  'SELECT * FROM r WHERE a NOT IN (SELECT a FROM s WHERE s.b = r.b)',
  'SELECT * FROM r WHERE 1 NOT IN (SELECT a FROM s)',
  'SELECT * FROM r WHERE 1 IN (SELECT a FROM s WHERE s.b = r.b)',
  'SELECT * FROM r WHERE (a, b) IN (SELECT a, b FROM s)',
  'SELECT * FROM r WHERE (a, b) NOT IN (SELECT a, b FROM s)',
  'SELECT a, a IN (SELECT a FROM s), b FROM r',
  'SELECT a, a NOT IN (SELECT a FROM s WHERE s.b < r.b) FROM r',
  'SELECT * FROM r WHERE a IN (SELECT a FROM s) OR EXISTS (SELECT 1 FROM t WHERE t.b = r.b)',
  'SELECT * FROM r WHERE a = 1 AND (b = 2 OR a NOT IN (SELECT b FROM s WHERE s.c = r.c))',
  'SELECT * FROM r WHERE EXISTS (SELECT a FROM s WHERE s.a = r.a GROUP BY a HAVING count(*) > 1)',
  'SELECT * FROM r WHERE EXISTS (SELECT count(*) FROM s WHERE s.a = r.a HAVING count(*) < 1)',
  'SELECT * FROM r WHERE EXISTS (SELECT 1 FROM s WHERE s.a = r.a ORDER BY s.b LIMIT 1)',
  'SELECT * FROM r WHERE a IN (SELECT max(b) FROM s WHERE s.c = r.c)',
  'SELECT * FROM r WHERE a IN (SELECT s.a FROM s WHERE s.b IN (SELECT t.b FROM t WHERE t.c = r.c))',
  'SELECT * FROM r WHERE EXISTS (SELECT 1 FROM s WHERE s.a = r.a AND EXISTS (SELECT 1 FROM t WHERE t.a = s.a AND t.b = r.b))',
  'SELECT * FROM r WHERE a IN (SELECT a FROM s WHERE s.b = r.b UNION ALL SELECT b FROM t WHERE t.c = r.c)',
  // scalars
  'SELECT a, (SELECT max(b) FROM s) FROM r',
  'SELECT a, (SELECT b FROM s LIMIT 1) IS NULL FROM r',
  'SELECT a, (SELECT max(b) FROM s WHERE s.a = r.a) FROM r',
  'SELECT a, (SELECT count(*) FROM s WHERE s.a = r.a) FROM r',
  'SELECT a, (SELECT count(b) + 1 FROM s WHERE s.a = r.a AND s.b > 0) AS n FROM r',
  'SELECT * FROM r WHERE (SELECT count(*) FROM s WHERE s.a = r.a) = 0',
  'SELECT * FROM r WHERE b < (SELECT avg(b) FROM s WHERE s.a = r.a)',
  'SELECT * FROM r WHERE b <= (SELECT max(b) FROM s WHERE s.a < r.a)',
  'SELECT a, (SELECT count(*) FROM s WHERE s.a < r.a) FROM r',
  'SELECT a, (SELECT s.b FROM s WHERE s.a = r.a) FROM r',
  'SELECT a, (SELECT s.b FROM s WHERE s.a < r.a) FROM r',
  'SELECT a FROM r WHERE b = 1 AND (SELECT s.b FROM s WHERE s.a = r.a AND s.c = 1) IS NULL',
  'SELECT a, (SELECT s.b FROM s WHERE s.a = r.a ORDER BY s.b, s.c LIMIT 1) FROM r',
  'SELECT a, (SELECT max(s.b + r.b) FROM s WHERE s.a = r.a) FROM r',
  'SELECT a, (SELECT max(s.b) + r.b FROM s WHERE s.a = r.a) FROM r',
  'SELECT a, (SELECT max(x.n) FROM (SELECT count(*) AS n FROM s WHERE s.a = r.a GROUP BY s.b) x) FROM r',
  'SELECT a, (SELECT coalesce(max(b), 0 - 1) FROM s WHERE s.a = r.a) FROM r',
  'SELECT a, (SELECT sum(s.b) FROM s, t WHERE s.a = r.a AND t.b = s.b AND t.c = r.c) FROM r',
  'SELECT a, (SELECT sum(s.b) FROM s LEFT JOIN t ON t.a = s.a AND t.b = r.b WHERE s.a = r.a) FROM r',
  'SELECT a, sum(b) FROM r GROUP BY a HAVING sum(b) > (SELECT min(b) FROM s)',
  // lateral
  'SELECT r.a, q.m FROM r, LATERAL (SELECT max(b) AS m FROM s WHERE s.a = r.a) q',
  'SELECT r.a, q.b FROM r, LATERAL (SELECT b FROM s WHERE s.a = r.a) q',
  'SELECT r.a, q.b FROM r LEFT JOIN LATERAL (SELECT b FROM s WHERE s.a = r.a AND s.b < r.b) q',
  'SELECT r.a, q.b FROM r, LATERAL (SELECT b FROM s WHERE s.a < r.a ORDER BY b, c LIMIT 2) q',
  'SELECT r.a, q.n FROM r, LATERAL (SELECT r.b + 1 AS n) q',
]
