import { expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { formatExpression, isComplete, parseStatements, splitStatements } from '../../../sql/parser/index.ts'

const QUERIES = [
  `WITH recent (id, total) AS (
     SELECT customer_id, sum(price * (1 - discount)) FROM orders o JOIN lines AS l USING (order_id)
     WHERE o.day BETWEEN DATE '2020-01-01' AND DATE '2020-01-01' + INTERVAL '3' MONTH
       AND l.flag NOT IN ('R', 'N')
     GROUP BY customer_id HAVING count(*) > 1)
   SELECT /*+ BROADCAST(r) */ r.id, c.name AS \`the name\`,
     CASE WHEN total > 1.5e3 THEN 'big' ELSE "small" END size,
     rank() OVER (PARTITION BY c.nation ORDER BY total DESC NULLS LAST
       ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n
   FROM recent r LEFT JOIN customer c ON r.id = c.id, LATERAL explode(array(1, 2)) AS e (x)
   WHERE EXISTS (SELECT 1 FROM t WHERE t.id = r.id) AND c.phone LIKE '13\\\\%' ESCAPE '!'
     AND NOT (x IS NULL OR x <=> 2)
   ORDER BY 1, total DESC LIMIT 10 OFFSET 2; -- end`,
  `CREATE OR REPLACE TABLE db.t (a int NOT NULL COMMENT 'x',
     m map<string, array<struct<x: int, y decimal(10, 2)>>>)
   USING parquet OPTIONS ('k' = 'v') PARTITIONED BY (a) CLUSTERED BY (m) INTO 8 BUCKETS;
   INSERT OVERWRITE TABLE t PARTITION (a = 1) VALUES (1, X'1F'), (-2L, r'\\d');
   SHOW TABLES LIKE 'a*'; SET a.b = c d; EXPLAIN ANALYZE SELECT * EXCEPT (a) FROM parquet.\`/x y\``,
  `SELECT transform(xs, (x, i) -> x + i)[0].f::bigint, trim(BOTH 'x' FROM y), extract(YEAR FROM d),
     a >> 1 >>> 2,
     sum(DISTINCT a) FILTER (WHERE b > :low) , percentile_cont(0.5) WITHIN GROUP (ORDER BY a), ? || 'b' 'c'
   FROM (VALUES (1, 2), (3, NULL)) TABLESAMPLE (10 PERCENT) AS v (a, b)
     LATERAL VIEW OUTER explode(q) z AS k, w
   GROUP BY GROUPING SETS ((a, b), ROLLUP (a), ())
   UNION ALL (SELECT 1 INTERSECT SELECT 2) /* c /* d */ */ MINUS TABLE t`,
]

/** xorshift32: the same texts for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Parses; only an EngineError with a position may come out. */
function check(text: string): void {
  splitStatements(text)
  isComplete(text)
  try {
    parseStatements(text)
  } catch (error) {
    if (!(error instanceof EngineError))
      throw new Error(`not an EngineError for ${JSON.stringify(text)}`, { cause: error })
    if (error.code === 'INTERNAL_ERROR' || error.position?.offset === undefined) throw error
    expect(error.position.offset).toBeLessThanOrEqual(text.length)
  }
}

test('the texts themselves are right', () => {
  for (const text of QUERIES) expect(parseStatements(text).length).toBeGreaterThan(0)
})

test('every prefix and suffix parses or is a clear error', () => {
  for (const text of QUERIES) {
    for (let at = 0; at <= text.length; at++) {
      check(text.slice(0, at))
      check(text.slice(at))
    }
  }
})

test.each([1, 2, 3, 4])('random damage parses or is a clear error (seed %i)', (seed) => {
  const below = random(seed * 7919)
  const pieces = QUERIES.join(' ').split(/(\s+|[(),.;'"`<>])/)
  for (let round = 0; round < 1000; round++) {
    const text = QUERIES[below(QUERIES.length)] ?? ''
    const from = below(text.length)
    const to = Math.min(text.length, from + below(20))
    const inserted = Array.from({ length: below(4) }, () => pieces[below(pieces.length)]).join(' ')
    check(text.slice(0, from) + inserted + text.slice(to))
  }
})

test('what parses also has a name', () => {
  for (const statement of parseStatements(QUERIES.join('\n;'))) {
    if (statement.kind !== 'queryStatement' || statement.query.body.kind !== 'select') continue
    for (const { expression } of statement.query.body.items) expect(formatExpression(expression)).not.toBe('')
  }
})
