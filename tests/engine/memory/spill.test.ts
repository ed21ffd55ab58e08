import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpillReader, SpillWriter } from '../../../engine/batch/index.ts'
import { EngineError } from '../../../engine/errors.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { field, listType, mapType, structType, types } from '../../../engine/types/index.ts'
import { KEY_TYPES, randomValue } from '../operators/random-values.ts'
import { makeColumn, type Row, randomFrom, rowsOf, show } from '../operators/run-operator.ts'

let localDir: string

beforeEach(() => {
  localDir = mkdtempSync(join(tmpdir(), 'millrace-spill-test-'))
})
afterEach(() => {
  rmSync(localDir, { recursive: true, force: true })
})

function poolOf(localDirBytes?: number): MemoryPool {
  return MemoryPool.create({ limitBytes: 64 << 20, poison: true, localDir, localDirBytes })
}

const TYPES = [
  ...KEY_TYPES,
  mapType(types.string, types.int64),
  listType(listType(types.string)),
  structType([field('x', listType(types.boolean)), field('y', structType([field('z', types.float32)]))]),
]

describe('spilled batches', () => {
  test('come back as they were, in any order, from this thread and another', () => {
    const seed = Math.floor(Math.random() * 1e9)
    const random = randomFrom(seed)
    const pool = poolOf()
    const writer = new SpillWriter(pool.spill.createFile(7), pool.createRegion(), () => {})
    const scratch = pool.createRegion()
    const written = Array.from({ length: 30 }, () => {
      scratch.reset()
      const rowCount = Math.floor(random() ** 3 * 1000)
      const rows: Row[] = Array.from({ length: rowCount }, () =>
        TYPES.map((type) => randomValue(type, random)),
      )
      const columns = TYPES.map((type, index) =>
        makeColumn(
          type,
          rows.map((row) => row[index] ?? null),
          scratch,
          random,
        ),
      )
      return { rows, spilled: writer.write({ rowCount, columns }) }
    })
    const readers = [
      new SpillReader(pool, writer.tables, () => pool.createRegion(), writer.file),
      new SpillReader(pool, structuredClone(writer.tables), () => pool.createRegion()),
    ]
    for (const reader of readers) {
      for (let i = 0; i < 60; i++) {
        const { rows, spilled } = written[Math.floor(random() * written.length)]!
        scratch.reset()
        const batch = reader.read(spilled, scratch)
        expect(batch.columns.map(({ nullCount }) => nullCount)).toEqual(
          TYPES.map((_, index) => rows.filter((row) => row[index] === null).length),
        )
        expect(rowsOf(batch).map(show), `seed ${seed}`).toEqual(rows.map(show))
      }
      reader.free()
    }
    writer.free()
    scratch.free()
    expect(pool.usedBytes).toBe(0)
    expect(pool.spill.usedBytes).toBe(0)
    expect(pool.spill.fileCount).toBe(0)
  })

  test('write a dictionary once, and codes as narrow as it is small', () => {
    const pool = poolOf()
    const region = pool.createRegion()
    const writer = new SpillWriter(pool.spill.createFile(1), pool.createRegion(), () => {})
    const values = Array.from({ length: 1000 }, (_, i) => ['north', 'south', null][i % 3]!)
    const column = makeColumn(types.string, values, region, () => 0.8)
    expect(column.encoding).toBe('dictionary')
    const first = writer.write({ rowCount: 1000, columns: [column] })
    const second = writer.write({ rowCount: 1000, columns: [column] })
    expect(first.bytes).toBe(second.bytes)
    expect(first.bytes).toBeLessThan(1000 + 125 + 64)
    expect(second.offset).toBe(first.offset + first.bytes)
    expect(writer.tables.dictionaries).toHaveLength(1)
    writer.free()
    region.free()
    expect(pool.usedBytes).toBe(0)
  })

  test('of a sliced text column keep the slice only', () => {
    const pool = poolOf()
    const region = pool.createRegion()
    const writer = new SpillWriter(pool.spill.createFile(1), pool.createRegion(), () => {})
    const whole = makeColumn(types.string, ['aa', 'bbb', null, 'cccc'], region)
    if (whole.encoding !== 'bytes') throw new Error('a plain text column')
    const tail = { ...whole, length: 1, nullCount: 0, validity: null, offsets: whole.offsets.subarray(3) }
    const spilled = writer.write({ rowCount: 1, columns: [tail] })
    const reader = new SpillReader(pool, writer.tables, () => pool.createRegion(), writer.file)
    expect(rowsOf(reader.read(spilled, region))).toEqual([['cccc']])
    reader.free()
    writer.free()
    region.free()
  })
})

