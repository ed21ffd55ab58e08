import * as arrow from 'apache-arrow'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fromArrow, toArrow } from '../../../engine/arrow/index.ts'
import {
  constantOf,
  dictionaryVector,
  type FlatVector,
  type RecordBatch,
  slice,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../../engine/batch/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import {
  type DataType,
  decimalType,
  listType,
  mapType,
  structType,
  types,
  type Value,
} from '../../../engine/types/index.ts'

let pool: MemoryPool
let region: Region
beforeEach(() => {
  pool = MemoryPool.create({ limitBytes: 256 << 20, poison: true })
  region = pool.createRegion()
})
afterEach(() => {
  region.free()
  expect(pool.usedBytes).toBe(0)
})

function build(type: DataType, values: readonly Value[]): FlatVector {
  const builder = vectorBuilder(type, region)
  for (const value of values) builder.append(value)
  return builder.finish()
}

function valuesOf(vector: Vector): Value[] {
  const read = valueReader(vector)
  return Array.from({ length: vector.length }, (_, row) => read(row))
}

const point = structType([
  { name: 'x', type: types.int32, nullable: true },
  { name: 'name', type: types.string, nullable: true },
])

const CASES: readonly (readonly [DataType, readonly Value[]])[] = [
  [types.null, [null, null]],
  [types.boolean, [true, null, false, true, false, false, true, true, true]],
  [types.int8, [-128, null, 127]],
  [types.int16, [-32768, null, 32767]],
  [types.int32, [-(2 ** 31), null, 2 ** 31 - 1]],
  [types.int64, [-(2n ** 63n), null, 2n ** 63n - 1n]],
  [types.float32, [1.5, null, Number.POSITIVE_INFINITY]],
  [types.float64, [0.1, null, -0]],
  [decimalType(12, 3), [-12_500n, null, 999_999_999_999n]],
  [decimalType(38, 10), [-(10n ** 38n) + 1n, null, 10n ** 38n - 1n]],
  [types.string, ['', null, 'naïve', '日本']],
  [types.binary, [Uint8Array.of(0, 255), null, Uint8Array.of()]],
  [types.date, [-719_162, null, 15_317]],
  [types.timestamp, [1_323_435_000_000_123n, null, -1n]],
  [types.timestampNtz, [1_323_435_000_000_123n, null, -1n]],
  [types.intervalYm, [14, null, -3]],
  [types.intervalDt, [86_400_000_001n, null, -5n]],
  [listType(types.int32), [[1, null, 3], null, []]],
  [listType(listType(types.string)), [[['a'], null], [], null]],
  [point, [[1, 'a'], null, [null, null]]],
  [
    mapType(types.string, types.float64),
    [
      [
        ['a', 1],
        ['b', null],
      ],
      null,
      [],
    ],
  ],
  [listType(point), [[[1, 'a'], null], null]],
]

describe('toArrow() and fromArrow()', () => {
  test.each(CASES)('%j there and back', async (type, values) => {
    const column = build(type, values)
    const batch: RecordBatch = { rowCount: values.length, columns: [column] }
    const schema = { fields: [{ name: 'c', type, nullable: true }] }
    const table = await toArrow(schema, [batch, batch], { timeZone: 'Europe/Berlin' })
    expect(table.numRows).toBe(2 * values.length)
    // Through the wire format too, so that apache-arrow itself agrees with the buffers.
    for (const given of [table, arrow.tableFromIPC(arrow.tableToIPC(table, 'stream'))]) {
      const back = await fromArrow(given, region)
      expect(back.schema).toEqual(schema)
      expect(back.batches.flatMap((part) => valuesOf(part.columns[0]!))).toEqual([...values, ...values])
    }
  })

  test('dictionaries and constants come as plain columns', async () => {
    const words = build(types.string, ['b', 'a'])
    const codes = region.int32(4)
    codes.set([1, 0, 0, 1])
    const validity = region.bitmap(4, true)
    validity[0]! &= ~2
    const text = dictionaryVector(4, codes, words, validity)
    const lists = dictionaryVector(4, codes, build(listType(decimalType(20, 1)), [[15n], []]), validity)
    const constant = constantOf(build(decimalType(5, 2), [150n]), 4, region)
    const nothing = constantOf(build(types.string, [null]), 4, region)
    const columns = [text, lists, constant, nothing]
    const fields = columns.map(({ type }, index) => ({ name: `c${index}`, type, nullable: true }))
    const table = await toArrow({ fields }, [{ rowCount: 4, columns }])
    const { batches } = await fromArrow(table, region)
    expect(batches[0]!.columns.map(valuesOf)).toEqual(columns.map(valuesOf))
    expect(table.getChild('c0')!.toArray()).toEqual(['a', null, 'b', 'a'])
  })

  test('two columns over one buffer do not share it afterwards', async () => {
    const column = build(types.int32, [1, 2, 3])
    const fields = ['a', 'b'].map((name) => ({ name, type: types.int32, nullable: false }))
    const table = await toArrow({ fields }, [{ rowCount: 3, columns: [column, column] }])
    const [a, b] = table.batches[0]!.data.children.map((data) => data.values as Int32Array)
    expect(a!.buffer).not.toBe(b!.buffer)
    expect(a!.buffer).toBeInstanceOf(ArrayBuffer)
    const read = arrow.tableFromIPC(arrow.tableToIPC(table))
    expect([...read.getChild('b')!]).toEqual([1, 2, 3])
  })

  test('slices, unsigned integers, units and dictionaries of apache-arrow', async () => {
    const table = new arrow.Table({
      u8: arrow.vectorFromArray([0, 255, null], new arrow.Uint8()),
      u32: arrow.vectorFromArray([0, 2 ** 32 - 1, null], new arrow.Uint32()),
      u64: arrow.vectorFromArray([0n, 2n ** 64n - 1n, null], new arrow.Uint64()),
      half: arrow.vectorFromArray([1.5, -2, null], new arrow.Float16()),
      ms: arrow.vectorFromArray([new Date(0), new Date(-1), null], new arrow.TimestampMillisecond('UTC')),
      day: arrow.vectorFromArray(
        [new Date(86_400_000), new Date(-86_400_000), null],
        new arrow.DateMillisecond(),
      ),
      word: arrow.vectorFromArray(['x', 'y', 'x'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
      flag: arrow.vectorFromArray([true, false, null], new arrow.Bool()),
      pair: arrow.vectorFromArray(
        [[1, 2], [3, 4], null],
        new arrow.FixedSizeList(2, new arrow.Field('e', new arrow.Int32())),
      ),
    })
    const wanted: Record<string, Value[]> = {
      u8: [0, 255, null],
      u32: [0n, 2n ** 32n - 1n, null],
      u64: [0n, 2n ** 64n - 1n, null],
      half: [1.5, -2, null],
      ms: [0n, -1000n, null],
      day: [1, -1, null],
      word: ['x', 'y', 'x'],
      flag: [true, false, null],
      pair: [[1, 2], [3, 4], null],
    }
    const whole = await fromArrow(table, region)
    const read = ({ schema, batches }: typeof whole): Record<string, Value[]> =>
      Object.fromEntries(
        schema.fields.map(({ name }, index) => [name, batches.flatMap((b) => valuesOf(b.columns[index]!))]),
      )
    expect(read(whole)).toEqual(wanted)
    const part = await fromArrow(table.slice(1, 3), region)
    expect(read(part)).toEqual(
      Object.fromEntries(Object.entries(wanted).map(([name, values]) => [name, values.slice(1)])),
    )
  })

  test('rows of a slice of the engine', async () => {
    const column = slice(build(listType(types.string), [['a'], ['b', 'c'], [], ['d']]), 1, 3, region)
    const schema = { fields: [{ name: 'c', type: column.type, nullable: true }] }
    const { batches } = await fromArrow(await toArrow(schema, [{ rowCount: 3, columns: [column] }]), region)
    expect(valuesOf(batches[0]!.columns[0]!)).toEqual([['b', 'c'], [], ['d']])
  })

  test('an empty table keeps its schema', async () => {
    const schema = { fields: [{ name: 'c', type: decimalType(12, 3), nullable: true }] }
    const table = await toArrow(schema, [])
    expect(await fromArrow(table, region)).toEqual({ schema, batches: [] })
  })

  test('a type that SQL has not is named with its column', async () => {
    const table = new arrow.Table({ at: arrow.vectorFromArray([1, 2], new arrow.TimeSecond()) })
    await expect(fromArrow(table, region)).rejects.toThrow(/column "at" has the Arrow type Time/)
  })
})
