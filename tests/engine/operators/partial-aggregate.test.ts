import { expect, test } from 'vitest'
import { hashAggregate } from '../../../engine/operators/hash-aggregate.ts'
import { PartialPace } from '../../../engine/operators/partial-pace.ts'
import { rowRuns } from '../../../engine/operators/row-runs.ts'
import { type DataType, types, type Value } from '../../../engine/types/index.ts'
import { KEY_TYPES, randomValue } from './random-values.ts'
import {
  aggregateCall,
  column,
  inputOf,
  leaf,
  makeColumn,
  type Row,
  randomFrom,
  runOperator,
  schemaFor,
  show,
  taskContext,
  testPool,
} from './run-operator.ts'

const ROWS = 80_000

/** How the key of a row follows from its number: sorted, each once, or in an order of its own. */
const ORDERS: Readonly<Record<string, (row: number) => number>> = {
  'sorted, four rows a key': (row) => row >> 2,
  'sorted, each once': (row) => row,
  'each once': (row) => (row * 7919) % 1_000_003,
  'again and again': (row) => (row * 7919) % 30_011,
  'two keys by turns': (row) => ((row >> 3) << 1) | (row & 1),
  'few keys': (row) => row % 10,
}

test.each(Object.entries(ORDERS))('partial states of keys that come %s', async (_, keyOf) => {
  const pool = testPool()
  const context = taskContext(pool)
  const inputTypes: readonly DataType[] = [types.int64, types.string, types.int32]
  const rows = Array.from({ length: ROWS }, (__, row): Row => {
    const key = keyOf(row)
    return [BigInt(key), key % 5 === 0 ? null : `k${key}`, row % 7 === 0 ? null : row % 100]
  })
  const calls = [
    aggregateCall('sum', [column(2, types.int32)], types.int64),
    aggregateCall('count', [], types.int64),
  ]
  const node = {
    kind: 'HashAggregateExec',
    id: 1,
    schema: schemaFor([]),
    input: leaf(inputTypes),
    mode: 'partial',
    keys: [column(0, types.int64), column(1, types.string)],
    calls,
  } as const
  const states = await runOperator(hashAggregate, node, [inputOf(pool, inputTypes, rows, 20_000)], context)
  expect(collect(states.map(([id, name, sum, count]) => [`${id} ${name}`, sum!, count!]))).toEqual(
    collect(rows.map(([id, name, value]) => [`${id} ${name}`, value ?? 0, 1n])),
  )
  expect(pool.usedBytes).toBe(0)
})

function collect(rows: readonly (readonly [string, Value, Value])[]): Map<string, string> {
  const sums = new Map<string, [bigint, bigint]>()
  for (const [key, sum, count] of rows) {
    const known = sums.get(key) ?? [0n, 0n]
    sums.set(key, [known[0] + BigInt((sum as bigint | number | null) ?? 0), known[1] + (count as bigint)])
  }
  return new Map([...sums].map(([key, sum]) => [key, sum.join(' ')]))
}

test('rowRuns() keeps different rows apart, of any type and encoding', () => {
  const seed = Number(process.env['SEED'] ?? 5)
  const random = randomFrom(seed)
  for (const type of KEY_TYPES) {
    const pool = testPool()
    const region = pool.createRegion()
    const count = 200
    let value = randomValue(type, random)
    const values = Array.from({ length: count }, () => {
      if (random() < 0.5) value = random() < 0.2 ? null : randomValue(type, random)
      return value
    })
    const runs = rowRuns([makeColumn(type, values, region, random)], count, region)
    const isNested = type.kind === 'list' || type.kind === 'map' || type.kind === 'struct'
    const label = `seed ${seed}, ${type.kind}`
    if (runs === null) expect(isNested, label).toBe(true)
    else {
      for (let row = 0; row < count; row++) {
        const first = runs.starts[runs.numbers[row]!]!
        expect(first, label).toBeLessThanOrEqual(row)
        expect(show(values[first]!), label).toBe(show(values[row]!))
      }
      expect(runs.count, label).toBeLessThan(0.9 * count)
    }
    region.free()
  }
})

test.each([
  [
    'keys that come again',
    [
      [1000, 1000],
      [1000, 500],
    ],
    1 << 15,
    false,
  ],
  [
    'keys that do not',
    [
      [1000, 250],
      [1000, 250],
    ],
    1 << 15,
    true,
  ],
  ['the first batch', [[1000, 1000]], 1 << 15, false],
  [
    'few groups',
    [
      [1000, 250],
      [1000, 250],
    ],
    1000,
    false,
  ],
  [
    'no rows',
    [
      [1000, 250],
      [0, 0],
    ],
    1 << 15,
    false,
  ],
] as const)('the pace of %s', (_, batches, groupCount, isPassing) => {
  const pace = new PartialPace()
  for (const [index, [rows, added]] of batches.entries())
    pace.saw(rows, added, index === 0 ? added : groupCount)
  expect(pace.isPassing).toBe(isPassing)
})
