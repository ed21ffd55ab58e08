import { expect, test } from 'vitest'
import { type Vector, valueReader } from '../../../engine/batch/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { HashTable } from '../../../engine/operators/hash-table.ts'
import { type DataType, types, type Value } from '../../../engine/types/index.ts'
import { KeysTwin } from '../kernels/twins/key-table.ts'
import { randomFrom } from '../kernels/twins/random.ts'
import { KEY_TYPES, randomValue } from './random-values.ts'
import { makeColumn, show } from './run-operator.ts'

const pool = MemoryPool.create({ limitBytes: 256 << 20, startBytes: 2 ** 31, poison: true })

interface Keys {
  readonly columns: readonly Vector[]
  readonly texts: readonly string[]
  readonly hasNull: readonly boolean[]
}

type Maker = (type: DataType, row: number) => Value

/** Rows of keys, as columns and as texts. */
function makeKeys(
  keyTypes: readonly DataType[],
  rowCount: number,
  region: ReturnType<MemoryPool['createRegion']>,
  random: () => number,
  make: Maker,
): Keys {
  const values = keyTypes.map((type) => Array.from({ length: rowCount }, (_, row) => make(type, row)))
  const rows = Array.from({ length: rowCount }, (_, row) =>
    values.map((column): Value => column[row] ?? null),
  )
  return {
    columns: keyTypes.map((type, index) => makeColumn(type, values[index]!, region, random)),
    texts: rows.map(show),
    hasNull: rows.map((row) => row.includes(null)),
  }
}

/** Several batches into a table and its twin, then look-ups, then all keys. */
function compare(
  keyTypes: readonly DataType[],
  nullIsValue: boolean,
  seed: number,
  make: Maker,
  rowCount: number,
) {
  const random = randomFrom(seed)
  const label = `${keyTypes.map(({ kind }) => kind).join()}, NULL is ${nullIsValue}, seed ${seed}`
  const region = pool.createRegion()
  const table = new HashTable(
    keyTypes,
    region,
    keyTypes.map(() => nullIsValue),
  )
  const twin = new KeysTwin()
  const seen = new Map<number, string>()
  for (let batch = 0; batch < 6; batch++) {
    const scratch = pool.createRegion()
    const { columns, texts, hasNull } = makeKeys(keyTypes, rowCount, scratch, random, make)
    const out = batch % 2 === 0 ? scratch.int32(rowCount) : new Int32Array(rowCount)
    const isKnown = (row: number) => nullIsValue || !hasNull[row]!
    if (batch === 3) {
      table.find(columns, rowCount, out)
      const found = (text: string, row: number) => (isKnown(row) ? twin.find(text) >= 0 : false)
      expect(
        Array.from(out, (number) => number >= 0),
        label,
      ).toEqual(texts.map(found))
    } else table.insert(columns, rowCount, out)
    for (let row = 0; row < rowCount; row++) {
      if (batch === 3 && out[row]! < 0) continue
      if (!isKnown(row)) expect(out[row], label).toBe(-1)
      else {
        if (batch !== 3) twin.insert(texts[row]!)
        if (seen.get(out[row]!) !== texts[row]!) expect(seen.has(out[row]!), label).toBe(false)
        seen.set(out[row]!, texts[row]!)
      }
    }
    // A NULL takes its number when it is first seen, also where all of its keys are NULL.
    expect(seen.size, label).toBe(twin.size)
    scratch.free()
  }
  const size = table.size
  expect(size, label).toBe(twin.size)
  const [from, scratch] = [Math.floor(size / 3), pool.createRegion()]
  const readers = table.keys(from, size - from, scratch).map(valueReader)
  for (let number = from; number < size; number++) {
    const text = show(readers.map((read) => read(number - from)))
    if (seen.get(number) !== text) expect(text, label).toBe(seen.get(number))
  }
  scratch.free()
  region.free()
  expect(pool.usedBytes, label).toBe(0)
}

const startSeed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))

test.each(KEY_TYPES.map((type) => [type.kind, type] as const))('keys of one column of %s', (_, type) => {
  const random = randomFrom(startSeed)
  for (const nullIsValue of [true, false])
    compare([type], nullIsValue, startSeed, (each) => randomValue(each, random), 500)
})

test('keys of random columns', () => {
  const random = randomFrom(startSeed)
  for (let round = 0; round < 60; round++) {
    const width = 2 + Math.floor(random() * 4)
    const keyTypes = Array.from({ length: width }, () => KEY_TYPES[Math.floor(random() * KEY_TYPES.length)]!)
    const nullRate = round % 3 === 0 ? 0 : 0.15
    const make: Maker = (type) => randomValue(type, random, nullRate)
    compare(keyTypes, round % 2 === 0, startSeed + round, make, 300)
  }
})

test.each([
  ['int32', [types.int32]],
  ['int64', [types.int64]],
  ['string', [types.string]],
  ['strings', [types.string, types.string]],
  ['int32 and string', [types.int32, types.string]],
  ['int64, string, float64 and int32', [types.int64, types.string, types.float64, types.int32]],
] as const)('many keys of %s, while tables grow', (_, keyTypes) => {
  const random = randomFrom(startSeed)
  const make: Maker = (type) => {
    const number = Math.floor(random() * 40_000)
    if (number === 0) return null
    if (type.kind === 'string') return number % 3 === 0 ? `k${number}` : `a longer string ${number}`
    return type.kind === 'int64' ? BigInt(number) << 30n : number
  }
  compare(keyTypes, true, startSeed, make, 15_000)
})

test.each([
  ['always', Number.POSITIVE_INFINITY],
  ['in the first batch', 100],
  ['in the third batch', 4500],
])('texts that a number determines: %s', (_, upTo) => {
  const random = randomFrom(startSeed)
  const keyTypes = [types.string, types.int32, types.binary, types.string]
  let made = 0
  let numbers: number[] = []
  const make: Maker = (type, row) => {
    // Columns are made one after the other; they agree on the number of a row.
    if (row === 0 && made++ % keyTypes.length === 0)
      numbers = Array.from({ length: 2000 }, () => Math.floor(random() * 1500))
    const number = numbers[row]!
    const isBroken = (Math.ceil(made / keyTypes.length) - 1) * 2000 + row >= upTo && row % 97 === 0
    if (type.kind === 'int32') return number === 7 ? null : number
    if (number % 31 === 0) return null
    const text = `text ${isBroken ? row : ''} ${'x'.repeat(number % 19)}${number}`
    return type.kind === 'binary' ? new TextEncoder().encode(text) : text
  }
  compare(keyTypes, true, startSeed, make, 2000)
})
