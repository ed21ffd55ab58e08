import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { analyzeStatement } from '../../../sql/analyzer/index.ts'
import { parseStatement } from '../../../sql/parser/index.ts'
import { testContext } from './fake-catalog.ts'

/** Statement, code, part of the message, column of the position, part of the hint. */
type Case = readonly [sql: string, code: string, message: string, column?: number | undefined, hint?: string]

const names: readonly Case[] = [
  ['SELECT o_pric FROM orders', 'UNRESOLVED_COLUMN', 'column "o_pric" does not exist in table "orders"', 8],
  [
    'SELECT o_totalpric FROM orders',
    'UNRESOLVED_COLUMN',
    'in table "orders"',
    8,
    'Did you mean "o_totalprice"?',
  ],
  ['SELECT zz FROM t', 'UNRESOLVED_COLUMN', 'in table "t"', 8, '"a"'],
  [
    'SELECT o.o_pric FROM orders o, t',
    'UNRESOLVED_COLUMN',
    'column "o.o_pric" does not exist in table "o"',
    8,
  ],
  [
    'SELECT totalprice FROM orders o, t',
    'UNRESOLVED_COLUMN',
    '"totalprice" does not exist',
    8,
    '"o.o_totalprice"',
  ],
  ['SELECT tt.b FROM t', 'UNRESOLVED_COLUMN', 'column "tt.b" does not exist', 8, '"t.b"'],
  ['SELECT x', 'UNRESOLVED_COLUMN', 'column "x" does not exist', 8, 'no FROM'],
  ['SELECT a FROM t JOIN u ON t.a = u.a', 'AMBIGUOUS_REFERENCE', 'it could be "t.a", "u.a"', 8],
  ['SELECT a x, b x FROM t ORDER BY x', 'AMBIGUOUS_REFERENCE', '"x" is ambiguous', 33],
  [
    'SELECT * FROM t JOIN u USING (b)',
    'UNRESOLVED_USING_COLUMN_FOR_JOIN',
    'USING column "b" does not exist on the right side',
    15,
  ],
  ['SELECT * FROM ordrs', 'TABLE_OR_VIEW_NOT_FOUND', 'table or view "ordrs" does not exist', 15, '"orders"'],
  ['SELECT * FROM parquet.`missing`', 'FILE_NOT_FOUND', 'no such file', 15],
  ['SELECT summ(a) FROM t', 'UNRESOLVED_ROUTINE', 'function "summ" does not exist', 8, '"sum"'],
  ['SELECT * FROM rang(3)', 'UNRESOLVABLE_TABLE_VALUED_FUNCTION', 'table function "rang"', 15, '"range"'],
  ['SELECT p.zz FROM nested', 'FIELD_NOT_FOUND', 'no field "zz" in "struct<x:int,y:string>"', 8],
  [
    'SELECT a.b FROM t',
    'INVALID_EXTRACT_BASE_FIELD_TYPE',
    'cannot take field "b" of a value of type "int"',
    8,
  ],
  ['SELECT *', 'INVALID_USAGE_OF_STAR_OR_REGEX', '"*" needs a FROM', 8],
  ['SELECT x.* FROM t', 'CANNOT_RESOLVE_STAR_EXPAND', '"x" is no table', 8],
  ['SELECT * EXCEPT (z) FROM t', 'UNRESOLVED_COLUMN', 'column "z" of EXCEPT', 8],
  ['SELECT :x', 'UNBOUND_SQL_PARAMETER', 'parameter ":x" has no value', 8],
  ['SELECT 1, ?', 'UNBOUND_SQL_PARAMETER', 'parameter number 1', 11],
]

