import { describe, expect, it } from 'vitest'
import { type DataType, decimalType, typeName, types, type Value } from '../../../engine/types/index.ts'
import {
  call,
  cast,
  date,
  decimal,
  double,
  int,
  literal,
  long,
  run,
  show,
  text,
  ts,
  usePool,
} from './fixture.ts'

usePool()

type Arg = readonly [DataType, Value]
const ym = (months: number): Arg => [types.intervalYm, months]
const dt = (micros: bigint): Arg => [types.intervalDt, micros]
const ntz = (item: string): Arg => [types.timestampNtz, ts(item)[1]]
const moment = ts('2016-04-08T01:02:03.456')

/** What Spark 4 in ANSI mode answers, with the type and the value cast to string; an upper-case code is an error. */
const ANSWERS: readonly [string, readonly Arg[], string, string | null][] = [
  ['/', [int(1), decimal(2, 1, 20n)], 'decimal(8,6)', '0.500000'],
  ['div', [int(2), decimal(2, 1, 15n)], 'bigint', '1'],
  ['%', [decimal(3, 1, 75n), int(2)], 'decimal(2,1)', '1.5'],
  ['pmod', [decimal(2, 1, -75n), int(2)], 'decimal(2,1)', '0.5'],
  ['+', [[types.float32, 1], int(1)], 'double', '2.0'],
  ['+', [text('1'), text('2')], '', 'DATATYPE_MISMATCH'],
  ['+', [date('2024-01-31'), dt(3_600_000_000n)], 'timestamp', '2024-01-31 01:00:00'],
  [
    '-',
    [text('2024-01-31'), date('2024-01-01')],
    'interval day to second',
    "INTERVAL '30 00:00:00' DAY TO SECOND",
  ],
  ['*', [ym(5), decimal(2, 1, 15n)], 'interval year to month', "INTERVAL '0-8' YEAR TO MONTH"],
  ['/', [dt(10_000_000n), int(3)], 'interval day to second', "INTERVAL '0 00:00:03.333333' DAY TO SECOND"],
  ['div', [ym(14), ym(3)], 'bigint', '4'],
  ['try_divide', [dt(1n), int(0)], 'interval day to second', null],
  ['round', [decimal(2, 1, 25n)], 'decimal(2,0)', '3'],
  ['round', [decimal(2, 1, -25n)], 'decimal(2,0)', '-3'],
  ['round', [double(2.5)], 'double', '3.0'],
  ['round', [double(1.005), int(2)], 'double', '1.01'],
  ['bround', [decimal(2, 1, 25n)], 'decimal(2,0)', '2'],
  ['round', [decimal(6, 3, 123456n), int(-1)], 'decimal(4,0)', '120'],
  ['round', [int(125), int(-1)], 'int', '130'],
  ['round', [decimal(10, 4, 12345n), int(2)], 'decimal(9,2)', '1.23'],
  ['ceil', [decimal(2, 1, -15n)], 'decimal(2,0)', '-1'],
  ['ceil', [decimal(5, 4, 31411n), int(3)], 'decimal(5,3)', '3.142'],
  ['floor', [decimal(10, 2, -150n)], 'decimal(9,0)', '-2'],
  ['ceil', [int(5)], 'bigint', '5'],
  ['ceil', [double(1.5)], 'bigint', '2'],
  ['floor', [double(3.1411), int(2)], 'decimal(18,2)', '3.14'],
  ['floor', [decimal(5, 3, -12345n), int(-1)], 'decimal(3,0)', '-20'],
  ['sign', [decimal(2, 1, -15n)], 'double', '-1.0'],
  ['conv', [text('100'), int(2), int(10)], 'string', '4'],
  ['conv', [int(-10), int(16), int(-10)], 'string', '-16'],
  ['conv', [text('zz'), int(36), int(16)], 'string', '50F'],
  ['hex', [int(-1)], 'string', 'FFFFFFFFFFFFFFFF'],
  ['hex', [text('Spark')], 'string', '537061726B'],
  ['unhex', [text('537061726B53514C')], 'binary', 'SparkSQL'],
  ['bin', [int(-1)], 'string', '1'.repeat(64)],
  ['width_bucket', [double(5.3), double(0.2), double(10.6), int(5)], 'bigint', '3'],
  ['width_bucket', [double(-0.9), double(5.2), double(0.5), int(2)], 'bigint', '3'],
  ['log', [int(10), int(100)], 'double', '2.0'],
  ['log', [int(0)], 'double', null],
  ['log2', [int(8)], 'double', '3.0'],
  ['factorial', [int(5)], 'bigint', '120'],
  ['cot', [int(1)], 'double', '0.6420926159343306'],
  ['rint', [double(12.3456)], 'double', '12.0'],
  ['degrees', [double(Math.PI)], 'double', '180.0'],
  ['pow', [int(2), int(3)], 'double', '8.0'],
  ['months_between', [text('1997-02-28 10:30:00'), text('1996-10-30')], 'double', '3.94959677'],
  ['next_day', [text('2015-01-14'), text('TU')], 'date', '2015-01-20'],
  ['trunc', [text('2019-08-04'), text('week')], 'date', '2019-07-29'],
  ['trunc', [text('2019-02-12'), text('QUARTER')], 'date', '2019-01-01'],
  ['date_trunc', [text('HOUR'), ts('2015-03-05T09:32:05.359')], 'timestamp', '2015-03-05 09:00:00'],
  ['date_trunc', [text('WEEK'), ts('2015-03-05T09:32:05.359')], 'timestamp', '2015-03-02 00:00:00'],
  ['extract', [text('SECOND'), [types.timestamp, 1_569_888_001_000_001n]], 'decimal(8,6)', '1.000001'],
  ['extract', [text('YEAROFWEEK'), date('2021-01-01')], 'int', '2020'],
  ['extract', [text('DOW'), date('2021-01-03')], 'int', '1'],
  ['extract', [text('DAYOFWEEK_ISO'), date('2021-01-03')], 'int', '7'],
  ['date_part', [text('month'), ym(2021 * 12 + 11)], 'tinyint', '11'],
  ['date_part', [text('seconds'), dt(18_030_001_001n)], 'decimal(8,6)', '30.001001'],
  ['dayofweek', [date('2021-01-03')], 'int', '1'],
  ['weekday', [date('2021-01-03')], 'int', '6'],
  ['weekofyear', [date('2021-01-03')], 'int', '53'],
  ['year', [ts('2021-12-31T23:59:59')], 'int', '2021'],
  ['hour', [text('2009-07-30 12:58:59')], 'int', '12'],
  ['timestampadd', [text('MONTH'), int(1), ts('2024-01-31T10:00:00')], 'timestamp', '2024-02-29 10:00:00'],
  ['timestampdiff', [text('MONTH'), ts('2024-01-31T10:00:00'), ts('2024-02-29T10:00:00')], 'bigint', '0'],
  ['timestampdiff', [text('YEAR'), ts('2024-01-31T10:00:00'), ts('2020-02-29T10:00:00')], 'bigint', '-3'],
  ['datediff', [text('2009-07-31'), text('2009-07-30')], 'int', '1'],
  ['date_add', [text('2016-07-30'), int(1)], 'date', '2016-07-31'],
  ['add_months', [text('2016-08-31'), int(1)], 'date', '2016-09-30'],
  ['last_day', [text('2009-01-12')], 'date', '2009-01-31'],
  [
    'date_format',
    [moment, text('yyyy-MM-dd HH:mm:ss.SSS E EEEE MMM MMMM a D Q h k K')],
    'string',
    '2016-04-08 01:02:03.456 Fri Friday Apr April AM 99 2 1 1 1',
  ],
  [
    'date_format',
    [moment, text('yy M d q QQQ QQQQ XXX xx Z VV O z zzzz')],
    'string',
    '16 4 8 2 Q2 2nd quarter Z +0000 +0000 UTC GMT UTC Coordinated Universal Time',
  ],
  ['date_format', [moment, text('F G')], 'string', '1 AD'],
  ['date_format', [moment, text('u')], '', 'INVALID_ARGUMENT'],
  ['to_timestamp', [text('2016-12-31 23:59'), text('yyyy-MM-dd HH:mm')], 'timestamp', '2016-12-31 23:59:00'],
  ['to_timestamp', [text('1/2/2016 3:04 PM'), text('M/d/yyyy h:mm a')], 'timestamp', '2016-01-02 15:04:00'],
  [
    'to_timestamp',
    [text('2016-12-31 12:00:00'), text('yyyy-MM-dd HH:mm:ss[.SSS]')],
    'timestamp',
    '2016-12-31 12:00:00',
  ],
  [
    'to_timestamp',
    [text('2024-01-01T10:00:00Z'), text("yyyy-MM-dd'T'HH:mm:ssX")],
    'timestamp',
    '2024-01-01 10:00:00',
  ],
  ['to_timestamp_ntz', [text('2016-12-31 00:12:00')], 'timestamp_ntz', '2016-12-31 00:12:00'],
  ['to_date', [text('31/Dec/2016'), text('dd/MMM/yyyy')], 'date', '2016-12-31'],
  ['to_date', [text('20161231'), text('yyyyMMdd')], 'date', '2016-12-31'],
  ['to_date', [text('2024-13-01'), text('yyyy-MM-dd')], '', 'CANNOT_PARSE_TIMESTAMP'],
  ['to_date', [text('2024-1-1'), text('yyyy-MM-dd')], '', 'CANNOT_PARSE_TIMESTAMP'],
  ['try_to_date', [text('2024-1-1'), text('yyyy-MM-dd')], 'date', null],
  ['try_to_timestamp', [text('no')], 'timestamp', null],
  ['from_unixtime', [int(0), text('yyyy-MM-dd HH:mm:ss')], 'string', '1970-01-01 00:00:00'],
  ['unix_timestamp', [text('2016-04-08'), text('yyyy-MM-dd')], 'bigint', '1460073600'],
  ['make_date', [int(2013), int(7), int(15)], 'date', '2013-07-15'],
  ['make_date', [int(2013), int(2), int(30)], '', 'DATETIME_OVERFLOW'],
  [
    'make_timestamp',
    [int(2014), int(12), int(28), int(6), int(30), decimal(5, 3, 45_887n)],
    'timestamp',
    '2014-12-28 06:30:45.887',
  ],
  [
    'make_timestamp',
    [int(2014), int(12), int(28), int(6), int(30), int(60)],
    'timestamp',
    '2014-12-28 06:31:00',
  ],
  ['make_ym_interval', [int(1), int(2)], 'interval year to month', "INTERVAL '1-2' YEAR TO MONTH"],
  [
    'make_dt_interval',
    [int(1), int(12), int(30), decimal(7, 6, 1_001_001n)],
    'interval day to second',
    "INTERVAL '1 12:30:01.001001' DAY TO SECOND",
  ],
  ['from_utc_timestamp', [text('2016-08-31'), text('Asia/Seoul')], 'timestamp', '2016-08-31 09:00:00'],
  ['to_utc_timestamp', [text('2016-08-31'), text('Asia/Seoul')], 'timestamp', '2016-08-30 15:00:00'],
  [
    'convert_timezone',
    [text('Europe/Brussels'), text('America/Los_Angeles'), ntz('2021-12-06T00:00:00')],
    'timestamp_ntz',
    '2021-12-05 15:00:00',
  ],
  ['timestamp_seconds', [decimal(2, 1, 15n)], 'timestamp', '1970-01-01 00:00:01.5'],
  ['unix_date', [date('1970-01-02')], 'int', '1'],
  ['dayname', [date('2024-01-01')], 'string', 'Mon'],
  ['monthname', [date('2024-01-01')], 'string', 'Jan'],
  ['substring', [text('Spark SQL'), int(-3)], 'string', 'SQL'],
  ['substring', [text('abc'), int(-5), int(3)], 'string', 'a'],
  ['substring', [text('abc'), int(0), int(2)], 'string', 'ab'],
  ['substring', [text('abc'), int(2), int(-1)], 'string', ''],
  ['substring', [text('héllo'), int(2), int(2)], 'string', 'él'],
  ['trim', [text('xxaxx'), text('x')], 'string', 'a'],
  ['like', [text('a%b'), text('a\\%b')], 'boolean', 'true'],
  ['like', [text('abc'), text('a_c')], 'boolean', 'true'],
  ['like', [text('special\nrequests'), text('%special%requests%')], 'boolean', 'true'],
  ['like', [text('aXbXc'), text('a%b%d')], 'boolean', 'false'],
  ['like', [text('ab'), text('ab%b')], 'boolean', 'false'],
  ['like', [text('abc'), text('a\\bc')], '', 'INVALID_ARGUMENT'],
  ['like', [text('a_c'), text('a/_c'), text('/')], 'boolean', 'true'],
  ['ilike', [text('ABC'), text('a%')], 'boolean', 'true'],
  ['concat', [text('a'), int(1), [types.boolean, true]], 'string', 'a1true'],
  ['length', [text('né')], 'int', '2'],
  ['upper', [text('straße')], 'string', 'STRASSE'],
  ['startswith', [text('Spark'), text('Sp')], 'boolean', 'true'],
  ['endswith', [text('Spark'), text('rk')], 'boolean', 'true'],
  ['contains', [text('Spark'), text('ar')], 'boolean', 'true'],
  ['greatest', [int(1), decimal(2, 1, 25n), int(3)], 'decimal(11,1)', '3.0'],
  ['coalesce', [int(1), text('2')], 'bigint', '1'],
  ['typeof', [decimal(2, 1, 15n)], 'string', 'decimal(2,1)'],
  ['raise_error', [text('no')], '', 'USER_RAISED_EXCEPTION'],
  ['assert_true', [[types.boolean, true]], 'void', null],
  ['current_date', [], 'date', '2023-11-14'],
  ['now', [], 'timestamp', '2023-11-14 22:13:20'],
]

