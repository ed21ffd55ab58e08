import { describe, expect, test } from 'vitest'
import { flatten, valueReader, vectorBuilder } from '../../../../engine/batch/index.ts'
import {
  type Accumulator,
  type AggregateSignature,
  lookupAggregate,
} from '../../../../engine/functions/index.ts'
import { MemoryPool, type Region } from '../../../../engine/memory/index.ts'
import { CollectedValues } from '../../../../engine/operators/collected-values.ts'
import { type DataType, decimalType, typeName, types, type Value } from '../../../../engine/types/index.ts'
import { taskContext } from '../../operators/run-operator.ts'
import { cases, I64_MAX, money, wide } from './cases.ts'

type Row = readonly Value[]

const { int32, int64, float64, string } = types

function columns(rows: readonly Row[], columnTypes: readonly DataType[], region: Region) {
  return columnTypes.map((type, index) => {
    const builder = vectorBuilder(type, region)
    for (const row of rows) builder.append(row[index] ?? null)
    return flatten(builder.finish(), region)
  })
}

function signatureOf(name: string, argTypes: readonly DataType[]): AggregateSignature {
  return lookupAggregate(name)!.resolve(argTypes, [])
}

/**
 * The result over one group; also through partial states of every way to cut the rows in two, which must
 * agree.
 */
function aggregate(name: string, argTypes: readonly DataType[], rows: readonly Row[]): Value {
  const pool = MemoryPool.create({ limitBytes: 512 << 20, poison: true })
  const region = pool.createRegion()
  const context = taskContext(pool)
  const made: Accumulator[] = []
  try {
    const signature = signatureOf(name, argTypes)
    const make = () => {
      const accumulator = lookupAggregate(name)!.accumulator({
        signature,
        region,
        settings: context.settings,
        createRegion: () => context.createRegion(),
        collect: (type, isDistinct) => new CollectedValues(type, isDistinct, region, context),
      })
      made.push(accumulator)
      return accumulator
    }
    const whole = make()
    whole.resize(1)
    whole.update(columns(rows, signature.args, region), new Int32Array(rows.length), rows.length)
    const result = valueReader(whole.finish(0, 1, region))(0)
    for (let cut = 0; cut <= Math.min(rows.length, 5); cut++) {
      const merged = make()
      merged.resize(1)
      const parts = make()
      parts.resize(2)
      const groups = Int32Array.from(rows, (_, row) => (row < cut ? 0 : 1))
      parts.update(columns(rows, signature.args, region), groups, rows.length)
      merged.merge(parts.state(0, 2, region), new Int32Array(2), 2)
      const again = valueReader(merged.finish(0, 1, region))(0)
      if (typeof result === 'number' && Number.isFinite(result)) expect(again).toBeCloseTo(result, 9)
      else expect(again, `cut at ${cut}`).toEqual(result)
    }
    return result
  } finally {
    for (const accumulator of made) accumulator.free?.()
    region.free()
    expect(pool.usedBytes).toBe(0)
  }
}

describe('aggregateFunctions', () => {
  for (const [name, args, rows, expected] of cases)
    test(`${name}(${args.map(typeName).join(', ')}) of ${rows.length} rows is ${String(expected)}`, () => {
      const result = aggregate(name, args, rows)
      if (typeof expected === 'number' && Number.isFinite(expected)) expect(result).toBeCloseTo(expected, 12)
      else expect(result).toEqual(expected)
    })

  test.each([
    ['sum', int64, [[I64_MAX], [1n]], 'ARITHMETIC_OVERFLOW'],
    ['sum', wide, [[10n ** 38n - 1n], [1n]], 'NUMERIC_VALUE_OUT_OF_RANGE'],
  ] as const)('%s overflows with an error', (name, type, rows, code) => {
    expect(() => aggregate(name, [type], rows)).toThrow(expect.objectContaining({ code }))
  })

  test.each([
    [['sum'], [int32], 'bigint'],
    [['sum'], [money], 'decimal(20,2)'],
    [['avg'], [money], 'decimal(14,6)'],
    [['sum'], [types.float32], 'double'],
    [['avg'], [int64], 'double'],
    [['collect_list'], [string], 'array<string>'],
    [['approx_percentile'], [types.date, float64], 'date'],
    [['MEAN'], [int32], 'double'],
  ] as const)('%s of %j has type %s', ([name], args, expected) => {
    expect(typeName(signatureOf(name, args).returns)).toBe(expected)
  })

  test('sums stay exact over millions of rows', () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => [I64_MAX - BigInt(i)] as Row)
    const expected = rows.reduce((sum, [value]) => sum + (value as bigint), 0n)
    expect(aggregate('sum', [decimalType(38, 0)], rows)).toBe(expected)
    const repeated = Array.from({ length: 40 }, () => rows.slice(0, 30_000)).flat()
    const sum = repeated.reduce((total, [value]) => total + (value as bigint) / 4_000_000n, 0n)
    expect(
      aggregate(
        'sum',
        [int64],
        repeated.map(([value]) => [(value as bigint) / 4_000_000n]),
      ),
    ).toBe(sum)
  }, 60_000)

  test('approx_count_distinct stays near the truth', () => {
    for (const distinct of [200, 5000, 100_000]) {
      const rows = Array.from({ length: distinct }, (_, i) => [BigInt(i) * 7n] as Row)
      const got = Number(aggregate('approx_count_distinct', [int64], rows))
      expect(Math.abs(got - distinct) / distinct).toBeLessThan(0.12)
    }
  })
})
