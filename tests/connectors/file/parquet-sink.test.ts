import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sinkOf } from '../../../connectors/index.ts'
import type { WriteRequest } from '../../../engine/connect/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { field, type Schema, types, type Value } from '../../../engine/types/index.ts'
import { testContext } from '../../engine/formats/csv/read.ts'
import { batchOf, readRows } from '../../engine/formats/parquet/round-trip.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-sink-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const schema: Schema = {
  fields: [field('id', types.int32), field('text', types.string), field('part', types.int32)],
}
const ROWS = 60_000
const BATCH_ROWS = 4000
/** Texts that do not compress well, so that row groups grow. */
const rows: readonly Value[][] = Array.from({ length: ROWS }, (_, id) => {
  const words = Array.from({ length: 12 }, (_, word) =>
    (Math.imul(id + 1, 0x9e3779b1 + 2 * word) >>> 0).toString(36),
  )
  return [id, words.join(' '), id % 3]
})

/** Writes the rows to a folder; gives the row groups of its files and the most that was held. */
async function write(name: string, limitBytes: number, partitionColumns: readonly string[]) {
  const pool = MemoryPool.create({ limitBytes, poison: true })
  const context = { ...testContext(), pool, createRegion: () => pool.createRegion() }
  const path = join(folder, name)
  const request: WriteRequest = {
    jobId: name,
    schema,
    mode: 'append',
    options: { path, compression: 'uncompressed' },
    partitionColumns,
    bucketing: undefined,
  }
  async function* batches() {
    const region = pool.createRegion()
    try {
      for (let from = 0; from < ROWS; from += BATCH_ROWS) {
        region.reset()
        yield batchOf(schema, rows.slice(from, from + BATCH_ROWS), region)
      }
    } finally {
      region.free()
    }
  }
  const sink = sinkOf('parquet')
  await sink.begin(request, context)
  const part = await sink.write(batches(), request, { partition: 0, attempt: 0 }, context)
  expect(pool.usedBytes).toBe(0)
  await sink.commit(request, [part], context)
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.parquet'),
  )
  const read = await Promise.all(
    files.map((file) => readRows(testContext().pool, readFileSync(join(path, file)))),
  )
  const groups = read.map(({ metadata }) => metadata.rowGroups.length)
  const ids = read.flatMap((file) => file.rows.map(([id]) => id as number)).sort((a, b) => a - b)
  expect(ids).toEqual(rows.map(([id]) => id))
  return { groups, peakBytes: pool.peakBytes, metrics: context.metrics }
}

test.each([
  ['one file', [], 1],
  ['a file for each partition', ['part'], 3],
] as const)(
  'open row groups count as memory, and end early where it is scarce: %s',
  async (name, columns, files) => {
    const much = await write(`${name} much`, 256 << 20, columns)
    expect(much.groups).toEqual(Array(files).fill(1))
    expect(much.peakBytes).toBeGreaterThan(5 << 20)
    const little = await write(`${name} little`, 8 << 20, columns)
    expect(little.groups.length).toBe(files)
    for (const groups of little.groups) expect(groups).toBeGreaterThan(1)
    expect(little.metrics['rowGroupsCutShort']).toBeGreaterThan(0)
  },
)
