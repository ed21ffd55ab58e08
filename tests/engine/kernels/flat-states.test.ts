import { expect, test } from 'vitest'
import { flatStateKernels } from '../../../engine/kernels/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { countsTwin, meansTwin, sumsTwin } from './twins/flat-states.ts'
import { randomFrom } from './twins/random.ts'

const pool = MemoryPool.create({ limitBytes: 16 << 20, startBytes: 2 ** 31, poison: true })
const kernels = flatStateKernels(pool)
const WORDS = 6
const STRIDE = WORDS * 8

test.each([1, 7, 8, 65, 1000])('kernels over the states of %i groups', (count) => {
  const seed = Number(process.env['SEED'] ?? count)
  const random = randomFrom(seed)
  const region = pool.createRegion()
  try {
    for (const bits of [20, 62, 100, 126]) {
      const label = `seed ${seed}, ${bits} bits`
      const states = region.int64(WORDS * count)
      // rows | nulls | sum of two words | double | spare
      const words = Array.from({ length: count }, (_, group) => {
        const rows = BigInt(Math.floor(random() * 5))
        const nulls = random() < 0.3 ? rows : 0n
        const sum =
          (random() < 0.5 ? -1n : 1n) * BigInt(Math.floor(random() * 2 ** 20)) * 2n ** BigInt(bits - 20)
        const row = [rows, nulls, BigInt.asIntN(64, sum), sum >> 64n, 0n, 0n]
        states.set(row, group * WORDS)
        return row
      })
      const [base, out] = [states.byteOffset, region.int64(count)]
      const counts = countsTwin(words, 0, 1)
      kernels.flatCounts(base, STRIDE, 0, 8, count, out.byteOffset)
      expect([...out], label).toEqual(counts)
      kernels.flatCounts(base, STRIDE, 0, -1, count, out.byteOffset)
      expect([...out], label).toEqual(countsTwin(words, 0, -1))
      const seen = region.bitmap(count)
      kernels.flatSeen(base, STRIDE, 0, 8, count, seen.byteOffset)
      expect(
        counts.map((_, i) => (seen[i >> 3]! >> (i & 7)) & 1),
        label,
      ).toEqual(counts.map((each) => (each === 0n ? 0 : 1)))
      const sums = sumsTwin(words, 2, 2)
      const limit = region.int64(2)
      limit.set([0n, 1n << 61n])
      const wide = region.int64(2 * count)
      const narrowCount = kernels.flatSums(base, STRIDE, 16, 2, count, limit.byteOffset, out.byteOffset, 0)
      const firstWide = sums.findIndex((sum) => BigInt.asIntN(64, sum) !== sum || sum >= 1n << 125n)
      expect(narrowCount, label).toBe(firstWide < 0 ? count : firstWide)
      const bound = 1n << 125n
      const firstOutside = sums.findIndex((sum) => sum >= bound || sum <= -bound)
      const wideCount = kernels.flatSums(base, STRIDE, 16, 2, count, limit.byteOffset, 0, wide.byteOffset)
      expect(wideCount, label).toBe(firstOutside < 0 ? count : firstOutside)
      for (let i = 0; i < wideCount; i++)
        expect((wide[2 * i + 1]! << 64n) | BigInt.asUintN(64, wide[2 * i]!), label).toBe(sums[i])
      const factor = region.int64(1)
      factor[0] = 100n
      const means = meansTwin(sums, counts, 100n)
      const done = kernels.flatMeans(base, STRIDE, 16, 0, 8, count, factor.byteOffset, out.byteOffset)
      expect([...out.subarray(0, done)], label).toEqual(means.slice(0, done))
      if (bits === 20) expect(done).toBe(count)
    }
  } finally {
    region.free()
  }
})

