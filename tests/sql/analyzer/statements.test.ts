import { expect, test } from 'vitest'
import { schemaText, types } from '../../../engine/types/index.ts'
import {
  type AnalyzedStatement,
  type AnalyzerContext,
  analyzeQuery,
  analyzeStatement,
} from '../../../sql/analyzer/index.ts'
import { parseQuery, parseStatement } from '../../../sql/parser/index.ts'
import { outputOf, schemaOf } from '../../../sql/plan/index.ts'
import { fields, table, testContext } from './fake-catalog.ts'

const analyzed = (sql: string, context: AnalyzerContext = testContext()): Promise<AnalyzedStatement> =>
  analyzeStatement(parseStatement(sql), context)

const typesOf: readonly [query: string, schema: string][] = [
  [
    'SELECT 1 AS a, 1.50 AS b, 5000000000 AS c, 1e3 AS d',
    'a int NOT NULL, b decimal(3,2) NOT NULL, c bigint NOT NULL, d double NOT NULL',
  ],
  ['SELECT a, b FROM t', 'a int NOT NULL, b int'],
  ['SELECT A AS x, a + 1 AS y, b + 1 AS z FROM t', 'x int NOT NULL, y int NOT NULL, z int'],
  ['SELECT t.a, u.a AS ua FROM t LEFT JOIN u ON t.a = u.a', 'a int NOT NULL, ua int'],
  ['SELECT t.a, u.c FROM u LEFT JOIN t ON t.a = u.a', 'a int, c decimal(15,2)'],
  [
    'SELECT count(*) AS n, sum(c) AS s, avg(c) AS m FROM u',
    'n bigint NOT NULL, s decimal(25,2), m decimal(19,6)',
  ],
  ['SELECT a FROM t UNION ALL SELECT c FROM u', 'a decimal(15,2)'],
  ["SELECT DATE '2020-01-01' + INTERVAL 1 DAY AS d", 'd date NOT NULL'],
  ["SELECT TIMESTAMP '2020-01-01' AS d", 'd timestamp NOT NULL'],
  ['SELECT c * (1 - c) AS p FROM u', 'p decimal(32,4)'],
  ['SELECT tags[0] AS x, p.x AS y, m AS z FROM nested', 'x string, y int, z map<string,int>'],
  ['SELECT coalesce(b, 0) AS x FROM t', 'x int NOT NULL'],
  ['SELECT EXISTS (SELECT 1) AS x, (SELECT 1) AS y', 'x boolean NOT NULL, y int'],
]

test.each(typesOf)('%s', async (query, schema) => {
  expect(schemaText(schemaOf(await analyzeQuery(parseQuery(query), testContext())))).toBe(schema)
})

test('names of columns without alias are those of Spark', async () => {
  const plan = await analyzeQuery(
    parseQuery("SELECT sum(a), a + 1, t.b, count(*), s LIKE 'x' FROM t GROUP BY a, b, s"),
    testContext(),
  )
  expect(outputOf(plan).map(({ name }) => name)).toEqual(['sum(a)', '(a + 1)', 'b', 'count(1)', 's LIKE x'])
})

test('parameters become constants of their type', async () => {
  const context = {
    ...testContext(),
    parameters: {
      named: { id: { value: 7, type: types.int32 } },
      positional: [{ value: 'x', type: types.string }],
    },
  }
  const plan = await analyzeQuery(parseQuery('SELECT a FROM t WHERE a = :id AND s = ? LIMIT :id'), context)
  expect(plan).toMatchObject({ kind: 'Limit', fetch: 7 })
})

test('timestamps are read in the zone of the session', async () => {
  const context = { ...testContext(), timeZone: 'Europe/Berlin' }
  const plan = await analyzeQuery(parseQuery("SELECT TIMESTAMP '2020-07-01 02:00:00'"), context)
  expect(plan).toMatchObject({ exprs: [{ expr: { value: BigInt(Date.UTC(2020, 6, 1)) * 1000n } }] })
})

test('views are analysed anew at each use', async () => {
  const context = testContext()
  const view = await analyzed('CREATE TEMP VIEW v (x, y) AS SELECT a, b FROM t', context)
  if (view.kind !== 'createView') throw new Error(view.kind)
  expect(schemaText(view.schema)).toBe('x int NOT NULL, y int')
  context.catalog.setView('V', view.entry)
  const plan = await analyzeQuery(parseQuery('SELECT l.x, r.y FROM v l JOIN v r ON l.x = r.y'), context)
  expect(outputOf(plan).map(({ name }) => name)).toEqual(['x', 'y'])
  expect(() => context.catalog.setView('v', view.entry, { replace: false })).toThrow('already exists')
})