const groups: readonly Case[] = [
  [
    'SELECT a + b, sum(b) FROM t GROUP BY a',
    'MISSING_AGGREGATION',
    'expression "b" is based on columns',
    12,
    '"any_value(b)"',
  ],
  ['SELECT a, sum(b) FROM t', 'MISSING_GROUP_BY', 'the column "a" but no GROUP BY', 8],
  ['SELECT a FROM t HAVING a > 1', 'MISSING_GROUP_BY', 'the column "a"', 24],
  ['SELECT sum(b) FROM t GROUP BY a ORDER BY s', 'MISSING_AGGREGATION', '"s"', 42],
  ['SELECT s, (SELECT b) FROM t GROUP BY s', 'MISSING_AGGREGATION', '"b"', 19],
  ['SELECT sum(sum(a)) FROM t', 'NESTED_AGGREGATE_FUNCTION', 'argument of another aggregate', 12],
  [
    'SELECT a FROM t WHERE sum(a) > 1',
    'INVALID_WHERE_CONDITION',
    'aggregate "sum" may not stand in WHERE',
    23,
    'HAVING',
  ],
  ['SELECT max(a) FROM t GROUP BY max(a)', 'GROUP_BY_AGGREGATE', 'in GROUP BY', 31],
  ['SELECT sum(a) FROM t GROUP BY 1', 'GROUP_BY_POS_AGGREGATE', 'refers to an aggregate', 31],
  ['SELECT a FROM t GROUP BY 3', 'GROUP_BY_POS_OUT_OF_RANGE', 'position 3 is not between 1 and 1', 26],
  ['SELECT a FROM t ORDER BY 0', 'ORDER_BY_POS_OUT_OF_RANGE', 'position 0', 26],
  ['SELECT grouping(a) FROM t GROUP BY a', 'UNSUPPORTED_GROUPING_EXPRESSION', 'needs GROUPING SETS', 8],
  ['SELECT DISTINCT a FROM t ORDER BY b', 'UNRESOLVED_COLUMN', 'not in the SELECT list', 35],
  ['SELECT row_number() FROM t', 'WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE', 'needs an OVER clause', 8],
  ['SELECT rank() OVER () FROM t', 'WINDOW_FUNCTION_FRAME_NOT_ORDERED', 'needs an ORDER BY', 8],
  ['SELECT sum(a) OVER w FROM t', 'MISSING_WINDOW_SPECIFICATION', 'window "w" is not defined', 20],
  [
    'SELECT a FROM t WHERE row_number() OVER (ORDER BY a) = 1',
    'WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE',
    'WHERE',
    23,
    'QUALIFY',
  ],
  ['SELECT sum(sum(a) OVER ()) FROM t', 'UNSUPPORTED_FEATURE', 'window function "sum"', 12],
]

const typed: readonly Case[] = [
  ['SELECT a FROM t WHERE a', 'DATATYPE_MISMATCH', 'condition has type "int", not "boolean"', 23],
  ['SELECT a = tags FROM t, nested', 'DATATYPE_MISMATCH', '"int"', 8],
  ["SELECT 1 + date'2020-01-01' * 2", 'DATATYPE_MISMATCH', '"date"', 12],
  [
    'SELECT CASE WHEN a > 1 THEN tags ELSE 1 END FROM t, nested',
    'DATATYPE_MISMATCH',
    'the results of CASE',
    8,
  ],
  ['SELECT CAST(tags AS int) FROM nested', 'DATATYPE_MISMATCH', 'cannot cast "array<string>" to "int"', 8],
  ["SELECT tags['x'][0] FROM nested", 'INVALID_EXTRACT_BASE_FIELD_TYPE', 'cannot take an item', 8],
  ['SELECT substring(s) FROM t', 'WRONG_NUM_ARGS', '"substring" takes 2 to 3 arguments', 8],
  ["SELECT date'2020-13-01'", 'INVALID_TYPED_LITERAL', '"2020-13-01" is not a date', 8],
  ['SELECT a FROM t UNION SELECT a, b FROM t', 'NUM_COLUMNS_MISMATCH', 'the first has 1 and input 2 has 2'],
  ['SELECT a FROM t UNION SELECT tags FROM nested', 'INCOMPATIBLE_COLUMN_TYPE', 'number 1 of UNION'],
  ['VALUES (1, 2), (3)', 'INVALID_INLINE_TABLE', 'a row of VALUES has 1 columns', 17],
  ['SELECT a FROM t LIMIT -1', 'INVALID_LIMIT_LIKE_EXPRESSION', 'at least 0', 23],
  ['SELECT a FROM t LIMIT a', 'INVALID_LIMIT_LIKE_EXPRESSION', 'constant integer', 23],
  ['SELECT a FROM t AS x(p, q)', 'ASSIGNMENT_ARITY_MISMATCH', '2 column names are given for 3 columns', 15],
  ['SELECT (SELECT a, b FROM t)', 'INVALID_SUBQUERY_EXPRESSION', 'must have one column, not 2', 8],
  ['SELECT a IN (SELECT a, b FROM t) FROM t', 'DATATYPE_MISMATCH', '2 columns where 1 are compared', 8],
  ['SELECT explode(tags) + 1 FROM nested', 'UNSUPPORTED_GENERATOR', 'makes rows', 8, 'LATERAL VIEW'],
  ['SELECT explode(tags), explode(tags) FROM nested', 'UNSUPPORTED_GENERATOR', 'only one generator', 23],
  ['SELECT explode(id) FROM nested', 'DATATYPE_MISMATCH', 'an array or a map, not "int"', 8],
  ['SELECT x -> x', 'INVALID_LAMBDA_FUNCTION_CALL', 'only be an argument', 8],
]

