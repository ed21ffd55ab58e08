import { describe, expect, test } from 'vitest'
import { parseStatement, parseStatements } from '../../../sql/parser/index.ts'
import { plain } from './plain.ts'

const cases: [text: string, node: object][] = [
  ['SELECT 1;', { kind: 'queryStatement', query: { kind: 'query' } }],
  ['(SELECT 1) UNION SELECT 2', { kind: 'queryStatement' }],
  [
    'CREATE VIEW v AS SELECT  1 ;',
    { kind: 'createView', scope: 'permanent', text: 'SELECT  1', parts: ['v'] },
  ],
  [
    "CREATE OR REPLACE TEMP VIEW db.v (a, b COMMENT 'x') COMMENT 'y' AS SELECT 1, 2",
    {
      kind: 'createView',
      scope: 'temporary',
      orReplace: true,
      ifNotExists: false,
      parts: ['db', 'v'],
      columns: [{ name: 'a' }, { name: 'b', comment: 'x' }],
      comment: 'y',
    },
  ],
  [
    'CREATE GLOBAL TEMPORARY VIEW IF NOT EXISTS v AS SELECT 1',
    { scope: 'globalTemporary', ifNotExists: true },
  ],
  [
    "CREATE TEMP VIEW v USING csv OPTIONS (path 'a', header true)",
    {
      kind: 'createTempViewUsing',
      format: 'csv',
      columns: [],
      options: [
        { key: 'path', value: 'a' },
        { key: 'header', value: 'true' },
      ],
    },
  ],
  [
    'CREATE TEMP VIEW v (a int, b string) USING json',
    { kind: 'createTempViewUsing', columns: [{ name: 'a' }, {}] },
  ],
  [
    `CREATE TABLE IF NOT EXISTS db.t (a int NOT NULL COMMENT 'x', b decimal(10, 2) DEFAULT 1)
     USING parquet OPTIONS ('k'='v', a.b -3) PARTITIONED BY (a) CLUSTERED BY (b) SORTED BY (b DESC)
     INTO 4 BUCKETS
     LOCATION '/x' COMMENT 'c' TBLPROPERTIES (p = 'q')`,
    {
      kind: 'createTable',
      parts: ['db', 't'],
      ifNotExists: true,
      orReplace: false,
      format: 'parquet',
      columns: [
        { name: 'a', nullable: false, comment: 'x', type: { name: 'int' } },
        { name: 'b', nullable: true, type: { args: [10, 2] }, default: { value: 1 } },
      ],
      options: [
        { key: 'k', value: 'v' },
        { key: 'a.b', value: '-3' },
      ],
      partitionedBy: ['a'],
      bucketing: { columns: ['b'], sort: [{ column: 'b', descending: true }], count: 4 },
      location: '/x',
      comment: 'c',
      properties: [{ key: 'p', value: 'q' }],
    },
  ],
  [
    'CREATE OR REPLACE TABLE t USING csv AS SELECT 1',
    { orReplace: true, columns: [], query: { kind: 'query' } },
  ],
  ['CREATE TABLE t PARTITIONED BY (p int) AS SELECT 1', { partitionedBy: ['p'], columns: [{ name: 'p' }] }],
  ['CREATE TABLE t (SELECT 1)', { kind: 'createTable', columns: [], query: { kind: 'query' } }],
  [
    'INSERT INTO t VALUES (1, 2)',
    { kind: 'insert', parts: ['t'], overwrite: false, columns: [], byName: false },
  ],
  ['INSERT INTO TABLE t (a, b) SELECT 1, 2', { columns: ['a', 'b'] }],
  ['INSERT INTO t (SELECT 1)', { columns: [], query: { body: { kind: 'select' } } }],
  ['INSERT INTO t BY NAME SELECT 1 AS a', { byName: true }],
  [
    'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x',
    { kind: 'insert', query: { with: [{ name: 'x' }], body: { kind: 'select' } }, parts: ['t'] },
  ],
  ['WITH x AS (SELECT 1) TABLE x', { kind: 'queryStatement', query: { with: [{ name: 'x' }] } }],
  [
    'INSERT OVERWRITE t PARTITION (a = 1, b) SELECT 1',
    { overwrite: true, partition: [{ column: 'a', value: { value: 1 } }, { column: 'b' }] },
  ],
  ['DROP TABLE IF EXISTS a.b', { kind: 'drop', object: 'table', parts: ['a', 'b'], ifExists: true }],
  ['DROP VIEW v', { kind: 'drop', object: 'view', ifExists: false }],
  ['DESC t', { kind: 'describeTable', parts: ['t'], extended: false }],
  ['DESCRIBE TABLE EXTENDED t', { kind: 'describeTable', parts: ['t'], extended: true }],
  ['DESCRIBE t a', { kind: 'describeTable', parts: ['t'], column: ['a'] }],
  ['DESCRIBE extended', { kind: 'describeTable', parts: ['extended'], extended: false }],
  ['DESCRIBE QUERY SELECT 1', { kind: 'describeQuery' }],
  ['DESCRIBE SELECT 1', { kind: 'describeQuery' }],
  ['DESCRIBE FUNCTION EXTENDED abs', { kind: 'describeFunction', name: 'abs', extended: true }],
  ["SHOW TABLES IN db LIKE 'a*'", { kind: 'show', object: 'tables', inSchema: ['db'], pattern: 'a*' }],
  ['SHOW VIEWS', { kind: 'show', object: 'views' }],
  ['SHOW SYSTEM FUNCTIONS', { kind: 'show', object: 'functions' }],
  ['SHOW DATABASES', { kind: 'show', object: 'schemas' }],
  ['SHOW COLUMNS IN t FROM db', { kind: 'showOf', object: 'columns', parts: ['db', 't'] }],
  ['SHOW CREATE TABLE t', { kind: 'showOf', object: 'createTable', parts: ['t'] }],
  ['SHOW PARTITIONS t PARTITION (a = 1)', { kind: 'showPartitions', partition: [{ column: 'a' }] }],
  ['EXPLAIN SELECT 1', { kind: 'explain', mode: 'simple', statement: { kind: 'queryStatement' } }],
  ['EXPLAIN FORMATTED INSERT INTO t SELECT 1', { mode: 'formatted', statement: { kind: 'insert' } }],
  ['EXPLAIN ANALYZE SELECT 1', { mode: 'analyze' }],
  ['EXPLAIN ANALYZE TABLE t COMPUTE STATISTICS', { mode: 'simple', statement: { kind: 'analyzeTable' } }],
  ['SET', { kind: 'set' }],
  ['SET a.b-c', { kind: 'set', key: 'a.b-c' }],
  ['SET a.b = x y/z ;', { kind: 'set', key: 'a.b', value: 'x y/z' }],
  ["SET `a b`='x y'", { kind: 'set', key: 'a b', value: 'x y' }],
  ['SET a=', { kind: 'set', key: 'a', value: '' }],
  ["SET TIME ZONE 'Europe/Paris'", { kind: 'setTimeZone', zone: 'Europe/Paris' }],
  ['SET TIME ZONE INTERVAL 3 HOURS', { kind: 'setTimeZone', offsetMicros: 10_800_000_000n }],
  ['RESET a.b', { kind: 'reset', key: 'a.b' }],
  ['TRUNCATE TABLE t', { kind: 'truncateTable', parts: ['t'] }],
  ['REFRESH TABLE t', { kind: 'refreshTable', parts: ['t'] }],
  ['CACHE LAZY TABLE t AS SELECT 1', { kind: 'cacheTable', lazy: true, query: { kind: 'query' } }],
  ['UNCACHE TABLE IF EXISTS t', { kind: 'uncacheTable', ifExists: true }],
  ['CLEAR CACHE', { kind: 'clearCache' }],
  ['ANALYZE TABLE t COMPUTE STATISTICS NOSCAN', { kind: 'analyzeTable', scan: false, columns: 'none' }],
  ['ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS', { columns: 'all', scan: true }],
  ['ANALYZE TABLE t COMPUTE STATISTICS FOR COLUMNS a, b', { columns: ['a', 'b'] }],
  ['USE SCHEMA db', { kind: 'use', parts: ['db'] }],
]