describe('functions answer as Spark', () => {
  for (const [name, args, type, expected] of ANSWERS)
    it(`${name}(${show(args)})`, () => {
      const answer = () => {
        const expr = call(name, ...args.map(([argType, item]) => literal(argType, item)))
        return { type: typeName(expr.type), value: run(cast(expr, types.string), [])[0] }
      }
      if (type === '') expect(answer).toThrow(expect.objectContaining({ code: expected }))
      else expect(answer()).toEqual({ type, value: expected })
    })
})

/** From, value, to, and the result cast to string; an upper-case code is an error. */
const CASTS: readonly [Arg, DataType, string | null][] = [
  [double(1e10), types.string, '1.0E10'],
  [double(1e7), types.string, '1.0E7'],
  [double(1234567), types.string, '1234567.0'],
  [double(0.001), types.string, '0.001'],
  [double(0.0001), types.string, '1.0E-4'],
  [double(1.5e-7), types.string, '1.5E-7'],
  [double(123.456), types.string, '123.456'],
  [double(1e20), types.string, '1.0E20'],
  [double(-0), types.string, '-0.0'],
  [double(Number.NaN), types.string, 'NaN'],
  [[types.float32, Math.fround(0.1)], types.string, '0.1'],
  [[types.float32, Math.fround(1e-5)], types.string, '1.0E-5'],
  [[types.float32, 16777216], types.string, '1.6777216E7'],
  [[types.float32, Math.fround(3.4028235e38)], types.string, '3.4028235E38'],
  [decimal(10, 7, 1n), types.string, '0.0000001'],
  [date('-000044-03-15'), types.string, '-0044-03-15'],
  [[types.intervalDt, -500_000n], types.string, "INTERVAL '-0 00:00:00.5' DAY TO SECOND"],
  [text('1.5'), types.int32, 'CAST_INVALID_INPUT'],
  [text(' 15 '), types.int32, '15'],
  [text('2147483648'), types.int32, 'CAST_INVALID_INPUT'],
  [text('1.55'), decimalType(3, 1), '1.6'],
  [text('1e2'), decimalType(5, 1), '100.0'],
  [text('1e2'), types.float64, '100.0'],
  [text('1d'), types.float64, '1.0'],
  [text('abc'), types.float64, 'CAST_INVALID_INPUT'],
  [double(1.5), types.int32, '1'],
  [double(-1.5), types.int32, '-1'],
  [double(1e10), types.int32, 'CAST_OVERFLOW'],
  [double(Number.NaN), types.int64, 'CAST_OVERFLOW'],
  [decimal(2, 1, 25n), types.int32, '2'],
  [int(12345), decimalType(3, 0), 'NUMERIC_VALUE_OUT_OF_RANGE'],
  [int(300), types.int8, 'CAST_OVERFLOW'],
  [long(2n ** 40n), types.int32, 'CAST_OVERFLOW'],
  [text('2024-1-5'), types.date, '2024-01-05'],
  [text('2024'), types.date, '2024-01-01'],
  [text('2024-02-30'), types.date, 'CAST_INVALID_INPUT'],
  [text('2024-01-05 10:11'), types.timestamp, '2024-01-05 10:11:00'],
  [text('2024-01-05 10'), types.timestamp, '2024-01-05 10:00:00'],
  [text('2024-01-05 10:'), types.timestamp, 'CAST_INVALID_INPUT'],
  [text('2024-01-05T10:11:12.1234567Z'), types.timestamp, '2024-01-05 10:11:12.123456'],
  [text('2024-01-05 10:11:12+02:00'), types.timestamp, '2024-01-05 08:11:12'],
  [text('2024-01-05 10:11:12 Europe/Berlin'), types.timestamp, '2024-01-05 09:11:12'],
  [double(0.1), decimalType(20, 18), '0.100000000000000000'],
  [[types.float32, Math.fround(0.1)], types.float64, '0.10000000149011612'],
  [[types.float32, Math.fround(0.1)], decimalType(10, 5), '0.10000'],
  [[types.boolean, true], types.int32, '1'],
  [text('yes'), types.boolean, 'true'],
  [text('maybe'), types.boolean, 'CAST_INVALID_INPUT'],
  [[types.timestamp, 1_700_000n], types.int64, '1'],
  [[types.timestamp, 1_700_000n], types.float64, '1.7'],
  [decimal(2, 1, 17n), types.timestamp, '1970-01-01 00:00:01.7'],
  [[types.binary, Uint8Array.of(65, 66)], types.string, 'AB'],
  [decimal(10, 4, 12345n), decimalType(5, 2), '1.23'],
  [decimal(10, 4, 12350n), decimalType(5, 2), '1.24'],
  [decimal(38, 2, 10n ** 37n), decimalType(38, 4), 'NUMERIC_VALUE_OUT_OF_RANGE'],
  [decimal(5, 2, 150n), types.float64, '1.5'],
  [[{ kind: 'list', element: types.int32 }, [1, null, 2]], types.string, '[1, null, 2]'],
  [[{ kind: 'list', element: types.int32 }, [1, null]], { kind: 'list', element: types.string }, '[1, null]'],
  [
    [
      { kind: 'map', key: types.string, value: types.string },
      [
        ['k', 'v'],
        ['x', null],
      ],
    ],
    types.string,
    '{k -> v, x -> null}',
  ],
]

