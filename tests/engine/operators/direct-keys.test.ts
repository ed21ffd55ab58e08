import { expect, test } from 'vitest'
import { fixedVector } from '../../../engine/batch/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { DirectKeys } from '../../../engine/operators/direct-keys.ts'
import { HashTable } from '../../../engine/operators/hash-table.ts'
import { types } from '../../../engine/types/index.ts'
import { numbersTwin } from '../kernels/twins/direct-keys.ts'
import { randomFrom, rowsOf } from './run-operator.ts'

const pool = MemoryPool.create({ limitBytes: 128 << 20, startBytes: 2 ** 31, poison: true })
const SEED = Number(process.env['SEED'] ?? 3)

const ENDS = { 4: [-(2n ** 31n), 2n ** 31n - 1n], 8: [-(2n ** 63n), 2n ** 63n - 1n] } as const

test.each([4, 8] as const)('integers of %i bytes by position', (width) => {
  const random = randomFrom(SEED)
  const below = (limit: number) => BigInt(Math.floor(random() * limit))
  const [least, most] = ENDS[width]
  const starts: Readonly<Record<string, (batch: bigint) => bigint>> = {
    upwards: (batch) => batch * 500n,
    downwards: (batch) => -batch * 500n,
    'from the least integer': (batch) => least + batch * 300n,
    'to the greatest integer': (batch) => most - 2000n - batch * 300n,
  }
  for (const [name, start] of Object.entries(starts)) {
    const region = pool.createRegion()
    const direct = new DirectKeys(region, width)
    const known = new Map<bigint, number>()
    for (let batch = 0n; batch < 20n; batch++) {
      const keys = Array.from({ length: 700 }, () => start(batch) + below(2000))
      const masked = keys.map(() => batch % 2n === 1n && random() < 0.1)
      const out = region.int32(keys.length)
      out.set(masked.map((is) => (is ? -1 : 0)))
      const label = `seed ${SEED}, ${name}, batch ${batch}`
      const held = arrayOf(keys, width, region)
      expect(direct.insert(held, keys.length, out, batch % 2n === 1n), label).toBe(true)
      expect([...out], label).toEqual(numbersTwin(known, keys, masked))
      expect(direct.size, label).toBe(known.size)
      const asked = keys.map((key) => BigInt.asIntN(8 * width, key + below(3000) - 1500n))
      direct.find(arrayOf(asked, width, region), asked.length, out, false)
      expect([...out], label).toEqual(asked.map((key) => known.get(key) ?? -1))
    }
    const wide = [0n, least, most]
    const before = direct.size
    expect(direct.insert(arrayOf(wide, width, region), 3, region.int32(3), false)).toBe(false)
    expect(direct.size).toBe(before)
    region.free()
  }
  expect(pool.usedBytes).toBe(0)
})

function arrayOf(
  keys: readonly bigint[],
  width: 4 | 8,
  region: ReturnType<MemoryPool['createRegion']>,
): number {
  if (width === 8) {
    const out = region.int64(keys.length)
    out.set(keys)
    return out.byteOffset
  }
  const out = region.int32(keys.length)
  out.set(keys.map(Number))
  return out.byteOffset
}

test('numbers stay when the range of keys gets too wide, also that of NULL', () => {
  const region = pool.createRegion()
  const table = new HashTable([types.int64], region, [true])
  const insert = (values: readonly (bigint | null)[]): number[] => {
    const data = region.int64(values.length)
    data.set(values.map((value) => value ?? 0n))
    const validity = region.bitmap(values.length)
    for (const [row, value] of values.entries()) if (value !== null) validity[row >> 3]! |= 1 << (row & 7)
    const out = region.int32(values.length)
    table.insert([fixedVector(types.int64, values.length, data, validity)], values.length, out)
    return [...out]
  }
  expect(insert([5n, 7n, null, 5n])).toEqual([0, 1, 2, 0])
  expect(insert([0n, null, 9n])).toEqual([3, 2, 4])
  expect(insert([0n, 1n << 60n, 7n, null, -(1n << 62n)])).toEqual([3, 5, 1, 2, 6])
  expect(insert([9n, 5n, 1n << 60n, null])).toEqual([4, 0, 5, 2])
  const keys = rowsOf({ rowCount: table.size, columns: table.keys(0, table.size, region) })
  expect(keys).toEqual([[5n], [7n], [null], [0n], [9n], [1n << 60n], [-(1n << 62n)]])
  region.free()
})
