import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../../sql/parser/index.ts'
import { plain } from './plain.ts'

const literals: [text: string, type: string, value: unknown, args?: number[]][] = [
  ['NULL', 'void', null],
  ['true', 'boolean', true],
  ['False', 'boolean', false],
  ['1', 'int', 1],
  ['-1', 'int', -1],
  ['- 1', 'int', -1],
  ['2147483647', 'int', 2147483647],
  ['-2147483648', 'int', -2147483648],
  ['2147483648', 'bigint', 2147483648n],
  ['-9223372036854775808', 'bigint', -9223372036854775808n],
  ['9223372036854775808', 'decimal', 9223372036854775808n, [19, 0]],
  ['1L', 'bigint', 1n],
  ['2s', 'smallint', 2],
  ['-128Y', 'tinyint', -128],
  ['1.5', 'decimal', 15n, [2, 1]],
  ['1.50', 'decimal', 150n, [3, 2]],
  ['.05', 'decimal', 5n, [2, 2]],
  ['-0.5', 'decimal', -5n, [1, 1]],
  ['1.', 'decimal', 1n, [1, 0]],
  ['1e2', 'double', 100],
  ['1.5E-3', 'double', 0.0015],
  ['1D', 'double', 1],
  ['1.1F', 'float', Math.fround(1.1)],
  ['12.3BD', 'decimal', 123n, [3, 1]],
  ['1e2BD', 'decimal', 100n, [3, 0]],
  ["'abc'", 'string', 'abc'],
  ['"abc"', 'string', 'abc'],
  ["''", 'string', ''],
  ["'it''s'", 'string', "it's"],
  ["'it\\'s'", 'string', "it's"],
  ["'\\''''", 'string', "''"],
  ["'a\\n\\t\\\\\\0\\r\\b\\Zz'", 'string', 'a\n\t\\\0\r\b\x1az'],
  ["'\\u0041\\U0001F600\\101\\x'", 'string', 'A\u{1F600}Ax'],
  ["'100\\%\\_'", 'string', '100\\%\\_'],
  ["'a' 'b' \"c\"", 'string', 'abc'],
  ["r'a\\n'", 'string', 'a\\n'],
  ['R"\\d+"', 'string', '\\d+'],
  ["X'1Fa0'", 'binary', new Uint8Array([0x1f, 0xa0])],
  ["x'123'", 'binary', new Uint8Array([1, 0x23])],
  ["DATE '2020-01-31'", 'date', '2020-01-31'],
  ["timestamp '2020-01-31 10:00:00'", 'timestamp', '2020-01-31 10:00:00'],
  ["TIMESTAMP_LTZ '2020-01-31'", 'timestamp', '2020-01-31'],
  ["TIMESTAMP_NTZ '2020-01-31'", 'timestamp_ntz', '2020-01-31'],
]

const DAY = 86_400_000_000n
const HOUR = 3_600_000_000n
const intervals: [text: string, type: string, value: bigint][] = [
  ["INTERVAL '3' MONTH", 'interval month', 3n],
  ['INTERVAL 3 MONTHS', 'interval month', 3n],
  ["interval '1' year", 'interval year', 12n],
  ["interval '90' day", 'interval day', 90n * DAY],
  ['INTERVAL 2 WEEKS', 'interval day', 14n * DAY],
  ['INTERVAL 1.5 SECONDS', 'interval second', 1_500_000n],
  ['INTERVAL 20 MILLISECONDS', 'interval second', 20_000n],
  ['INTERVAL -3 DAYS', 'interval day', -3n * DAY],
  ["INTERVAL -'3' DAY", 'interval day', -3n * DAY],
  ["INTERVAL '-3' DAY", 'interval day', -3n * DAY],
  ['INTERVAL 1 DAY 2 HOURS', 'interval day to hour', DAY + 2n * HOUR],
  ['INTERVAL 1 YEAR 2 MONTHS', 'interval year to month', 14n],
  ["INTERVAL '1-2' YEAR TO MONTH", 'interval year to month', 14n],
  ["INTERVAL '-1-2' YEAR TO MONTH", 'interval year to month', -14n],
  ["INTERVAL '1 02:03:04' DAY TO SECOND", 'interval day to second', DAY + 2n * HOUR + 184_000_000n],
  ["INTERVAL '1 02:03:04.5' DAY TO SECOND", 'interval day to second', DAY + 2n * HOUR + 184_500_000n],
  ["INTERVAL '1 02' DAY TO HOUR", 'interval day to hour', DAY + 2n * HOUR],
  ["INTERVAL '02:03' HOUR TO MINUTE", 'interval hour to minute', 2n * HOUR + 180_000_000n],
  ["INTERVAL '1 day 2 hours'", 'interval day to hour', DAY + 2n * HOUR],
]

describe('literals', () => {
  test.each(literals)('%s is a %s', (text, type, value, args = []) => {
    expect(plain(parseExpression(text))).toEqual({
      kind: 'literal',
      type: { kind: 'type', name: type, args },
      value,
    })
  })

  test.each(intervals)('%s is an %s', (text, name, value) => {
    expect(plain(parseExpression(text))).toEqual({
      kind: 'literal',
      type: { kind: 'type', name, args: [] },
      value,
    })
  })

  test.each([
    ['300Y', 'INVALID_NUMERIC_LITERAL_RANGE', 'number 300 does not fit tinyint'],
    ['1e400', 'INVALID_NUMERIC_LITERAL_RANGE', 'number 1E400 does not fit double'],
    [
      '9'.repeat(39),
      'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION',
      `number ${'9'.repeat(39)} does not fit decimal`,
    ],
    ['1e999999999BD', 'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION', 'number 1E999999999 does not fit decimal'],
    ['1.5x', 'PARSE_SYNTAX_ERROR', 'syntax error at or near "1.5x"'],
    ["X'1G'", 'INVALID_TYPED_LITERAL', '"1G" is not hexadecimal'],
    ['INTERVAL 1 MONTH 2 DAYS', 'PARSE_SYNTAX_ERROR', 'an interval cannot mix months with days'],
    ["INTERVAL '1-13' YEAR TO MONTH", 'PARSE_SYNTAX_ERROR', '"1-13" is not an interval of this form'],
    ["INTERVAL 'x' DAY", 'PARSE_SYNTAX_ERROR', '"x" is not an interval of this form'],
    ["INTERVAL '1.5' DAY", 'PARSE_SYNTAX_ERROR', '"1.5" is not an interval of this form'],
    ["INTERVAL '1' DAY TO YEAR", 'PARSE_SYNTAX_ERROR', 'syntax error at or near "YEAR"'],
    ["INTERVAL '999999999999' YEAR", 'DATETIME_OVERFLOW', 'interval is out of range'],
  ])('%s fails with %s', (text, code, message) => {
    expect(() => parseExpression(text)).toThrow(expect.objectContaining({ code, message }))
  })

  test('the words of literals are names elsewhere', () => {
    expect(plain(parseExpression('interval + date + timestamp + x'))).toMatchObject({ kind: 'binary' })
    expect(plain(parseExpression('date(a)'))).toMatchObject({ kind: 'call', name: 'date' })
  })
})
