import { expect, test } from 'vitest'
import { fixedVector, flatten, hashRows, widen } from '../../../engine/batch/index.ts'
import { decimalType } from '../../../engine/types/index.ts'
import { KEY_TYPES, randomValue } from '../operators/random-values.ts'
import { makeColumn, randomFrom, show, testPool } from '../operators/run-operator.ts'

test('hashRows() is equal for equal rows in any encoding, and rarely for others', () => {
  const seed = Math.floor(Math.random() * 1e9)
  const random = randomFrom(seed)
  for (const type of KEY_TYPES) {
    const pool = testPool()
    const region = pool.createRegion()
    const values = Array.from({ length: 400 }, () => randomValue(type, random))
    const hashes = new Map<string, bigint>()
    for (const roll of [0, 0.6]) {
      const vector = makeColumn(type, values, region, () => roll)
      for (const column of [vector, flatten(vector, region)]) {
        const out = Array.from(hashRows([column, column], values.length, region))
        for (const [row, value] of values.entries()) {
          const known = hashes.get(show(value)) ?? out[row]!
          hashes.set(show(value), known)
          expect(out[row], `${type.kind} ${show(value)}, seed ${seed}`).toBe(known)
        }
      }
    }
    expect(new Set(hashes.values()).size, `${type.kind}, seed ${seed}`).toBe(hashes.size)
    region.free()
    expect(pool.usedBytes).toBe(0)
  }
})

test('hashRows() does not see the lanes of decimals', () => {
  const region = testPool().createRegion()
  const values = BigInt64Array.of(0n, 5n, -5n, 2n ** 62n, -(2n ** 63n))
  const lanes = new BigInt64Array(values.length * 2)
  widen(values, values.length, lanes)
  const narrow = hashRows([fixedVector(decimalType(30, 0), 5, values)], 5, region)
  const wide = hashRows([fixedVector(decimalType(30, 0), 5, lanes, null, 2)], 5, region)
  expect([...wide]).toEqual([...narrow])
  region.free()
})

test.each([0n, 32n, 58n])('hashRows() spreads successive keys in the bits from %i on', (shift) => {
  const region = testPool().createRegion()
  const rowCount = 64_000
  const keys = Int32Array.from({ length: rowCount }, (_, i) => i * 8)
  const buckets = new Int32Array(64)
  for (const hash of hashRows([fixedVector({ kind: 'int32' }, rowCount, keys)], rowCount, region))
    buckets[Number((hash >> shift) & 63n)]!++
  expect(Math.max(...buckets)).toBeLessThan(1200)
  expect(Math.min(...buckets)).toBeGreaterThan(800)
  region.free()
})