describe('casts answer as Spark', () => {
  for (const [arg, to, expected] of CASTS)
    it(`${show([arg])} to ${typeName(to)}`, () => {
      const input = literal(...arg)
      const answer = () => run(cast(cast(input, to), types.string), [])[0]
      if (expected !== null && /^[A-Z]+_[A-Z_]+$/.test(expected)) {
        expect(answer).toThrow(expect.objectContaining({ code: expected }))
        expect(run(cast(input, to, true), [])).toEqual([null])
      } else expect(answer()).toBe(expected)
    })

  it('names value and types', () => {
    expect(() => run(cast(literal(types.string, 'abc'), types.int32), [])).toThrow(
      `the value 'abc' of the type "STRING" cannot be cast to "INT" because it is malformed`,
    )
  })

  it('goes by the time zone of the session', () => {
    const winter = literal(types.string, '2024-01-05 10:00:00')
    const summer = literal(types.string, '2024-07-05 10:00:00')
    const gap = literal(types.string, '2024-03-31 02:30:00')
    const overlap = literal(types.string, '2024-10-27 02:30:00')
    const micros = (input: typeof winter) =>
      run(cast(cast(input, types.timestamp), types.int64), [], 'Europe/Berlin')[0]
    const utc = (iso: string) => BigInt(Date.parse(iso) / 1000)
    expect(micros(winter)).toBe(utc('2024-01-05T09:00:00Z'))
    expect(micros(summer)).toBe(utc('2024-07-05T08:00:00Z'))
    expect(micros(gap)).toBe(utc('2024-03-31T01:30:00Z'))
    expect(micros(overlap)).toBe(utc('2024-10-27T00:30:00Z'))
    const back = cast(cast(summer, types.timestamp), types.string)
    expect(run(back, [], 'Europe/Berlin')).toEqual(['2024-07-05 10:00:00'])
    expect(run(cast(cast(summer, types.timestamp), types.date), [], 'Pacific/Auckland')).toEqual([
      Date.parse('2024-07-05') / 864e5,
    ])
  })
})
