import { expect, test } from 'vitest'
import {
  concat,
  constantVector,
  dictionaryVector,
  type FlatVector,
  flatten,
  readValue,
  slice,
  take,
  type Vector,
  valueReader,
} from '../../../engine/batch/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { KEY_TYPES, randomValue } from '../operators/random-values.ts'
import { makeColumn, show } from '../operators/run-operator.ts'
import { randomFrom } from './twins/random.ts'
import { takeTwin } from './twins/take.ts'

const pool = MemoryPool.create({ limitBytes: 32 << 20, startBytes: 2 ** 31, poison: true })

function texts(vector: Vector): string[] {
  const read = valueReader(vector)
  return Array.from({ length: vector.length }, (_, row) => show(read(row)))
}

test.each(KEY_TYPES.map((type) => [type.kind, type] as const))('take, slice and concat of %s', (_, type) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
  const random = randomFrom(seed)
  for (let round = 0; round < 20; round++) {
    const region = pool.createRegion()
    const size = 1 + Math.floor(random() * 300)
    const values = Array.from({ length: size }, () => randomValue(type, random, round % 3 === 0 ? 0 : 0.2))
    const column = makeColumn(type, values, region, random)
    const nullRate = round % 2 === 0 ? 0 : 0.2
    const indices = Array.from({ length: Math.floor(random() * 400) }, () =>
      random() < nullRate ? -1 : Math.floor(random() * size),
    )
    const label = `seed ${seed}, round ${round}`
    const near = region.int32(indices.length)
    near.set(indices)
    const taken = take(column, near, indices.length, region)
    const expected = takeTwin(values, indices).map(show)
    expect(texts(taken), label).toEqual(expected)
    expect(taken.nullCount, label).toBe(expected.filter((text) => text === 'NULL').length)
    expect(taken.validity === null, label).toBe(taken.nullCount === 0)
    const from = Math.floor(random() * size)
    const part = slice(column, from, size - from, region)
    expect(texts(part), label).toEqual(values.slice(from).map(show))
    expect(texts(concat([part, column, taken], region)), label).toEqual([
      ...values.slice(from).map(show),
      ...values.map(show),
      ...expected,
    ])
    region.free()
  }
  expect(pool.usedBytes).toBe(0)
})

test('take() of long strings, of indices in ordinary memory and of a constant', () => {
  const region = pool.createRegion()
  const values = Array.from({ length: 50 }, (_, i) => 'x'.repeat(i * 37))
  const column = makeColumn({ kind: 'string' }, values, region)
  const indices = Array.from({ length: 200 }, (_, i) => (i * 31) % 50)
  expect(texts(take(column, Int32Array.from(indices), 200, region))).toEqual(
    takeTwin(values, indices).map(show),
  )
  const constant = constantVector({ kind: 'int32' }, 7, 3, region)
  expect(texts(take(constant, Int32Array.of(1, -1, 0), 3, region))).toEqual(['7', 'NULL', '7'])
  expect(readValue(take(constant, Int32Array.of(2), 1, region), 0)).toBe(7)
  region.free()
})

test('take() of a dictionary without entries', () => {
  const region = pool.createRegion()
  const nothing = makeColumn({ kind: 'string' }, [], region) as FlatVector
  const nulls = dictionaryVector(3, region.int32(3).fill(0), nothing, region.bitmap(3))
  expect(texts(flatten(nulls, region))).toEqual(['NULL', 'NULL', 'NULL'])
  region.free()
})
