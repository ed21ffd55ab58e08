import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { type RecordBatch, valueReader } from '../../../../engine/batch/index.ts'
import type { FilterStep, RowFilter } from '../../../../engine/connect/index.ts'
import {
  type ParquetWriterOptions,
  readParquetMetadata,
  readRowGroup,
} from '../../../../engine/formats/parquet/index.ts'
import { MemoryPool } from '../../../../engine/memory/index.ts'
import type { Value } from '../../../../engine/types/index.ts'
import { memoryFile } from './memory-file.ts'
import { randomOf, writeRows } from './round-trip.ts'
import { sampleRows, sampleSchema } from './sample.ts'

const pool = MemoryPool.create({ limitBytes: 256 << 20, startBytes: 2 ** 31, poison: true })
const SEED = Number(process.env['SEED'] ?? 11)

const VARIANTS: Readonly<Record<string, ParquetWriterOptions>> = {
  'dictionaries, small pages': { pageRows: 40 },
  'plain, version 2': { dictionary: false, dataPageVersion: 2, pageRows: 100 },
  delta: {
    pageRows: 64,
    encodings: {
      int32: 'delta_binary_packed',
      int64: 'delta_binary_packed',
      text: 'delta_byte_array',
      few: 'delta_length_byte_array',
      double: 'byte_stream_split',
      bool: 'rle',
    },
  },
}

/** Rows by the value of one column, as a filter of a scan would pick them. */
function stepOn(column: string, isWanted: (value: Value) => boolean, isByValue = true): FilterStep {
  return {
    columns: [column],
    isByValue,
    select({ rowCount, columns }: RecordBatch, out: Int32Array): number {
      const value = valueReader(columns[0]!)
      let count = 0
      for (let row = 0; row < rowCount; row++) if (isWanted(value(row))) out[count++] = row
      return count
    },
    note() {},
  }
}

/** All of some steps; in another order at each look. */
function filterOf(steps: readonly FilterStep[]): RowFilter {
  let turn = 0
  return {
    columns: [...new Set(steps.flatMap(({ columns }) => columns))],
    select(): number {
      throw new Error('the reader goes by steps')
    },
    get steps(): readonly FilterStep[] {
      turn++
      return steps.map((_, index) => steps[(index + turn) % steps.length]!)
    },
  }
}

function idFilter(isWanted: (id: number) => boolean): RowFilter {
  return filterOf([stepOn('id', (id) => isWanted(Number(id)))])
}

async function filtered(bytes: Uint8Array, columns: readonly string[], filter: RowFilter, batchRows: number) {
  const region = pool.createRegion()
  const file = memoryFile(bytes)
  const metadata = await readParquetMetadata(file)
  const rows: Value[][] = []
  const counts: Record<string, number> = {}
  const count = (metric: string, amount: number) => {
    counts[metric] = (counts[metric] ?? 0) + amount
  }
  try {
    for (let group = 0; group < metadata.rowGroups.length; group++)
      for await (const batch of readRowGroup(file, metadata, group, columns, {
        region,
        batchRows,
        filter,
        count,
      })) {
        expect(batch.rowCount).toBeLessThanOrEqual(batchRows)
        const readers = batch.columns.map(valueReader)
        for (let row = 0; row < batch.rowCount; row++) rows.push(readers.map((read) => read(row)))
      }
    return { rows, counts }
  } finally {
    region.free()
  }
}

const names = sampleSchema.fields.map(({ name }) => name)

for (const [variant, options] of Object.entries(VARIANTS))
  for (const nullShare of [0, 0.3])
    test(`readRowGroup() gives rows of a filter: ${variant}, ${nullShare} NULL, seed ${SEED}`, async () => {
      const rows = sampleRows(900, nullShare, SEED)
      const bytes = await writeRows(pool, sampleSchema, rows, { rowGroupRows: 500, ...options })
      const random = randomOf(SEED)
      const picked = rows.map(() => random())
      for (const isWanted of [
        () => true,
        () => false,
        (id: number) => picked[id]! < 0.5,
        (id: number) => picked[id]! < 0.02,
        (id: number) => id === 899,
        (id: number) => id > 130 && id < 280,
      ])
        for (const batchRows of [65_536, 77]) {
          const read = await filtered(bytes, names, idFilter(isWanted), batchRows)
          expect(read.rows).toEqual(rows.filter((_, id) => isWanted(id)))
          expect(pool.usedBytes).toBe(0)
        }
    })

/** The rows with only a few different values in most columns, so that dictionaries are worth a look. */
function withFewValues(rows: readonly Value[][], random: () => number): Value[][] {
  const kept = new Set(['id', 'text', 'int64'])
  return rows.map((row) => {
    const other = rows[Math.floor(random() * 7)]!
    return row.map((value, index) => (kept.has(names[index]!) ? value : other[index]!))
  })
}

for (const [variant, options] of Object.entries(VARIANTS))
  for (const nullShare of [0, 0.3])
    test(`readRowGroup() goes by steps of a filter: ${variant}, ${nullShare} NULL, seed ${SEED}`, async () => {
      const random = randomOf(SEED + 1)
      const rows = withFewValues(sampleRows(900, nullShare, SEED), random)
      const bytes = await writeRows(pool, sampleSchema, rows, { rowGroupRows: 500, ...options })
      for (let round = 0; round < 40; round++) {
        const share = [0.1, 0.6, 0.9, 1, 0][Math.floor(random() * 5)]!
        const tests = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
          const column = names[Math.floor(random() * names.length)]!
          const salt = Math.floor(random() * 1e6)
          const isWanted = (value: Value) => hashOf(value, salt) < share
          return { column, isWanted, isByValue: random() < 0.8 }
        })
        const steps = tests.map(({ column, isWanted, isByValue }) => stepOn(column, isWanted, isByValue))
        const wanted = rows.filter((row) =>
          tests.every(({ column, isWanted }) => isWanted(row[names.indexOf(column)]!)),
        )
        const read = await filtered(bytes, names, filterOf(steps), random() < 0.5 ? 65_536 : 77)
        expect(read.rows, `round ${round}: ${tests.map(({ column }) => column)}`).toEqual(wanted)
        expect(pool.usedBytes).toBe(0)
      }
    })

/** A number from 0 to 1 that depends on a value. */
function hashOf(value: Value, salt: number): number {
  const text = inspect(value)
  return randomOf([...text].reduce((sum, char) => Math.imul(sum, 31) + char.charCodeAt(0), salt) >>> 0)()
}

test('readRowGroup() fetches other columns only of row groups with a wanted row', async () => {
  const rows = sampleRows(400, 0, SEED)
  const bytes = await writeRows(pool, sampleSchema, rows, { rowGroupRows: 100, codec: 'uncompressed' })
  const none = await filtered(
    bytes,
    ['text'],
    idFilter(() => false),
    65_536,
  )
  const all = await filtered(
    bytes,
    ['text'],
    idFilter(() => true),
    65_536,
  )
  const one = await filtered(
    bytes,
    ['text'],
    idFilter((id) => id === 150),
    65_536,
  )
  expect(one.rows).toEqual([[rows[150]![names.indexOf('text')]]])
  expect(none.counts['bytesRead']).toBeLessThan(one.counts['bytesRead']!)
  expect(one.counts['bytesRead']).toBeLessThan(all.counts['bytesRead']!)
})