const statements: readonly Case[] = [
  [
    'INSERT INTO t VALUES (1, 2)',
    'INSERT_COLUMN_ARITY_MISMATCH',
    'gives 2 columns, but "t" takes 3: a, b, s',
    1,
  ],
  ['INSERT INTO t (a, zz) VALUES (1, 2)', 'UNRESOLVED_COLUMN', 'column "zz" does not exist in table "t"', 1],
  ['INSERT INTO t (a, A) VALUES (1, 2)', 'COLUMN_ALREADY_EXISTS', 'column "a" is given twice', 1],
  [
    "INSERT INTO t VALUES ('x', 1, 's')",
    'INCOMPATIBLE_DATA_FOR_TABLE',
    'cannot store "string" in column "a"',
    1,
  ],
  ['INSERT INTO t (b) VALUES (1)', 'NOT_NULL_CONSTRAINT_VIOLATION', 'column "a" of "t" must not be NULL', 1],
  ['INSERT INTO tt VALUES (1)', 'TABLE_OR_VIEW_NOT_FOUND', '"tt"', 1, '"t"'],
  ['CREATE VIEW v AS SELECT a, a FROM t', 'COLUMN_ALREADY_EXISTS', 'two columns "a"', 1],
  ['CREATE VIEW v (x) AS SELECT a, b FROM t', 'ASSIGNMENT_ARITY_MISMATCH', '1 column names', 1],
  ['CREATE OR REPLACE VIEW t AS SELECT a FROM t', 'RECURSIVE_VIEW', 'view "t" uses itself'],
  [
    'CREATE TABLE n (a int) PARTITIONED BY (b)',
    'COLUMN_NOT_DEFINED_IN_TABLE',
    'partition column "b" does not exist',
  ],
  ['CREATE TABLE n (a int, A int)', 'COLUMN_ALREADY_EXISTS', 'two columns "a"', 1],
  ['DESCRIBE tt', 'TABLE_OR_VIEW_NOT_FOUND', '"tt"', 1, '"t"'],
  ['DESCRIBE FUNCTION su', 'UNRESOLVED_ROUTINE', 'function "su" does not exist', 1, '"sum"'],
  [
    'WITH a AS (SELECT 1), a AS (SELECT 2) SELECT 1',
    'DUPLICATED_CTE_NAMES',
    'defines the name "a" twice',
    23,
  ],
]

describe.each([
  ['names', names],
  ['groups and windows', groups],
  ['types', typed],
  ['statements', statements],
])('analyzeStatement() rejects: %s', (_, cases) => {
  test.each(cases.map((entry) => [entry[0], entry] as const))('%s', async (sql, entry) => {
    const [, code, message, column, hint] = entry
    const failure = await analyzeStatement(parseStatement(sql), testContext()).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(EngineError)
    const error = failure as EngineError
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
    if (column !== undefined) expect(error.position).toMatchObject({ line: 1, column })
    if (hint !== undefined) expect(error.hint).toContain(hint)
  })
})
