import { describe, expect, test } from 'vitest'
import {
  chainedPairs,
  codesOfHashes,
  dropNullCodes,
  FIND_SCRATCH_BYTES,
  findBits,
  findDirect,
  findHash32,
  findHash64,
  flagFound,
  type IntegerArray,
  insertBits,
  insertDirect,
  insertHash,
  keepRows,
  keyCodes,
  keyRange,
  markChains,
  markRows,
  rowsFlagged,
  uniquePairs,
} from '../../../engine/kernels/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import { codesTwin, pairsTwin, tableTwin } from './twins/join.ts'
import { randomFrom } from './twins/random.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))

function inRegion(run: (region: Region) => void): void {
  const region = pool.createRegion()
  try {
    run(region)
  } finally {
    region.free()
  }
}

/** A key column of a width in bytes; null where the bitmap says so. */
function column(
  width: 1 | 2 | 4 | 8,
  length: number,
  nullShare: number,
  region: Region,
  random: () => number,
) {
  const make = {
    1: () => region.int8(length),
    2: () => region.int16(length),
    4: () => region.int32(length),
    8: () => region.int64(length),
  }
  const keys: IntegerArray = make[width]()
  const validity = nullShare === 0 ? null : region.bitmap(length)
  const values: (bigint | null)[] = []
  for (let i = 0; i < length; i++) {
    const key = Math.floor(random() * 100) - 50
    keys[i] = (width === 8 ? BigInt(key) : key) as never
    const isNull = random() < nullShare
    if (!isNull && validity !== null) validity[i >> 3]! |= 1 << (i & 7)
    values.push(isNull ? null : BigInt(key))
  }
  return { keys, validity, values }
}

describe.each([1, 2, 4, 8] as const)('keys of %i bytes', (width) => {
  test.each([0, 1, 63, 1000])('range and codes of %i rows are those of the twin', (length) => {
    const random = randomFrom(seed)
    for (const nullShare of [0, 0.3, 1])
      for (const bits of [32, 64] as const)
        inRegion((region) => {
          const label = `seed ${seed}, ${nullShare} NULLs, ${bits} bits`
          const [a, b] = [
            column(width, length, nullShare, region, random),
            column(4, length, 0.1, region, random),
          ]
          const spec = region.int64(2)
          const known = a.values.filter((value) => value !== null)
          expect(keyRange(pool, a.keys, a.validity, length, spec), label).toBe(known.length)
          if (known.length > 0) {
            const sorted = known.sort((x, y) => Number(x - y))
            expect([...spec], label).toEqual([sorted[0], sorted.at(-1)])
          }
          const specs = region.int64(4)
          specs.set([-20n, 41n, -50n, 90n])
          const out = bits === 32 ? region.int32(length) : region.int64(length)
          keyCodes(pool, a.keys, a.validity, length, specs.subarray(0, 2), false, out)
          keyCodes(pool, b.keys, b.validity, length, specs.subarray(2), true, out)
          const twin = codesTwin(
            [a.values, b.values],
            [
              [-20n, 41n],
              [-50n, 90n],
            ],
          )
          expect([...out].map(BigInt), label).toEqual(twin)
        })
  })
})

test('hashes lose their sign, and NULLs their code', () =>
  inRegion((region) => {
    const codes = region.int32(3)
    codes.set([-1, 5, -2147483648])
    codesOfHashes(pool, codes, 3)
    expect([...codes]).toEqual([0x7fffffff, 5, 0])
    const validity = region.bitmap(3)
    validity[0] = 0b101
    dropNullCodes(pool, codes, validity, 3)
    expect([...codes]).toEqual([0x7fffffff, -1, 0])
  }))

/** Codes below 0 now and then, others out of `distinct`. */
function codesFor(bits: 32 | 64, length: number, distinct: number, region: Region, random: () => number) {
  const codes = bits === 32 ? region.int32(length) : region.int64(length)
  const factor = bits === 32 ? 1n : 0x1_0000_0001n
  for (let i = 0; i < length; i++) {
    const code = BigInt(Math.floor(random() * distinct * 1.1 - distinct * 0.1))
    codes[i] = (bits === 32 ? Number(code) : code < 0n ? code : code * factor) as never
  }
  return codes
}

