import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import {
  formatExpression,
  parseExpression,
  parseStatement,
  parseStatements,
} from '../../../sql/parser/index.ts'

/** The error that the text gives; anything but an EngineError fails the test. */
function failure(text: string): EngineError {
  try {
    parseStatement(text)
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error(`no error from ${text}`)
}

test.each<[text: string, message: string, at: string, hint?: string]>([
  ['SELECT a FORM t', 'syntax error at or near "FORM"', '1:10', 'Did you mean FROM?'],
  ['SELCT 1', 'syntax error at or near "SELCT"', '1:1', 'Did you mean SELECT?'],
  ['SELECT a\nFROM t\nWHER a = 1', 'syntax error at or near "WHER"', '3:1', 'Did you mean WHERE?'],
  ['SELECT a FROM t GRUOP BY a', 'syntax error at or near "GRUOP"', '1:17', 'Did you mean GROUP?'],
  ['SHOW TBLES', 'syntax error at or near "TBLES"', '1:6', 'Did you mean TABLES?'],
  ['CREATE TABEL t (a int)', 'syntax error at or near "TABEL"', '1:8', 'Did you mean TABLE?'],
  ['SELECT a b c FROM t', 'syntax error at or near "c"', '1:12'],
  ['SELECT (a + 1', 'syntax error at end of input', '1:14', 'The parenthesis opened at 1:8 is not closed.'],
  [
    'SELECT * FROM (SELECT 1;',
    'syntax error at or near ";"',
    '1:24',
    'The parenthesis opened at 1:15 is not closed.',
  ],
  ["SELECT\n  'abc", 'unclosed string that starts at 2:3', '2:3', 'Close it with the quote that opened it.'],
  ['SELECT `a', 'unclosed identifier that starts at 1:8', '1:8', 'Close it with a backquote.'],
  ['SELECT /* a', 'unclosed comment that starts at 1:8', '1:8', 'Close it with */.'],
  ['SELECT a, FROM t', 'syntax error at or near "FROM"', '1:11', 'Expected an expression here.'],
  ['SELECT FROM t', 'syntax error at or near "FROM"', '1:8', 'Expected an expression here.'],
  ['SELECT a FROM', 'syntax error at end of input', '1:14', 'Expected a name here.'],
  ['SELECT a IN ()', 'syntax error at or near ")"', '1:14', 'Expected an expression here.'],
  ['SELECT 2 * * 3', 'syntax error at or near "*"', '1:12', 'Expected an expression here.'],
  [
    'SELECT a # b',
    'syntax error at or near "#"',
    '1:10',
    'This character has no meaning in SQL outside quotes.',
  ],
  [
    "SELECT * FROM 'a.csv'",
    'syntax error at or near "\'a.csv\'"',
    '1:15',
    'A file is read as parquet.`/path`, with the path in backquotes.',
  ],
  [
    'SELECT a AS "b c"',
    'syntax error at or near ""b c""',
    '1:13',
    'Names are quoted with backquotes: `a name`. Quotes make a string.',
  ],
  ['SELECT a = SELECT 1', 'syntax error at or near "SELECT"', '1:12', 'A subquery stands in parentheses.'],
  ['SELECT CASE WHEN a THEN b', 'syntax error at end of input', '1:26', 'Expected END here.'],
  ['SELECT 1 SELECT 2', 'syntax error at or near "SELECT"', '1:10'],
  ['SELECT a FROM t NATURAL JOIN u ON a', 'a natural join has no ON or USING', '1:36'],
  ["CREATE TABLE t (a int) COMMENT 'a' COMMENT 'b'", 'clause COMMENT is given twice', '1:36'],
  [
    '',
    'syntax error at end of input',
    '1:1',
    'Expected a statement here, such as SELECT, CREATE, INSERT or SHOW.',
  ],
])('%s', (text, message, at, hint) => {
  const error = failure(text)
  expect(error.code).toBe('PARSE_SYNTAX_ERROR')
  expect(error.message).toBe(message)
  expect(`${error.position?.line}:${error.position?.column}`).toBe(at)
  expect(error.hint).toBe(hint)
})

describe('depth', () => {
  test('ten thousand parentheses are an error, not a crash', () => {
    const error = failure(`SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`)
    expect(error.message).toBe('nesting is deeper than 500 levels')
    expect(error.position?.column).toBe(507)
  })

  test.each([
    ['parentheses', '(', '1', ')'],
    ['calls', 'f(', '1', ')'],
    ['trim', 'trim(', '1', ')'],
    ['CASE', 'CASE WHEN a THEN ', '1', ' END'],
    ['brackets', 'a[', '1', ']'],
  ])('480 levels of %s are read', (_name, open, core, close) => {
    const expression = parseExpression(open.repeat(480) + core + close.repeat(480))
    expect(formatExpression(expression).length).toBeGreaterThan(0)
  })

  test.each(['- ', 'NOT ', '~', 'CAST(', 'a[', '(SELECT ', 'x -> ', 'array(', 'EXISTS (SELECT '])(
    '%s without end is a syntax error',
    (prefix) => {
      expect(() => parseExpression(prefix.repeat(5000))).toThrow(EngineError)
    },
  )

  test.each([' + 1', ' AND 1', ' OR 1', ' || 1', ' * 1 - 1'])(
    'a chain of 5000 times "%s" is read',
    (link) => {
      const expression = parseExpression(`1${link.repeat(5000)}`)
      expect(formatExpression(expression).length).toBeGreaterThan(5000)
    },
  )

  test('operators count as levels too', () => {
    const text = (levels: number) => '1|1^1&1<<1+1*('.repeat(levels) + 1 + ')'.repeat(levels)
    expect(formatExpression(parseExpression(text(70)))).toContain('(1 * (1 | (1 ^')
    expect(() => parseExpression(text(480))).toThrow('nesting is deeper than 500 levels')
  })

  test('many accesses in a row are an error', () => {
    expect(() => parseExpression(`a${'[1]'.repeat(5000)}`)).toThrow('more than 500 accesses in a row')
  })

  test('long statements take time in proportion', () => {
    const items = Array.from({ length: 20_000 }, (_, index) => `a${index} + 1 AS b${index}`)
    const start = performance.now()
    parseStatements(`SELECT ${items.join(', ')} FROM t`)
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