test('flatInit() and flatWords() copy words of groups', () => {
  const region = pool.createRegion()
  const empty = region.int64(2)
  const doubles = new Float64Array(empty.buffer, empty.byteOffset, 2)
  empty[0] = -7n
  doubles[1] = 1.5
  const states = region.int64(10)
  kernels.flatInit(states.byteOffset, 16, empty.byteOffset, 1, 5)
  const read = <T extends { byteOffset: number }>(offset: number, log2: number, out: T): T => {
    kernels.flatWords(states.byteOffset + 16, 16, offset, log2, 4, out.byteOffset)
    return out
  }
  expect([...read(0, 0, region.int8(4))]).toEqual([-7, -7, -7, -7])
  expect([...read(0, 1, region.int16(4))]).toEqual([-7, -7, -7, -7])
  expect([...read(0, 2, region.int32(4))]).toEqual([-7, -7, -7, -7])
  expect([...read(0, 3, region.int64(4))]).toEqual([-7n, -7n, -7n, -7n])
  expect([...read(8, 4, region.float32(4))]).toEqual([1.5, 1.5, 1.5, 1.5])
  const counts = region.int64(2)
  counts.set([0n, 4n])
  const out = region.float64(1)
  doubles[1] = 10
  kernels.flatFloatMeans(counts.byteOffset, 16, 0, 8, -1, 1, out.byteOffset)
  expect(out[0]).toBe(0)
  region.free()
})

test('flatAreSmall() and flatExtend() see to the upper words of sums', () => {
  const region = pool.createRegion()
  const sums = region.int32(2)
  for (const words of [2, 3]) {
    sums.set([8, words])
    const most = (1n << 61n) - 1n
    const cases = [0n, 5n, -5n, most, most + 1n, -most - 1n, -most - 2n, 1n << 64n, -(1n << 64n), 1n << 70n]
    for (const sum of cases) {
      const states = region.int64(8).fill(0n)
      const low = BigInt.asIntN(64, sum)
      states.set([7n, low, sum >> 64n, words === 3 ? sum >> 127n : 9n], 4)
      const isSmall = kernels.flatAreSmall(states.byteOffset, 32, 2, sums.byteOffset, 1) === 1
      expect(isSmall, `${sum} in ${words} words`).toBe(BigInt.asIntN(62, sum) === sum)
      states[6] = 77n
      kernels.flatExtend(states.byteOffset, 32, 2, sums.byteOffset, 1)
      const sign = low < 0n ? -1n : 0n
      expect([...states.subarray(4)]).toEqual([7n, low, sign, words === 3 ? sign : 9n])
    }
  }
  region.free()
})

test('newCells() finds the first row of every cell that has no group', () => {
  const seed = Number(process.env['SEED'] ?? 1)
  const random = randomFrom(seed)
  const region = pool.createRegion()
  const [count, sizes] = [300, [4, 7]]
  const columns = sizes.map((size) => {
    const codes = region.int32(count)
    const validity = region.bitmap(count)
    for (let row = 0; row < count; row++) {
      codes[row] = Math.floor(random() * size)
      if (random() < 0.7) validity[row >> 3]! |= 1 << (row & 7)
    }
    return { codes, validity }
  })
  const cells = region.int32(5 * 8).fill(-1)
  for (let cell = 0; cell < cells.length; cell += 3) cells[cell] = cell
  const rows = region.int32(count / 2)
  for (let i = 0; i < rows.length; i++) rows[i] = 2 * i + 1
  const expected = new Map<number, number>()
  for (const row of rows) {
    const [a, b] = columns.map(({ codes, validity }, index) =>
      (validity[row >> 3]! >> (row & 7)) & 1 ? codes[row]! : sizes[index]!,
    ) as [number, number]
    const cell = a + 5 * b
    if (cells[cell] === -1 && !expected.has(cell)) expected.set(cell, row)
  }
  const keys = region.int32(8)
  keys.set(
    columns.flatMap(({ codes, validity }, index) => {
      const step = index === 0 ? 1 : 5
      return [codes.byteOffset, validity.byteOffset, step, step * sizes[index]!]
    }),
  )
  const [out, at] = [region.int32(count), region.int32(count)]
  const [from, to] = [cells.byteOffset, out.byteOffset]
  const found = kernels.newCells(keys.byteOffset, 2, from, rows.byteOffset, rows.length, to, at.byteOffset)
  const got = Array.from({ length: found }, (_, i) => [at[i], out[i]])
  expect(got, `seed ${seed}`).toEqual([...expected])
  for (const cell of expected.keys()) expect(cells[cell]).toBe(-2)
  region.free()
})
