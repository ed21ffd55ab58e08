import { describe, expect, test } from 'vitest'
import {
  compareRows,
  type KeyTables,
  markKeyChanges,
  rowsWithin,
  sortRowIds,
} from '../../../engine/kernels/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import { randomFrom } from './twins/random.ts'
import { compareKeysTwin, sortRowsTwin } from './twins/row-sort.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })

/** Kinds of words, from such that never repeat to such that differ late or in a bit. */
const WORDS: Readonly<Record<string, (random: () => number) => bigint>> = {
  'any bits': (random) =>
    (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32)),
  'few values': (random) => BigInt(Math.floor(random() * 5)) << 60n,
  'low bits': (random) => 0x7f00_0000_0000_0000n | BigInt(Math.floor(random() * 3000)),
  'one value': () => 42n,
  'powers of two': (random) => 1n << BigInt(Math.floor(random() * 64)),
}

/** Lays keys out in pieces of 1000 rows and gives their tables. */
function layOut(keys: readonly (readonly bigint[])[], width: number, region: Region): KeyTables {
  const addresses = region.int32(2 * Math.ceil(keys.length / 1000))
  for (let from = 0; from < keys.length; from += 1000) {
    const part = keys.slice(from, from + 1000)
    const words = region.int64(part.reduce((sum, key) => sum + key.length, 0))
    const starts = region.int32(part.length + 1)
    let next = 0
    for (const [row, key] of part.entries()) {
      starts[row] = next
      for (const word of key) words[next++] = BigInt.asIntN(64, word)
    }
    starts[part.length] = next
    addresses[(2 * from) / 1000] = words.byteOffset
    addresses[(2 * from) / 1000 + 1] = width === 0 ? starts.byteOffset : 0
  }
  return { width, addresses }
}

const idOf = (row: number): number => (Math.floor(row / 1000) << 16) | (row % 1000)

/**
 * Keys of `width` words, or of one to five where it is 0: then the last word is even and all others are odd,
 * so that no key is the beginning of another.
 */
function randomKeys(count: number, width: number, kind: string, random: () => number): bigint[][] {
  return Array.from({ length: count }, () => {
    const length = width === 0 ? 1 + Math.floor(random() ** 2 * 5) : width
    return Array.from({ length }, (_, index) => {
      const word = WORDS[kind]!(random)
      return width === 0 ? (word & ~1n) | (index === length - 1 ? 0n : 1n) : word
    })
  })
}

describe.each([1, 2, 3, 0])('row sort over keys of %i words', (width) => {
  test.each(Object.keys(WORDS))('of %s', (kind) => {
    const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
    const random = randomFrom(seed)
    for (const count of [0, 1, 2, 24, 25, 200, 3000, 70_000]) {
      const region = pool.createRegion()
      const keys = randomKeys(count, width, kind, random)
      const tables = layOut(keys, width, region)
      const ids = region.int32(count)
      for (let row = 0; row < count; row++) ids[row] = idOf(row)
      sortRowIds(pool, ids, tables, region)
      const rows = Array.from(ids, (id) => (id >>> 16) * 1000 + (id & 0xffff))
      expect(rows, `seed ${seed}, ${count} rows`).toEqual(sortRowsTwin(keys))
      region.free()
    }
    expect(pool.usedBytes).toBe(0)
  })
})

test('row sort goes on by merging where digits would never end', () => {
  const region = pool.createRegion()
  // Row n agrees with all later rows in n words: every level of digits parts one row from the rest.
  const keys = Array.from({ length: 400 }, (_, row) => [...Array.from({ length: 399 - row }, () => 1n), 0n])
  const tables = layOut(keys, 0, region)
  const ids = region.int32(400)
  for (let row = 0; row < 400; row++) ids[row] = idOf(row)
  sortRowIds(pool, ids, tables, region)
  expect([...ids]).toEqual(sortRowsTwin(keys))
  region.free()
})

test.each([1, 2, 0])('comparisons of keys of %i words', (width) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
  const random = randomFrom(seed)
  const region = pool.createRegion()
  const keys = randomKeys(500, width, 'few values', random).sort(compareKeysTwin)
  const bounds = randomKeys(20, width, 'few values', random)
  const [tables, boundTables] = [layOut(keys, width, region), layOut(bounds, width, region)]
  const changes = region.uint8(500)
  markKeyChanges(pool, tables, 500, changes)
  const expected = keys.map((key, row) => (row === 0 || compareKeysTwin(keys[row - 1]!, key) !== 0 ? 1 : 0))
  expect([...changes], `seed ${seed}`).toEqual(expected)
  const out = region.int32(500)
  for (let i = 0; i < 40; i++) {
    const [lower, upper] = [0, 1].map(() => (random() < 0.2 ? null : Math.floor(random() * bounds.length)))
    const count = rowsWithin(pool, tables, 450, { tables: boundTables, lower: lower!, upper: upper! }, out)
    const within = keys.flatMap((key, row) => {
      const isBelow = lower !== null && compareKeysTwin(key, bounds[lower!]!) < 0
      const isAbove = upper !== null && compareKeysTwin(key, bounds[upper!]!) >= 0
      return row >= 450 || isBelow || isAbove ? [] : [row]
    })
    expect([...out.subarray(0, count)], `seed ${seed}`).toEqual(within)
    const order = compareRows(pool, tables, 7, boundTables, i % 20)
    expect(Math.sign(order)).toBe(Math.sign(compareKeysTwin(keys[7]!, bounds[i % 20]!)))
  }
  region.free()
})
