import { expect, test } from 'vitest'
import { type RecordBatch, valueReader } from '../../../../engine/batch/index.ts'
import type { RowFilter } from '../../../../engine/connect/index.ts'
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

/** Rows by their id, as a filter of a scan would pick them. */
function idFilter(isWanted: (id: number) => boolean): RowFilter {
  return {
    columns: ['id'],
    select({ rowCount, columns }: RecordBatch, out: Int32Array): number {
      const id = valueReader(columns[0]!)
      let count = 0
      for (let row = 0; row < rowCount; row++) if (isWanted(Number(id(row)))) out[count++] = row
      return count
    },
  }
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
