import { describe, expect, it } from 'vitest'
import { type DataType, decimalType, types, type Value } from '../../../engine/types/index.ts'
import {
  call,
  column,
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
  value,
  vectorOf,
} from './fixture.ts'

usePool()

type Arg = readonly [DataType, Value]
const ym = (months: number | null): Arg => [types.intervalYm, months]
const dt = (micros: bigint | null): Arg => [types.intervalDt, micros]
const tiny = (item: number): Arg => [types.int8, item]
const DAY = 86_400_000_000n

describe('arithmetic', () => {
  const cases: readonly [string, readonly Arg[], Value][] = [
    ['+', [int(1), int(2)], 3],
    ['+', [int(1), long(2n)], 3n],
    ['+', [tiny(1), tiny(2)], 3],
    ['+', [int(1), double(0.5)], 1.5],
    ['+', [text('1'), int(2)], 3n],
    ['-', [int(1), int(null)], null],
    ['*', [decimal(5, 2, 150n), int(2)], 300n],
    ['/', [int(3), int(2)], 1.5],
    ['/', [decimal(3, 1, 10n), decimal(2, 0, 3n)], 333333n],
    ['%', [int(-7), int(3)], -1],
    ['pmod', [int(-7), int(3)], 2],
    ['pmod', [long(-7n), long(-3n)], -1n],
    ['%', [decimal(3, 1, 75n), decimal(2, 0, 2n)], 15n],
    ['div', [int(-7), int(2)], -3n],
    ['div', [decimal(3, 1, 75n), int(2)], 3n],
    ['try_add', [int(2 ** 31 - 1), int(1)], null],
    ['try_divide', [int(1), int(0)], null],
    ['try_divide', [decimal(3, 1, 10n), decimal(3, 1, 0n)], null],
    ['try_multiply', [long(2n ** 62n), long(2n)], null],
    ['try_subtract', [long(-(2n ** 63n)), long(1n)], null],
    ['try_mod', [int(1), int(0)], null],
    ['negative', [int(5)], -5],
    ['negative', [decimal(20, 0, 10n ** 19n)], -(10n ** 19n)],
    ['abs', [long(-5n)], 5n],
    ['abs', [decimal(20, 0, -(10n ** 19n))], 10n ** 19n],
    ['abs', [tiny(-127)], 127],
    ['+', [date('2024-01-31'), ym(1)], Date.parse('2024-02-29') / 86_400_000],
    ['+', [date('2024-01-31'), int(1)], Date.parse('2024-02-01') / 86_400_000],
    ['+', [dt(DAY), date('2024-01-31')], Date.parse('2024-02-01') / 86_400_000],
    ['+', [date('1970-01-01'), dt(1n)], 1n],
    ['-', [date('2024-03-01'), date('2024-02-01')], 29n * DAY],
    ['-', [ts('1970-01-02T00:00:00'), ts('1970-01-01T00:00:00')], DAY],
    ['-', [ts('1970-03-31T00:00:00'), ym(1)], BigInt(Date.parse('1970-02-28')) * 1000n],
    ['+', [ym(5), ym(7)], 12],
    ['*', [ym(5), double(1.5)], 8],
    ['*', [int(2), dt(5n)], 10n],
    ['/', [dt(10n), int(4)], 3n],
    ['&', [int(12), int(10)], 8],
    ['|', [int(12), long(3n)], 15n],
    ['^', [int(12), int(10)], 6],
    ['~', [int(0)], -1],
    ['shiftleft', [int(1), int(33)], 2],
    ['shiftright', [long(-8n), int(1)], -4n],
    ['shiftrightunsigned', [int(-1), int(28)], 15],
    ['shiftrightunsigned', [long(-1n), int(60)], 15n],
    ['bit_count', [int(-1)], 64],
    ['bit_get', [int(5), int(2)], 1],
    ['sign', [decimal(3, 1, -5n)], -1],
  ]
  for (const [name, args, expected] of cases)
    it(`${name} of ${show(args)}`, () => {
      expect(value(name, ...args)).toEqual(expected)
    })

  const failures: readonly [string, readonly Arg[], string][] = [
    ['+', [int(2 ** 31 - 1), int(1)], 'ARITHMETIC_OVERFLOW'],
    ['+', [tiny(127), tiny(1)], 'BINARY_ARITHMETIC_OVERFLOW'],
    ['-', [long(-(2n ** 63n)), long(1n)], 'ARITHMETIC_OVERFLOW'],
    ['*', [long(2n ** 62n), long(2n)], 'ARITHMETIC_OVERFLOW'],
    ['*', [int(2 ** 30), int(4)], 'ARITHMETIC_OVERFLOW'],
    ['negative', [int(-(2 ** 31))], 'ARITHMETIC_OVERFLOW'],
    ['abs', [long(-(2n ** 63n))], 'ARITHMETIC_OVERFLOW'],
    ['div', [long(-(2n ** 63n)), long(-1n)], 'ARITHMETIC_OVERFLOW'],
    ['/', [int(1), int(0)], 'DIVIDE_BY_ZERO'],
    ['%', [int(1), int(0)], 'REMAINDER_BY_ZERO'],
    ['pmod', [double(1), double(0)], 'REMAINDER_BY_ZERO'],
    ['div', [decimal(3, 1, 10n), decimal(3, 1, 0n)], 'DIVIDE_BY_ZERO'],
    ['*', [decimal(38, 0, 10n ** 37n), decimal(38, 0, 10n)], 'NUMERIC_VALUE_OUT_OF_RANGE'],
    ['+', [date('2024-01-31'), int(2 ** 31 - 1)], 'DATETIME_OVERFLOW'],
  ]
  for (const [name, args, code] of failures)
    it(`${name} of ${show(args)} fails with ${code}`, () => {
      expect(() => value(name, ...args)).toThrow(expect.objectContaining({ code }))
    })

  it.each([
    ['+', decimalType(15, 2), decimalType(10, 4), 'decimal(18,4)'],
    ['*', decimalType(15, 2), decimalType(16, 2), 'decimal(32,4)'],
    ['*', decimalType(38, 10), decimalType(38, 10), 'decimal(38,6)'],
    ['/', decimalType(15, 2), decimalType(15, 2), 'decimal(33,18)'],
    ['/', decimalType(38, 10), decimalType(38, 10), 'decimal(38,6)'],
    ['%', decimalType(15, 2), decimalType(10, 4), 'decimal(10,4)'],
    ['+', decimalType(38, 38), types.int32, 'decimal(38,27)'],
  ] as const)('%s of %o and %o is %s', (name, a, b, expected) => {
    const { type } = call(name, column(0, a), column(1, b))
    expect(type.kind === 'decimal' && `decimal(${type.precision},${type.scale})`).toBe(expected)
  })

  it('does not fail on what lies under NULL', () => {
    const a = vectorOf(types.int32, [1, null, 3])
    const b = vectorOf(types.int32, [null, 0, 1])
    expect(run(call('%', column(0, types.int32), column(1, types.int32)), [a, b])).toEqual([null, null, 0])
    const small = vectorOf(types.int64, [2n ** 62n, null])
    expect(() => run(call('*', column(0, types.int64), literal(types.int64, 4n)), [small])).toThrow(
      'overflow',
    )
  })

  it('agrees with exact integers on random decimals', () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    console.info(`seed ${seed}`)
    let state = seed
    const next = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    for (let round = 0; round < 60; round++) {
      const digits = [1 + next(38), 1 + next(38)] as const
      const a = decimalType(digits[0], next(Math.min(7, digits[0] + 1)))
      const b = decimalType(digits[1], next(Math.min(7, digits[1] + 1)))
      if (a.kind !== 'decimal' || b.kind !== 'decimal') throw new Error('decimals')
      const draw = (precision: number) => {
        let item = 0n
        for (let i = 0; i < precision; i++) item = item * 10n + BigInt(next(10))
        return next(8) === 0 ? null : next(2) === 0 ? -item : item
      }
      const left = Array.from({ length: 9 }, () => draw(1 + next(a.precision)))
      const right = Array.from({ length: 9 }, () => draw(1 + next(b.precision)))
      for (const name of ['try_add', 'try_subtract', 'try_multiply'] as const) {
        const expr = call(name, column(0, a), column(1, b))
        const { type } = expr
        if (type.kind !== 'decimal') throw new Error('a decimal')
        const scale = name === 'try_multiply' ? a.scale + b.scale : Math.max(a.scale, b.scale)
        const expected = left.map((x, index) => {
          const y = right[index]!
          if (x === null || y === null) return null
          const xs = x * 10n ** BigInt(scale - a.scale)
          const ys = y * 10n ** BigInt(scale - b.scale)
          const exact = name === 'try_add' ? xs + ys : name === 'try_subtract' ? xs - ys : x * y
          const divisor = 10n ** BigInt(scale - type.scale)
          const magnitude = ((exact < 0n ? -exact : exact) + divisor / 2n) / divisor
          if (magnitude >= 10n ** BigInt(type.precision)) return null
          return exact < 0n ? -magnitude : magnitude
        })
        expect(run(expr, [vectorOf(a, left), vectorOf(b, right)]), `seed ${seed}, round ${round}`).toEqual(
          expected,
        )
      }
    }
  })
})
