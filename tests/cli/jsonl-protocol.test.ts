import { expect, test } from 'vitest'
import { millrace, testFolder } from './run-cli.ts'

const folder = testFolder()

/** The replies to an input; every line of the output must be one. */
async function replies(input: string): Promise<Record<string, unknown>[]> {
  const run = await millrace(folder.path, ['sql', '--protocol', 'jsonl', '--master', 'local[2]'], { input })
  expect([run.code, run.stderr]).toEqual([0, ''])
  return run.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('one line for each statement, in order, in one session', async () => {
  const lines = await replies(`CREATE TEMP VIEW v AS
  SELECT 1 AS a, 'x;' AS b; -- not the end
;
SELECT * FROM v;
SELECT ';
;' AS t /* ;
*/;
CREATE TABLE stored AS SELECT 1 AS x;
INSERT INTO stored VALUES (2);
SELECT sum(x) AS s FROM stored;
SELECT 5 AS last`)
  const results = lines.map(({ ok, columns, types, rows }) => ({ ok, columns, types, rows }))
  const nothing = { ok: true, columns: [], types: [], rows: [] }
  expect(results).toEqual([
    nothing,
    { ok: true, columns: ['a', 'b'], types: ['int', 'string'], rows: [[1, 'x;']] },
    { ok: true, columns: ['t'], types: ['string'], rows: [[';\n;']] },
    nothing,
    nothing,
    { ok: true, columns: ['s'], types: ['bigint'], rows: [[3]] },
    { ok: true, columns: ['last'], types: ['int'], rows: [[5]] },
  ])
  for (const line of lines) expect(Object.keys(line)).toEqual(['ok', 'columns', 'types', 'rows', 'seconds'])
  expect(lines.every(({ seconds }) => typeof seconds === 'number')).toBe(true)
})

const VALUES: readonly (readonly [expression: string, type: string, value: unknown])[] = [
  ['9007199254740991L', 'bigint', 9007199254740991],
  ['9007199254740993L', 'bigint', '9007199254740993'],
  ['CAST(1.50 AS DECIMAL(10, 2))', 'decimal(10,2)', '1.50'],
  ["CAST('NaN' AS DOUBLE)", 'double', 'NaN'],
  ["CAST('-Infinity' AS DOUBLE)", 'double', '-Infinity'],
  ['1.5D', 'double', 1.5],
  ["DATE'2020-01-02'", 'date', '2020-01-02'],
  ["TIMESTAMP'2020-01-02 03:04:05'", 'timestamp', '2020-01-02 03:04:05'],
  ["TIMESTAMP_NTZ'2020-01-02 03:04:05.000001'", 'timestamp_ntz', '2020-01-02 03:04:05.000001'],
  ["X'00ff'", 'binary', '00ff'],
  ['array(1, CAST(NULL AS INT))', 'array<int>', [1, null]],
  ["map('k', 1.5BD)", 'map<string,decimal(2,1)>', [['k', '1.5']]],
  ["named_struct('a', 1, 'b', 'x')", 'struct<a:int,b:string>', { a: 1, b: 'x' }],
  ['NULL', 'void', null],
  ['true', 'boolean', true],
]

test('values of all types', async () => {
  const lines = await replies(VALUES.map(([expression]) => `SELECT ${expression} AS x;\n`).join(''))
  const results = lines.map(({ types, rows }, index) => [
    VALUES[index]![0],
    (types as string[])[0],
    (rows as unknown[][])[0]![0],
  ])
  expect(results).toEqual(VALUES)
})

test('errors have code, SQL state, message and the position in the statement', async () => {
  const lines = await replies(`SELECT 1;

-- a comment
SELECT id,
       nothing
FROM range(3);
SELEC 1;
SELECT 1 / 0;
SELECT * FROM missing;
SELECT 2 AS two;
`)
  expect(lines.map(({ ok, code, sqlState, position }) => [ok, code, sqlState, position])).toEqual([
    [true, undefined, undefined, undefined],
    [false, 'UNRESOLVED_COLUMN', '42703', { line: 3, column: 8 }],
    [false, 'PARSE_SYNTAX_ERROR', '42601', { line: 1, column: 1 }],
    [false, 'DIVIDE_BY_ZERO', '22012', null], // Arises in the data, not in the text.
    [false, 'TABLE_OR_VIEW_NOT_FOUND', '42P01', { line: 1, column: 15 }],
    [true, undefined, undefined, undefined],
  ])
  expect(lines[1]!['message']).toBe('column "nothing" does not exist in table "range"')
})

test('a result of a million rows is one line', async () => {
  const [line] = await replies("SELECT id, concat('row ', id) AS t FROM range(1000000);\n")
  const rows = line!['rows'] as unknown[][]
  expect([rows.length, rows[999_999]]).toEqual([1_000_000, [999_999, 'row 999999']])
})
