import { describe, expect, it } from 'vitest'
import { type DataType, decimalType, listType, types, type Value } from '../../../engine/types/index.ts'
import {
  bool,
  call,
  column,
  decimal,
  double,
  int,
  literal,
  long,
  run,
  show,
  text,
  usePool,
  value,
  vectorOf,
} from './fixture.ts'

usePool()

type Arg = readonly [DataType, Value]

/** Values of each type in ascending order. */
const ORDERED: readonly [DataType, readonly Value[]][] = [
  [types.int8, [-128, -1, 0, 127]],
  [types.int16, [-32768, 0, 32767]],
  [types.int32, [-(2 ** 31), -1, 0, 2 ** 31 - 1]],
  [
    types.int64,
    [-(2n ** 63n), -(2n ** 32n), -1n, 0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n],
  ],
  [types.float64, [Number.NEGATIVE_INFINITY, -1, 0, 1, Number.POSITIVE_INFINITY, Number.NaN]],
  [types.float32, [-1.5, 0, 1.5, Number.NaN]],
  [decimalType(5, 2), [-100n, 0n, 1n]],
  [decimalType(38, 2), [-(10n ** 30n), -1n, 0n, 10n ** 25n]],
  [types.string, ['', 'a', 'ab', 'b', 'é', '\uffee', '😀']],
  [types.binary, [Uint8Array.of(), Uint8Array.of(1), Uint8Array.of(1, 2), Uint8Array.of(200)]],
  [types.boolean, [false, true]],
  [types.date, [-5, 0, 9]],
  [types.timestamp, [-5n, 0n, 9n]],
  [listType(types.int32), [[], [null], [1], [1, 2], [2]]],
]

describe('comparison', () => {
  it.each(ORDERED)('orders %o', (type, ordered) => {
    const pairs = ordered.flatMap((a, i) => ordered.map((b, j) => ({ a, b, order: i - j })))
    const rows = [...pairs, { a: null, b: ordered[0]!, order: 0 }, { a: null, b: null, order: 0 }]
    const a = vectorOf(
      type,
      rows.map((row) => row.a),
    )
    const b = vectorOf(
      type,
      rows.map((row) => row.b),
    )
    const check = (name: string, test: (order: number) => boolean) => {
      const expected: Value[] = rows.map((row) => (row.a === null || row.b === null ? null : test(row.order)))
      expect(run(call(name, column(0, type), column(1, type)), [a, b]), name).toEqual(expected)
    }
    check('=', (order) => order === 0)
    check('<', (order) => order < 0)
    check('<=', (order) => order <= 0)
    check('>', (order) => order > 0)
    check('>=', (order) => order >= 0)
    for (const constant of ordered) {
      const against = (name: string) => run(call(name, column(0, type), literal(type, constant)), [a])
      const indexOf = (item: Value) => ordered.findIndex((other) => Object.is(item, other))
      expect(against('<')).toEqual(
        rows.map((row) => (row.a === null ? null : indexOf(row.a) < indexOf(constant))),
      )
      expect(against('in')).toEqual(
        rows.map((row) => (row.a === null ? null : indexOf(row.a) === indexOf(constant))),
      )
    }
    const safe = run(call('<=>', column(0, type), column(1, type)), [a, b])
    expect(safe).toEqual(
      rows.map((row) => (row.a === null || row.b === null ? row.a === row.b : row.order === 0)),
    )
    expect(run(call('greatest', column(0, type), column(1, type)), [a, b])).toEqual(
      rows.map((row) => (row.a === null ? row.b : row.order >= 0 ? row.a : row.b)),
    )
  })

  const cases: readonly [string, readonly Arg[], Value][] = [
    ['=', [double(-0), double(0)], true],
    ['=', [int(1), text('1')], true],
    ['=', [decimal(3, 1, 10n), int(1)], true],
    ['<', [int(2), long(3n)], true],
    ['in', [int(1), int(2), int(null)], null],
    ['in', [int(1), int(1), int(null)], true],
    ['in', [int(1), int(2), int(3)], false],
    ['in', [int(null), int(2), int(3)], null],
    ['not', [bool(null)], null],
    ['not', [bool(true)], false],
    ['isnull', [int(null)], true],
    ['isnotnull', [int(null)], false],
    ['isnan', [double(Number.NaN)], true],
    ['isnan', [double(null)], false],
    ['if', [bool(null), int(1), int(2)], 2],
    ['if', [bool(true), int(1), long(2n)], 1n],
    ['coalesce', [int(null), int(null), int(3)], 3],
    ['nvl', [int(null), int(3)], 3],
    ['nvl2', [int(null), int(1), int(2)], 2],
    ['nullif', [int(1), int(1)], null],
    ['nullif', [int(1), int(null)], 1],
    ['greatest', [int(1), int(null), int(3)], 3],
    ['least', [text('b'), text('a'), text(null)], 'a'],
    ['least', [int(null), int(null)], null],
    ['nanvl', [double(Number.NaN), double(1)], 1],
    ['equal_null', [int(null), int(null)], true],
    ['zeroifnull', [decimal(5, 2, null)], 0n],
    ['nullifzero', [int(0)], null],
  ]
  for (const [name, args, expected] of cases)
    it(`${name} of ${show(args)}`, () => {
      expect(value(name, ...args)).toEqual(expected)
    })

  it('takes a long list of constants', () => {
    const items = Array.from({ length: 40 }, (_, index) => literal(types.string, `k${index}`))
    const rows = vectorOf(types.string, ['k3', 'x', null, 'k39'])
    expect(run(call('in', column(0, types.string), ...items), [rows])).toEqual([true, false, null, true])
    expect(run(call('in', column(0, types.string), ...items, literal(types.string, null)), [rows])).toEqual([
      true,
      null,
      null,
      true,
    ])
  })

  it('names what cannot be compared', () => {
    expect(() => call('=', column(0, types.boolean), column(1, types.int32))).toThrow(
      expect.objectContaining({ code: 'DATATYPE_MISMATCH' }),
    )
    expect(() => call('=', column(0, types.boolean))).toThrow(
      expect.objectContaining({ code: 'WRONG_NUM_ARGS' }),
    )
  })
})