const TABLES = {
  direct: { bits: 32, insert: insertDirect, size: (_rows: number, distinct: number) => distinct },
  hash32: { bits: 32, insert: insertHash, size: (rows: number) => 2 * Math.ceil(rows * 1.3 + 1) },
  hash64: { bits: 64, insert: insertHash, size: (rows: number) => 2 * Math.ceil(rows * 1.3 + 1) },
} as const

describe.each(['direct', 'hash32', 'hash64'] as const)('%s table', (kind) => {
  test.each([
    [0, 10, 5],
    [1, 1, 3],
    [500, 40, 700],
    [3000, 100_000, 5000],
  ])('%i rows of %i keys give %i probe rows what the twin gives', (length, distinct, probes) => {
    const random = randomFrom(seed)
    inRegion((region) => {
      const { bits, insert, size } = TABLES[kind]
      const codes = codesFor(bits, length, distinct, region, random)
      const probe = codesFor(bits, probes, distinct, region, random)
      const slots = region.int32(size(length, distinct)).fill(0)
      const next = region.int32(length)
      const repeated = insert(pool, codes as never, length, slots, next)
      const table = tableTwin([...codes].map(BigInt))
      const rows = [...table.values()]
      expect(repeated, `seed ${seed}`).toBe(rows.reduce((sum, { length: count }) => sum + count - 1, 0))
      const found = region.int32(probes)
      const scratch = region.uint8(FIND_SCRATCH_BYTES)
      if (kind === 'direct') findDirect(pool, probe as Int32Array, probes, slots, found)
      else if (kind === 'hash32') findHash32(pool, probe as Int32Array, probes, slots, scratch, found)
      else findHash64(pool, probe as BigInt64Array, probes, slots, codes as BigInt64Array, scratch, found)
      const heads = [...probe].map((code) => table.get(BigInt(code))?.[0] ?? -1)
      expect([...found], `seed ${seed}`).toEqual(heads)
      const pairs: [number, number][] = []
      const [left, right, cursor] = [region.int32(37), region.int32(37), region.int32(2)]
      cursor.set([0, -1])
      while (cursor[0]! < probes) {
        const count = chainedPairs(pool, found, probes, next, cursor, left, right)
        for (let i = 0; i < count; i++) pairs.push([left[i]!, right[i]!])
      }
      expect(pairs, `seed ${seed}`).toEqual(pairsTwin([...probe].map(BigInt), table))
      const marked = region.uint8(length).fill(0)
      markChains(pool, found, probes, next, marked)
      const flags = new Array(length).fill(0)
      for (const [, row] of pairs) flags[row] = 1
      expect([...marked]).toEqual(flags)
    })
  })
})

test('bits tell which codes are there', () =>
  inRegion((region) => {
    const random = randomFrom(seed)
    const codes = codesFor(32, 300, 1000, region, random) as Int32Array
    const bits = region.bitmap(1000)
    insertBits(pool, codes, 300, bits)
    const probe = codesFor(32, 500, 1000, region, random) as Int32Array
    const found = region.int32(500)
    findBits(pool, probe, 500, bits, found)
    const known = new Set([...codes].filter((code) => code >= 0))
    expect([...found], `seed ${seed}`).toEqual([...probe].map((code) => (known.has(code) ? 0 : -1)))
  }))

test('pairs, flags and positions follow the rows found', () =>
  inRegion((region) => {
    const found = region.int32(5)
    found.set([3, -1, 0, 3, -1])
    const [left, right] = [region.int32(5), region.int32(5)]
    const count = uniquePairs(pool, found, 5, left, right)
    expect([...left.subarray(0, count)]).toEqual([0, 2, 3])
    expect([...right.subarray(0, count)]).toEqual([3, 0, 3])
    const flags = region.uint8(5)
    flagFound(pool, found, 5, flags)
    expect([...flags]).toEqual([1, 0, 1, 1, 0])
    const rows = region.int32(5)
    expect([...rows.subarray(0, rowsFlagged(pool, flags, 5, 0, rows))]).toEqual([1, 4])
    expect([...rows.subarray(0, rowsFlagged(pool, flags, 5, 1, rows))]).toEqual([0, 2, 3])
    markRows(pool, right, count, flags.fill(0))
    expect([...flags]).toEqual([1, 0, 0, 1, 0])
    const indices = region.int32(2)
    indices.set([0, 2])
    keepRows(pool, left, indices, 2)
    expect([...left.subarray(0, 2)]).toEqual([0, 3])
  }))