test('CREATE TABLE AS puts partition columns last', async () => {
  const command = await analyzed(
    'CREATE TABLE n USING PARQUET PARTITIONED BY (A) CLUSTERED BY (b) INTO 4 BUCKETS AS SELECT * FROM t',
  )
  expect(command).toMatchObject({
    kind: 'createTable',
    source: 'parquet',
    partitionColumns: ['a'],
    bucketing: { columns: ['b'], bucketCount: 4 },
  })
  if (command.kind !== 'createTable' || command.plan === null) throw new Error(command.kind)
  expect(outputOf(command.plan).map(({ name }) => name)).toEqual(['b', 's', 'a'])
})

test('INSERT gives every column of the table, fixed partitions included', async () => {
  const context = testContext()
  const parted = { ...table('p', fields('x:l day:D')), partitionColumns: ['day'] }
  await context.catalog.store.save(['default', 'p'], { kind: 'table', table: parted, location: '/p' })
  const command = await analyzed("INSERT OVERWRITE p PARTITION (day = '2020-01-02') SELECT a FROM t", context)
  if (command.kind !== 'insert') throw new Error(command.kind)
  expect(schemaText(schemaOf(command.plan))).toBe('x bigint NOT NULL, day date NOT NULL')
  expect(command).toMatchObject({ overwrite: true, staticPartition: { day: 18263 } })
})

test('INSERT BY NAME matches by name', async () => {
  const command = await analyzed("INSERT INTO t BY NAME SELECT 'x' AS s, 1 AS a")
  if (command.kind !== 'insert') throw new Error(command.kind)
  expect(outputOf(command.plan).map(({ name }) => name)).toEqual(['a', 'b', 's'])
})

test.each([
  [
    'DESCRIBE t',
    { kind: 'describeTable', schema: { fields: [{ name: 'a' }, { name: 'b' }, { name: 's' }] } },
  ],
  ['DESCRIBE QUERY SELECT 1 AS x', { kind: 'describeQuery', schema: { fields: [{ name: 'x' }] } }],
  ['DESCRIBE FUNCTION SUM', { kind: 'describeFunction', name: 'sum' }],
  ['EXPLAIN EXTENDED SELECT 1', { kind: 'explain', mode: 'extended', statement: { kind: 'query' } }],
  ['SHOW TABLES', { kind: 'show', object: 'tables' }],
  ['SET a.b = 1', { kind: 'set', key: 'a.b', value: '1' }],
  ['DROP TABLE IF EXISTS t', { kind: 'drop', object: 'table', ifExists: true }],
  ['CACHE TABLE t', { kind: 'cacheTable', isNew: false, plan: { kind: 'Scan' } }],
  ['USE other', { kind: 'use' }],
])('%s', async (sql, expected) => {
  expect(await analyzed(sql)).toMatchObject(expected)
})

test('a temporary view with parameters keeps the values it was made with', async () => {
  const context = { ...testContext(), parameters: { named: { low: { value: 3, type: types.int32 } } } }
  const view = await analyzed('CREATE TEMP VIEW v AS SELECT a FROM t WHERE a > :low', context)
  if (view.kind !== 'createView') throw new Error(view.kind)
  context.catalog.setView('v', view.entry)
  const plan = await analyzeQuery(parseQuery('SELECT * FROM v'), { ...context, parameters: undefined })
  expect(plan).toMatchObject({ kind: 'Project', input: { kind: 'Filter' } })
})

test('an error within a view names the view and the place of its use', async () => {
  const context = testContext()
  context.catalog.setView('v', { kind: 'view', query: parseQuery('SELECT zz FROM t'), columns: [] })
  await expect(analyzeQuery(parseQuery('SELECT *\nFROM v'), context)).rejects.toMatchObject({
    code: 'UNRESOLVED_COLUMN',
    message: 'in view "v": column "zz" does not exist in table "t"',
    position: { line: 2, column: 6 },
  })
})

test('a chain of operators that is too long is an error of the user', async () => {
  const sum = Array.from({ length: 20_000 }, () => 'a').join(' + ')
  await expect(analyzeQuery(parseQuery(`SELECT ${sum} AS x FROM t`), testContext())).rejects.toMatchObject({
    code: 'PARSE_SYNTAX_ERROR',
  })
})
