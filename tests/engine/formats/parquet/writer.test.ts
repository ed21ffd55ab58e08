import { expect, test } from 'vitest'
import {
  dictionaryVector,
  type FlatVector,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../../../engine/batch/index.ts'
import {
  ParquetWriter,
  type ParquetWriterOptions,
  planRowGroups,
  readParquetMetadata,
  readRowGroup,
} from '../../../../engine/formats/parquet/index.ts'
import { MemoryPool, type Region } from '../../../../engine/memory/index.ts'
import { field, type Schema, types } from '../../../../engine/types/index.ts'
import { memoryFile } from './memory-file.ts'
import { readRows, writeRows } from './round-trip.ts'
import { sampleRows, sampleSchema } from './sample.ts'

const pool = MemoryPool.create({ limitBytes: 256 << 20, poison: true })

const VARIANTS: Readonly<Record<string, ParquetWriterOptions>> = {
  default: {},
  'version 2': { dataPageVersion: 2 },
  'no dictionary': { dictionary: false, codec: 'uncompressed' },
  'version 2, no dictionary': { dictionary: false, dataPageVersion: 2, codec: 'lz4_raw' },
  gzip: { codec: 'gzip', bloomFilterColumns: ['text', 'id'] },
  brotli: { codec: 'brotli' },
  'small pages': { pageRows: 10, pageBytes: 100, rowGroupRows: 333 },
  delta: {
    dataPageVersion: 2,
    encodings: {
      bool: 'rle',
      id: 'delta_binary_packed',
      int8: 'delta_binary_packed',
      int32: 'delta_binary_packed',
      int64: 'delta_binary_packed',
      ts: 'delta_binary_packed',
      text: 'delta_byte_array',
      few: 'delta_length_byte_array',
      bytes: 'delta_byte_array',
      double: 'byte_stream_split',
      float: 'byte_stream_split',
      dec38: 'byte_stream_split',
      date: 'byte_stream_split',
    },
  },
}

for (const [name, options] of Object.entries(VARIANTS))
  for (const [rowCount, nullShare] of [
    [2500, 0.2],
    [300, 0],
    [200, 0.95],
    [1, 0],
    [0, 0],
  ] as const)
    test(`ParquetWriter writes what the reader reads: ${name}, ${rowCount} rows, ${nullShare} NULL`, async () => {
      const rows = sampleRows(rowCount, nullShare, 7)
      const bytes = await writeRows(pool, sampleSchema, rows, options)
      for (const batchRows of [65_536, 3]) {
        const read = await readRows(pool, bytes, batchRows)
        expect(read.metadata.schema).toEqual(sampleSchema)
        expect(read.rows).toEqual(rows)
      }
      expect(pool.usedBytes).toBe(0)
    })

test('ParquetWriter writes the same file from dictionaries, and without memory for kernels', async () => {
  const texts = ['no', 'yes', 'x', '', 'a longer text', 'é']
  const schema: Schema = {
    fields: [field('text', types.string), field('number', types.int64), field('double', types.float64)],
  }
  const values = [texts, texts.map((_, i) => BigInt(i) * 5_000_000_000n), texts.map((_, i) => i / 3)]
  const region = pool.createRegion()
  const codes = region.int32(9000)
  const validity = region.bitmap(9000, true)
  for (let row = 0; row < 9000; row++) {
    codes[row] = (row * 7 + (row >> 8)) % texts.length
    if (row % 10 === 3) {
      codes[row] = 0
      validity[row >> 3]! &= ~(1 << (row & 7))
    }
  }
  const columns = schema.fields.map(({ type }, index) => {
    const entries = vectorBuilder(type, region)
    for (const value of values[index]!) entries.append(value)
    return dictionaryVector(9000, codes, entries.finish() as FlatVector, validity)
  })
  const flat = columns.map((column) => {
    const builder = vectorBuilder(column.type, region)
    const read = valueReader(column)
    for (let row = 0; row < 9000; row++) builder.append(read(row))
    return builder.finish()
  })
  const fileOf = async (vectors: readonly Vector[], scratch: Region | null): Promise<Buffer> => {
    const pieces: Uint8Array[] = []
    const sink = { write: async (bytes: Uint8Array) => void pieces.push(bytes.slice()) }
    const writer = new ParquetWriter(schema, sink, { pageRows: 2000, bloomFilterColumns: ['text'] })
    for (let i = 0; i < 2; i++) await writer.append({ rowCount: 9000, columns: vectors }, scratch)
    await writer.finish(scratch)
    return Buffer.concat(pieces)
  }
  const expected = await fileOf(flat, null)
  expect(Buffer.compare(await fileOf(columns, region), expected)).toBe(0)
  expect(Buffer.compare(await fileOf(flat, region), expected)).toBe(0)
  region.free()
  expect(pool.usedBytes).toBe(0)
})

test('planRowGroups() leaves out row groups by their statistics', async () => {
  const schema = { fields: [field('n', types.int64), field('s', types.string), field('x', types.float64)] }
  const rows = Array.from({ length: 100 }, (_, i) => [
    BigInt(i),
    i < 50 ? `a${i}` : null,
    i < 99 ? i : Number.NaN,
  ])
  const { metadata } = await readRows(pool, await writeRows(pool, schema, rows, { rowGroupRows: 25 }))
  const plan = (
    column: string,
    op: Parameters<typeof planRowGroups>[1][number]['op'],
    ...values: (bigint | string | number)[]
  ) => planRowGroups(metadata, [{ column, op, values }])
  expect(plan('n', '=', 30n)).toEqual([1])
  expect(plan('N', '<', 25n)).toEqual([0])
  expect(plan('n', '<=', 25n)).toEqual([0, 1])
  expect(plan('n', '>', 74n)).toEqual([3])
  expect(plan('n', '>=', 74n)).toEqual([2, 3])
  expect(plan('n', 'in', 1n, 99n, 1000n)).toEqual([0, 3])
  expect(plan('s', 'isnull')).toEqual([2, 3])
  expect(plan('s', 'isnotnull')).toEqual([0, 1])
  expect(plan('s', '=', 'a9')).toEqual([0])
  expect(plan('x', '<', 10)).toEqual([0])
  expect(plan('x', '>', 1000)).toEqual([0, 1, 2, 3])
  expect(plan('absent', '=', 1)).toEqual([0, 1, 2, 3])
})

test('ParquetWriter refuses NULL where there must be none, and an encoding that does not fit', async () => {
  const schema = { fields: [field('n', types.int64, false)] }
  await expect(writeRows(pool, schema, [[null]])).rejects.toMatchObject({
    code: 'NOT_NULL_CONSTRAINT_VIOLATION',
  })
  const options = { encodings: { n: 'delta_byte_array' } } as const
  await expect(writeRows(pool, schema, [[1n]], options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

test('readRowGroup() gives rows without columns, columns in any order, and the first of a name ignoring case', async () => {
  const bytes = await writeRows(pool, sampleSchema, sampleRows(10, 0.2, 3))
  expect((await readRows(pool, bytes, 4, [])).rows).toEqual(Array.from({ length: 10 }, () => []))
  const { rows } = await readRows(pool, bytes, 4, ['struct', 'ID'])
  expect(rows.map(([, id]) => id)).toEqual(Array.from({ length: 10 }, (_, i) => BigInt(i)))
  await expect(readRows(pool, bytes, 4, ['ids'])).rejects.toMatchObject({ code: 'UNRESOLVED_COLUMN' })
  expect(pool.usedBytes).toBe(0)
})

test('readRowGroup() frees its memory when the reader stops early', async () => {
  const file = memoryFile(await writeRows(pool, sampleSchema, sampleRows(50, 0.2, 3)))
  const region = pool.createRegion()
  const metadata = await readParquetMetadata(file)
  for await (const batch of readRowGroup(file, metadata, 0, ['id', 'structs'], { region, batchRows: 7 })) {
    expect(batch.rowCount).toBe(7)
    break
  }
  region.free()
  expect(pool.usedBytes).toBe(0)
})

test('readRowGroup() gives fewer rows at a time where they are long', async () => {
  const schema: Schema = { fields: [field('id', types.int64), field('text', types.string)] }
  const rows = Array.from({ length: 4000 }, (_, i) => [BigInt(i), `${i} ${'a long text '.repeat(40)}`])
  const bytes = await writeRows(pool, schema, rows, { dictionary: false })
  const small = MemoryPool.create({ limitBytes: 16 << 20, poison: true })
  const [file, region] = [memoryFile(bytes), small.createRegion()]
  const metadata = await readParquetMetadata(file)
  const countsOf = async (columns: readonly string[]): Promise<number[]> => {
    const counts: number[] = []
    for await (const { rowCount } of readRowGroup(file, metadata, 0, columns, { region }))
      counts.push(rowCount)
    return counts
  }
  expect(Math.max(...(await countsOf(['id', 'text'])))).toBeLessThan(1100)
  expect(await countsOf(['id'])).toEqual([4000])
  region.free()
  expect(small.usedBytes).toBe(0)
})
