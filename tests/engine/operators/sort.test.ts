import { describe, expect, test } from 'vitest'
import type { Expr } from '../../../engine/expr/index.ts'
import { valueOrder } from '../../../engine/functions/index.ts'
import { sort } from '../../../engine/operators/sort.ts'
import { topN } from '../../../engine/operators/top-n.ts'
import { type DataType, listType, types, type Value } from '../../../engine/types/index.ts'
import { KEY_TYPES, randomValue } from './random-values.ts'
import {
  column,
  inputOf,
  leaf,
  type Row,
  randomFrom,
  rowsOf,
  runOperator,
  schemaFor,
  show,
  taskContext,
  testPool,
} from './run-operator.ts'

interface Key {
  readonly index: number
  readonly type: DataType
  readonly descending: boolean
  readonly nullsFirst: boolean
}

function compareRows(keys: readonly Key[], a: Row, b: Row): number {
  for (const { index, type, descending, nullsFirst } of keys) {
    const [x, y] = [a[index] as Value, b[index] as Value]
    if (x === null || y === null) {
      if (x === y) continue
      return (x === null) === nullsFirst ? -1 : 1
    }
    const order = valueOrder(type)(x, y)
    if (order !== 0) return descending ? -order : order
  }
  return 0
}

function randomKeys(keyTypes: readonly DataType[], random: () => number): Key[] {
  return keyTypes.map((type, index) => ({
    index,
    type,
    descending: random() > 0.5,
    nullsFirst: random() > 0.5,
  }))
}

const toSortKey = ({ index, type, descending, nullsFirst }: Key) => ({
  expr: column(index, type),
  descending,
  nullsFirst,
})

describe('sort', () => {
  for (const type of KEY_TYPES)
    test(`orders ${type.kind} as a stable comparison sort does`, async () => {
      const seed = Math.floor(Math.random() * 1e9)
      const random = randomFrom(seed)
      for (const rowCount of [0, 1, 200, 2000]) {
        const pool = testPool()
        const inputTypes = [type, type, types.int32]
        const rows = Array.from({ length: rowCount }, (_, i) => [
          randomValue(type, random),
          randomValue(type, random),
          i,
        ])
        const keys = randomKeys([type, type], random)
        const got = await runOperator(
          sort,
          {
            kind: 'SortExec',
            id: 1,
            schema: schemaFor(inputTypes),
            input: leaf(inputTypes),
            keys: keys.map(toSortKey),
          },
          [inputOf(pool, inputTypes, rows, 150, random)],
          taskContext(pool),
        )
        const expected = [...rows].sort((a, b) => compareRows(keys, a, b))
        expect(got.map(show), `seed ${seed}`).toEqual(expected.map(show))
        expect(pool.usedBytes).toBe(0)
      }
    })
})

describe('sort under a small limit', () => {
  test.each([
    { rowCount: 20_000, payloadBytes: 80, limitBytes: 6 << 20, why: 'a few runs' },
    { rowCount: 24_000, payloadBytes: 2000, limitBytes: 8 << 20, why: 'more runs than are merged at once' },
  ])('spills and gives the same rows: $why', async ({ rowCount, payloadBytes, limitBytes }) => {
    const seed = Math.floor(Math.random() * 1e9)
    const random = randomFrom(seed)
    const inputTypes = [types.int32, types.string, listType(types.int32), types.int64, types.string]
    const rows = Array.from({ length: rowCount }, (_, i) => [
      Math.floor(random() * 300),
      randomValue(types.string, random),
      randomValue(listType(types.int32), random),
      BigInt(i),
      `payload-${i}`.padEnd(payloadBytes, '-'),
    ])
    const pool = testPool(limitBytes)
    const counts: Record<string, number> = {}
    const keys = randomKeys([types.int32, types.string, listType(types.int32)], random)
    const node = {
      kind: 'SortExec',
      id: 1,
      schema: schemaFor(inputTypes),
      input: leaf(inputTypes),
      keys: keys.map(toSortKey),
    } as const
    const input = inputOf(pool, inputTypes, rows, 500, random)
    const got: Row[] = []
    for await (const batch of sort.execute(node, [input], taskContext(pool, counts)))
      got.push(...rowsOf(batch))
    const expected = [...rows].sort((a, b) => compareRows(keys, a, b))
    const brief = (row: Row): string => show([...row.slice(0, 4), (row[4] as string).length])
    expect(got.map(brief), `seed ${seed}`).toEqual(expected.map(brief))
    expect(counts['spillBytes']).toBeGreaterThan(rowCount * payloadBytes)
    expect([pool.usedBytes, pool.spill.usedBytes, pool.spill.fileCount]).toEqual([0, 0, 0])
    expect(pool.peakBytes).toBeLessThanOrEqual(limitBytes)
    pool.spill.remove()
  })

  test('a key that is not stable is computed once', async () => {
    const pool = testPool(4 << 20)
    const counts: Record<string, number> = {}
    const inputTypes = [types.int64, types.string]
    const rows = Array.from({ length: 30_000 }, (_, i) => [BigInt(i), `payload-${i}`.padEnd(80, '-')])
    const rand = { kind: 'call', name: 'rand', args: [], type: types.float64 } as unknown as Expr
    const node = {
      kind: 'SortExec',
      id: 1,
      schema: schemaFor(inputTypes),
      input: leaf(inputTypes),
      keys: [{ expr: rand, descending: false, nullsFirst: true }],
    } as const
    const got = await runOperator(
      sort,
      node,
      [inputOf(pool, inputTypes, rows, 500)],
      taskContext(pool, counts),
    )
    expect(got[0]).toHaveLength(2)
    expect(got.map(show).sort()).toEqual(rows.map(show).sort())
    expect(counts['spillBytes']).toBeGreaterThan(0)
    expect([pool.usedBytes, pool.spill.usedBytes]).toEqual([0, 0])
    pool.spill.remove()
  })
})

describe('topN', () => {
  test('gives what a sort and a limit would give', async () => {
    const seed = Math.floor(Math.random() * 1e9)
    const random = randomFrom(seed)
    for (const [rowCount, skip, fetch] of [
      [0, 0, 5],
      [10, 0, 0],
      [10, 8, 5],
      [500, 3, 7],
      [90_000, 10, 20],
    ] as const) {
      const pool = testPool()
      const inputTypes = [types.int32, types.string, types.int32]
      const rows = Array.from({ length: rowCount }, (_, i) => [
        Math.floor(random() * 50),
        randomValue(types.string, random),
        i,
      ])
      const keys = randomKeys([types.int32, types.string], random)
      const got = await runOperator(
        topN,
        {
          kind: 'TopNExec',
          id: 1,
          schema: schemaFor(inputTypes),
          input: leaf(inputTypes),
          keys: keys.map(toSortKey),
          skip,
          fetch,
        },
        [inputOf(pool, inputTypes, rows, 1000, random)],
        taskContext(pool),
      )
      const expected = [...rows].sort((a, b) => compareRows(keys, a, b)).slice(skip, skip + fetch)
      expect(got.map(show), `seed ${seed}`).toEqual(expected.map(show))
      expect(pool.usedBytes).toBe(0)
    }
  })
})
