import { expect, test } from 'vitest'
import { formatExpression, literal, parseExpression } from '../../../sql/parser/index.ts'

const X = 'namedlambdavariable()'
const TO_HERE = 'BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'
const BEFORE = 'BETWEEN -1 FOLLOWING AND -1 FOLLOWING'

// The right side is what Spark 4 shows as the column's name.
test.each([
  ['a + 1', '(a + 1)'],
  ['t.a', 'a'],
  ["'text'", 'text'],
  ['1.50', '1.50'],
  ['-0.05', '-0.05'],
  ['5L', '5'],
  ['1e10', '1.0E10'],
  ['1e2', '100.0'],
  ['1.5e-7', '1.5E-7'],
  ['0.1F', '0.1'],
  ['NULL', 'NULL'],
  ['TRUE', 'true'],
  ["X'1f'", "X'1F'"],
  ["DATE '2020-01-01'", "DATE '2020-01-01'"],
  ["INTERVAL '3' MONTH", "INTERVAL '3' MONTH"],
  ["INTERVAL '-1-2' YEAR TO MONTH", "INTERVAL '-1-2' YEAR TO MONTH"],
  ["INTERVAL '1 2:3:4.5' DAY TO SECOND", "INTERVAL '1 02:03:04.5' DAY TO SECOND"],
  ['INTERVAL 2 HOURS', "INTERVAL '02' HOUR"],
  ['INTERVAL 1 DAY', "INTERVAL '1' DAY"],
  ['count(*)', 'count(1)'],
  ['COUNT(DISTINCT a, b)', 'count(DISTINCT a, b)'],
  ['sum(a) FILTER (WHERE b > 1)', 'sum(a) FILTER (WHERE (b > 1))'],
  ['cast(a as int)', 'CAST(a AS INT)'],
  ['try_cast(a as decimal(5, 2))', 'TRY_CAST(a AS DECIMAL(5,2))'],
  ['a::array<struct<x: int>>', 'CAST(a AS ARRAY<STRUCT<x: INT>>)'],
  ['int(a) + 1', '(a + 1)'],
  [
    'zip_with(a, b, (x, y) -> (y, 2))',
    `zip_with(a, b, lambdafunction(named_struct(y, ${X}, col2, 2), ${X}, ${X}))`,
  ],
  ['power(2, 3) + pow(2, 3)', '(POWER(2, 3) + pow(2, 3))'],
  ['ceiling(a)', 'ceiling(a)'],
  ['curdate()', 'current_date()'],
  ['current_date', 'current_date()'],
  ["datepart('YEAR', a)", 'datepart(YEAR FROM a)'],
  ["from_json(a, 'b int')", 'from_json(a)'],
  ['array_agg(a)', 'collect_list(a)'],
  [
    'rank(b) over (order by b)',
    'RANK() OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)',
  ],
  ["overlay('Spark SQL' PLACING '_' FROM 6)", 'overlay(Spark SQL, _, 6, -1)'],
  ["regexp_replace('a', '(\\\\d+)', 'num')", 'regexp_replace(a, (\\d+), num, 1)'],
  ['unix_timestamp()', 'unix_timestamp(current_timestamp(), yyyy-MM-dd HH:mm:ss)'],
  [
    'aggregate(a, 0, (s, x) -> s + x)',
    `aggregate(a, 0, lambdafunction((${X} + ${X}), ${X}, ${X}), lambdafunction(${X}, ${X}))`,
  ],
  [
    'array_sort(a, (left, right) -> case when left < right then -1 else 0 end)',
    `array_sort(a, lambdafunction(CASE WHEN (${X} < ${X}) THEN -1 ELSE 0 END, ${X}, ${X}))`,
  ],
  ['col % 2 == 0', '((col % 2) = 0)'],
  ["bitmap_count(X '1010')", "bitmap_count(X'1010')"],
  [
    'case when a > 1 then 1 when b then 2.0 else 1.2 end',
    'CASE WHEN (a > 1) THEN 1 WHEN b THEN 2.0 ELSE 1.2 END',
  ],
  ['case a when 1 then b end', 'CASE WHEN (a = 1) THEN b END'],
  ['if(1 < 2, a, b)', '(IF((1 < 2), a, b))'],
  ['a <> b', '(NOT (a = b))'],
  ['a and b and c and d', '((a AND b) AND (c AND d))'],
  ["a like 'x%'", 'a LIKE x%'],
  ["a not like 'x' escape '/'", "(NOT a LIKE x ESCAPE '/')"],
  ["a rlike 'x'", 'RLIKE(a, x)'],
  ["a ilike 'x'", 'ilike(a, x)'],
  ['a is null', '(a IS NULL)'],
  ['isnotnull(a)', '(a IS NOT NULL)'],
  ['a is true', '(a <=> true)'],
  ['a in (select 1)', '(a IN (listquery()))'],
  ['(select 1)', 'scalarsubquery()'],
  ['ceil(a) + floor(b)', '(CEIL(a) + FLOOR(b))'],
  ["substring('Spark SQL', 5)", 'substring(Spark SQL, 5, 2147483647)'],
  ['round(2.5)', 'round(2.5, 0)'],
  ["trim(both 'SL' from a)", 'TRIM(BOTH SL FROM a)'],
  ['extract(YEAR FROM a)', 'extract(YEAR FROM a)'],
  [
    'transform(a, x -> x + 1)',
    'transform(a, lambdafunction((namedlambdavariable() + 1), namedlambdavariable()))',
  ],
  ['a[0] + m["k"]', '(a[0] + m[k])'],
  [
    'sum(a) over (partition by b)',
    'sum(a) OVER (PARTITION BY b ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)',
  ],
  [
    'rank() over (partition by a order by b desc)',
    `RANK() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST ROWS ${TO_HERE})`,
  ],
  [
    'avg(a) over (order by b range between 1 preceding and current row)',
    'avg(a) OVER (ORDER BY b ASC NULLS FIRST RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)',
  ],
  [
    'lag(b) over (partition by a order by b)',
    `lag(b, 1, NULL) OVER (PARTITION BY a ORDER BY b ASC NULLS FIRST ROWS ${BEFORE})`,
  ],
  ['sum(a) over w', 'sum(a) OVER w'],
  [
    'percentile_cont(0.25) within group (order by a desc)',
    'percentile_cont(0.25) WITHIN GROUP (ORDER BY a DESC)',
  ],
])('%s is named %s', (text, name) => {
  expect(formatExpression(parseExpression(text))).toBe(name)
})

test('the caller may name columns', () => {
  const columnName = (parts: readonly string[]): string => parts.join('.')
  expect(formatExpression(parseExpression('s.f + 1'), { columnName })).toBe('(s.f + 1)')
})

test('expressions built by hand have names too', () => {
  expect(
    formatExpression({
      kind: 'binary',
      operator: '+',
      left: { kind: 'column', parts: ['a'] },
      right: literal('bigint', 3n),
    }),
  ).toBe('(a + 3)')
})
