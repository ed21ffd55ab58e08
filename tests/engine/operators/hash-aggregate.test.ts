import { describe, expect, test } from 'vitest'
import { fixedVector } from '../../../engine/batch/index.ts'
import type { AggregateCall } from '../../../engine/expr/index.ts'
import { lookupAggregate } from '../../../engine/functions/index.ts'
import { hashAggregate } from '../../../engine/operators/hash-aggregate.ts'
import { type DataType, decimalType, types } from '../../../engine/types/index.ts'
import { aggregateNode } from './aggregate-node.ts'
import { KEY_TYPES, randomValue } from './random-values.ts'
import {
  aggregateCall,
  column,
  inputOf,
  type Row,
  randomFrom,
  rowsOf,
  runOperator,
  show,
  showRows,
  taskContext,
  testPool,
} from './run-operator.ts'

function stateTypes(call: AggregateCall): readonly DataType[] {
  return lookupAggregate(call.name)!.resolve(
    call.args.map(({ type }) => type),
    [],
  ).state
}

/** Runs in one step and in two, which must agree. */
async function aggregate(
  inputTypes: readonly DataType[],
  rows: readonly Row[],
  keys: readonly number[],
  calls: readonly AggregateCall[],
  random?: () => number,
): Promise<Row[]> {
  const pool = testPool()
  const context = taskContext(pool)
  const complete = await runOperator(
    hashAggregate,
    aggregateNode('complete', inputTypes, keys, calls),
    [inputOf(pool, inputTypes, rows, 7, random)],
    context,
  )
  if (calls.every((call) => !call.distinct && call.order.length === 0)) {
    const stateColumns = [...keys.map((index) => inputTypes[index]!), ...calls.flatMap(stateTypes)]
    const half = Math.ceil(rows.length / 2)
    const states: Row[] = []
    for (const part of [rows.slice(0, half), rows.slice(half)])
      states.push(
        ...(await runOperator(
          hashAggregate,
          aggregateNode('partial', inputTypes, keys, calls),
          [inputOf(pool, inputTypes, part, 7, random)],
          context,
        )),
      )
    const final = aggregateNode('final', stateColumns, [...keys.keys()], calls)
    const merged = await runOperator(hashAggregate, final, [inputOf(pool, stateColumns, states, 5)], context)
    expect(showRows(merged)).toEqual(showRows(complete))
  }
  expect(pool.usedBytes).toBe(0)
  return complete
}

