import { expect, test } from 'vitest'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { applyJoinFilter, buildJoinFilter } from '../../../engine/operators/join-filter.ts'
import { type DataType, decimalType, types, type Value } from '../../../engine/types/index.ts'
import { randomValue } from './random-values.ts'
import { makeColumn, randomFrom, show } from './run-operator.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })

const CASES: readonly [string, DataType, (random: () => number) => Value][] = [
  ['tinyint', types.int8, (random) => Math.floor(random() * 256) - 128],
  ['smallint', types.int16, (random) => Math.floor(random() * 500) - 250],
  ['int, dense', types.int32, (random) => Math.floor(random() * 500)],
  ['int, any', types.int32, (random) => Math.floor((random() - 0.5) * 2 ** 32)],
  ['bigint, dense', types.int64, (random) => BigInt(Math.floor(random() * 500)) + 2n ** 62n],
  ['bigint, any', types.int64, (random) => BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 52)) << 12n)],
  ['bigint, ends', types.int64, (random) => (random() < 0.5 ? -(2n ** 63n) : 2n ** 63n - 1n)],
  ['date', types.date, (random) => Math.floor(random() * 500)],
  ['decimal', decimalType(12, 2), (random) => BigInt(Math.floor(random() * 1e9))],
  ['wide decimal', decimalType(30, 4), (random) => randomValue(decimalType(30, 4), random, 0)],
  ['string', types.string, (random) => `key ${Math.floor(random() * 500)}`],
  ['double', types.float64, (random) => randomValue(types.float64, random, 0)],
]

test.each(CASES)('a filter of keys of type %s passes all of them, and few others', (_, type, value) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
  const random = randomFrom(seed)
  for (const [buildCount, count] of [
    [0, 50],
    [1, 100],
    [200, 2000],
  ] as const) {
    const region = pool.createRegion()
    const make = (length: number): Value[] =>
      Array.from({ length }, () => (random() < 0.1 ? null : value(random)))
    const [keys, probes] = [make(buildCount), make(count)]
    if (buildCount > 0) probes[0] = keys[0]!
    const filter = buildJoinFilter(makeColumn(type, keys, region, random), type, buildCount, region, region)
    const column = makeColumn(type, probes, region, random)
    const out = region.int32(count)
    const passed = new Set(out.subarray(0, applyJoinFilter(filter, column, null, count, out, region)))
    const known = new Set(keys.filter((key) => key !== null).map(show))
    const label = `seed ${seed}, ${buildCount} keys`
    let wrong = 0
    for (const [row, probe] of probes.entries()) {
      const isKnown = probe !== null && known.has(show(probe))
      if (isKnown) expect(passed.has(row), `${label}, row ${row}`).toBe(true)
      else if (passed.has(row)) wrong++
    }
    expect(wrong, label).toBeLessThanOrEqual(Math.max(5, count / 20))
    // Of some rows only: what passes is what passes of all.
    const rows = region.int32(count)
    let odd = 0
    for (let row = 1; row < count; row += 2) rows[odd++] = row
    const kept = applyJoinFilter(filter, column, rows, odd, rows, region)
    expect([...rows.subarray(0, kept)], label).toEqual([...passed].filter((row) => row % 2 === 1))
    region.free()
  }
  expect(pool.usedBytes).toBe(0)
})
