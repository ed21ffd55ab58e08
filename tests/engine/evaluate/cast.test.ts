import { describe, expect, it } from 'vitest'
import { type DataType, decimalType, typeName, types, type Value } from '../../../engine/types/index.ts'
import {
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
  usePool,
} from '../functions/fixture.ts'

usePool()

type Arg = readonly [DataType, Value]

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