describe('SpillFolder', () => {
  test('is made with the first file and gone at the end', () => {
    const pool = poolOf()
    expect(readdirSync(localDir)).toEqual([])
    const file = pool.spill.createFile(3)
    file.append([new Uint8Array(10), new Uint8Array(5)])
    expect(pool.spill.usedBytes).toBe(15)
    expect(existsSync(file.path)).toBe(true)
    pool.spill.remove()
    expect(readdirSync(localDir)).toEqual([])
    file.close()
  })

  test('removes what a job left, and nothing of another', () => {
    const pool = poolOf()
    const [left, other] = [pool.spill.createFile(1), pool.spill.createFile(11)]
    left.append([new Uint8Array(1000)])
    other.append([new Uint8Array(1)])
    pool.freeTag(1)
    expect([existsSync(left.path), existsSync(other.path)]).toEqual([false, true])
    expect(pool.spill.usedBytes).toBe(1)
    left.remove()
    expect([pool.spill.fileCount, pool.spill.usedBytes]).toEqual([1, 1])
    other.remove()
    expect([pool.spill.fileCount, pool.spill.usedBytes]).toEqual([0, 0])
  })

  test('sweeps folders of processes that are gone', () => {
    const [stale, alive] = [
      join(localDir, 'millrace-999999999-0123456789ab'),
      join(localDir, 'millrace-1-notes'),
    ]
    mkdirSync(stale)
    mkdirSync(alive)
    poolOf().spill.createFile(1).remove()
    expect([existsSync(stale), existsSync(alive)]).toEqual([false, true])
  })

  test('says what to do when the space is used up, and gives back what was not written', () => {
    const pool = poolOf(1000)
    const file = pool.spill.createFile(1)
    file.append([new Uint8Array(600)])
    const tooMuch = (): unknown => file.append([new Uint8Array(600)])
    expect(tooMuch).toThrow(/no space for spilled rows is left in ".*": the limit of 1000 bytes is reached/)
    try {
      tooMuch()
    } catch (error) {
      expect(error).toBeInstanceOf(EngineError)
      expect((error as EngineError).code).toBe('RESOURCES_EXHAUSTED')
      expect((error as EngineError).hint).toContain('--local-dir')
    }
    expect(pool.spill.usedBytes).toBe(600)
    file.append([new Uint8Array(400)])
    file.remove()
    expect(pool.spill.usedBytes).toBe(0)
  })

  test('names a folder that cannot be made', () => {
    const pool = MemoryPool.create({ limitBytes: 1 << 20, localDir: '/dev/null/x' })
    expect(() => pool.spill.createFile(1)).toThrow(/folder "\/dev\/null\/x" for spilled rows cannot be used/)
  })
})

describe('shouldSpill', () => {
  const MIB = 1 << 20
  const cases = [
    { held: 10, others: 0, extra: 0, keepFree: 0, spills: false, why: 'less than what is free' },
    { held: 31, others: 0, extra: 0, keepFree: 0, spills: true, why: 'more than what is free' },
    { held: 10, others: 45, extra: 0, keepFree: 0, spills: true, why: 'others hold the most' },
    { held: 0.5, others: 62, extra: 0, keepFree: 0, spills: false, why: 'too little to be worth a file' },
    { held: 20, others: 0, extra: 12, keepFree: 0, spills: true, why: 'what comes next does not fit' },
    { held: 10, others: 20, extra: 0, keepFree: 0.5, spills: true, why: 'half must stay free' },
    { held: 10, others: 5, extra: 0, keepFree: 0.5, spills: false, why: 'half is free' },
  ]
  for (const { held, others, extra, keepFree, spills, why } of cases)
    test(`${spills ? 'spills' : 'keeps rows'}: ${why}`, () => {
      const pool = poolOf()
      pool.reserve((held + others) * MIB)
      expect(pool.shouldSpill(held * MIB, extra * MIB, keepFree)).toBe(spills)
    })
})