describe('hashAggregate', () => {
  const count = aggregateCall('count', [], types.int64)
  const sumOfSecond = aggregateCall('sum', [column(1, types.int32)], types.int64)

  for (const type of KEY_TYPES)
    test(`groups by ${type.kind} keys as a Map does`, async () => {
      const seed = Math.floor(Math.random() * 1e9)
      const random = randomFrom(seed)
      const rows = Array.from({ length: 300 }, () => [randomValue(type, random), Math.floor(random() * 100)])
      const expected = new Map<string, { count: bigint; sum: bigint }>()
      for (const [value, number] of rows) {
        const entry = expected.get(show(value)) ?? { count: 0n, sum: 0n }
        entry.count++
        entry.sum += BigInt(number as number)
        expected.set(show(value), entry)
      }
      const got = await aggregate([type, types.int32], rows, [0], [count, sumOfSecond], random)
      expect(got.map(([value, n, sum]) => `${show(value)} ${n} ${sum}`).sort(), `seed ${seed}`).toEqual(
        [...expected].map(([value, entry]) => `${value} ${entry.count} ${entry.sum}`).sort(),
      )
    })

  test('groups by several keys of many types', async () => {
    const seed = Math.floor(Math.random() * 1e9)
    const random = randomFrom(seed)
    for (let round = 0; round < 20; round++) {
      const keyTypes = Array.from(
        { length: 2 + (round % 3) },
        () => KEY_TYPES[Math.floor(random() * KEY_TYPES.length)]!,
      )
      const rows = Array.from({ length: 400 }, () => keyTypes.map((type) => randomValue(type, random)))
      const expected = new Map<string, bigint>()
      for (const row of rows) expected.set(show(row), (expected.get(show(row)) ?? 0n) + 1n)
      const got = await aggregate(keyTypes, rows, [...keyTypes.keys()], [count], random)
      expect(
        got.map((row) => `${show(row.slice(0, -1))} ${row.at(-1)}`).sort(),
        `seed ${seed} round ${round}`,
      ).toEqual([...expected].map(([row, n]) => `${row} ${n}`).sort())
    }
  })

  test('keeps many groups apart while its tables grow', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => [i % 20_011, `k${i % 7}`, BigInt(i) << 33n] as Row)
    const pool = testPool()
    const inputTypes = [types.int32, types.string, types.int64]
    for (const keys of [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]]) {
      const got = await runOperator(
        hashAggregate,
        aggregateNode('complete', inputTypes, keys, [count]),
        [inputOf(pool, inputTypes, rows, 10_000)],
        taskContext(pool),
      )
      const expected = new Set(rows.map((row) => show(keys.map((index) => row[index]))))
      expect(new Set(got.map((row) => show(row.slice(0, -1))))).toEqual(expected)
      expect(got.length).toBe(expected.size)
      expect(got.reduce((sum, row) => sum + (row.at(-1) as bigint), 0n)).toBe(50_000n)
    }
    expect(pool.usedBytes).toBe(0)
  })

  test('sends partial states early when it holds very many groups', async () => {
    const pool = testPool()
    const rowCount = 1_200_000
    const region = pool.createRegion()
    async function* input() {
      for (let from = 0; from < rowCount; from += 60_000) {
        region.reset()
        const values = region.int32(60_000)
        for (let i = 0; i < values.length; i++) values[i] = from + i
        yield { rowCount: values.length, columns: [fixedVector(types.int32, values.length, values)] }
      }
    }
    const execution = hashAggregate.execute(
      aggregateNode('partial', [types.int32], [0], [count]),
      [input()],
      taskContext(pool),
    )
    const seen = new Uint8Array(rowCount)
    for await (const batch of execution) for (const [value] of rowsOf(batch)) seen[value as number]!++
    expect(seen.every((times) => times === 1)).toBe(true)
    region.free()
    expect(pool.usedBytes).toBe(0)
  })

  test('gives one row for no input without keys, none with keys', async () => {
    const sum = aggregateCall('sum', [column(0, types.int32)], types.int64)
    expect(await aggregate([types.int32], [], [], [count, sum])).toEqual([[0n, null]])
    expect(await aggregate([types.int32], [], [0], [count, sum])).toEqual([])
  })

  test('applies FILTER and DISTINCT', async () => {
    const rows: Row[] = [
      ['a', 1, true],
      ['a', 1, true],
      ['a', 2, false],
      ['b', null, true],
      ['b', 3, null],
      ['a', null, true],
    ]
    const inputTypes = [types.string, types.int32, types.boolean]
    const arg = [column(1, types.int32)]
    const calls = [
      aggregateCall('sum', arg, types.int64, { distinct: true }),
      aggregateCall('count', arg, types.int64, { distinct: true }),
      aggregateCall('sum', arg, types.int64, { filter: column(2, types.boolean) }),
      aggregateCall('count', [], types.int64, { filter: column(2, types.boolean) }),
      aggregateCall('count', arg, types.int64, { distinct: true, filter: column(2, types.boolean) }),
    ]
    expect(showRows(await aggregate(inputTypes, rows, [0], calls))).toEqual(
      showRows([
        ['a', 3n, 2n, 2n, 3n, 1n],
        ['b', 3n, 1n, null, 1n, 0n],
      ]),
    )
  })

  test('sums decimals beyond 64 bits', async () => {
    const type = decimalType(18, 2)
    const rows: Row[] = Array.from({ length: 100 }, () => [999_999_999_999_999_999n])
    const sum = aggregateCall('sum', [column(0, type)], decimalType(28, 2))
    const avg = aggregateCall('avg', [column(0, type)], decimalType(22, 6))
    expect(await aggregate([type], rows, [], [sum, avg])).toEqual([
      [99_999_999_999_999_999_900n, 9_999_999_999_999_999_990_000n],
    ])
  })
})