describe('statements', () => {
  test.each(cases)('%s', (text, node) => {
    expect(plain(parseStatement(text))).toMatchObject(node)
  })

  test('several statements keep their places', () => {
    const statements = parseStatements('SELECT ?;\n\n-- note\n SHOW TABLES;; SELECT ?')
    expect(statements.map(({ kind, position }) => [kind, position?.line, position?.column])).toEqual([
      ['queryStatement', 1, 1],
      ['show', 4, 2],
      ['queryStatement', 4, 16],
    ])
    expect(parseStatements(' ; -- nothing')).toEqual([])
  })

  test.each([
    ['DELETE FROM t', 'DELETE is not supported'],
    ['UPDATE t SET a = 1', 'UPDATE is not supported'],
    ['MERGE INTO t USING u ON a = b', 'MERGE is not supported'],
    ['ALTER TABLE t ADD COLUMN a int', 'ALTER is not supported'],
    ['CREATE FUNCTION f AS 1', 'CREATE FUNCTION is not supported'],
    ['DROP DATABASE d', 'DROP DATABASE is not supported'],
    ['DESCRIBE DATABASE d', 'DESCRIBE DATABASE is not supported'],
    ['CREATE TABLE t LIKE u', 'CREATE TABLE … LIKE is not supported'],
    ['CREATE TABLE t (a int, PRIMARY KEY (a))', 'constraint PRIMARY is not supported'],
    ['CREATE TABLE t (a int) PARTITIONED BY (years(a))', 'partition transform years is not supported'],
    ["INSERT OVERWRITE DIRECTORY '/a' SELECT 1", 'INSERT OVERWRITE DIRECTORY is not supported'],
    ['WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t', 'WITH RECURSIVE is not supported'],
    ['SELECT * FROM t PIVOT (sum(a) FOR b IN (1))', 'PIVOT is not supported'],
    ['SELECT * FROM t UNPIVOT (a FOR b IN (c))', 'UNPIVOT is not supported'],
    ['FROM t SELECT a', 'a query that starts with FROM is not supported'],
    ['SELECT * FROM t VERSION AS OF 3', 'time travel (VERSION AS OF, TIMESTAMP AS OF) is not supported'],
  ])('%s is named as unsupported', (text, message) => {
    expect(() => parseStatement(text)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_FEATURE', message }),
    )
  })
})
