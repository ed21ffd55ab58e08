import { expect, test } from 'vitest'
import { valueReader } from '../../../../engine/batch/index.ts'
import type { ColumnPredicate } from '../../../../engine/connect/index.ts'
import {
  planRowGroupsWithBloomFilters,
  readParquetMetadata,
  readRowGroup,
} from '../../../../engine/formats/parquet/index.ts'
import { xxhash64 } from '../../../../engine/formats/parquet/xxhash64.ts'
import { MemoryPool } from '../../../../engine/memory/index.ts'
import { field, listType, types, type Value } from '../../../../engine/types/index.ts'
import { memoryFile } from './memory-file.ts'
import { writeRows } from './round-trip.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, poison: true })

const schema = {
  fields: [
    field('n', types.int64),
    field('text', types.string),
    field('list', listType(types.int32)),
    field('few', types.string),
  ],
}
const rows: Value[][] = Array.from({ length: 5000 }, (_, i) => [
  BigInt(i * 2),
  i % 10 === 0 ? null : `text ${i}`.padEnd(40 + (i % 50), '-'),
  i % 7 === 0 ? null : Array.from({ length: i % 4 }, (_, j) => i + j),
  `few ${i % 3}`,
])

for (const dataPageVersion of [1, 2] as const)
  test(`readRowGroup() leaves out pages and keeps columns in step, page version ${dataPageVersion}`, async () => {
    // Pages of different columns end at different rows, as their bytes fill up.
    const options = { pageBytes: 600, dataPageVersion, dictionary: dataPageVersion === 1 }
    const file = memoryFile(await writeRows(pool, schema, rows, options, 7))
    const metadata = await readParquetMetadata(file)
    for (const [from, to] of [
      [0n, 20n],
      [3000n, 3100n],
      [9990n, 20_000n],
      [-10n, -1n],
    ] as const) {
      const predicates: ColumnPredicate[] = [
        { column: 'n', op: '>=', values: [from] },
        { column: 'N', op: '<=', values: [to] },
      ]
      const region = pool.createRegion()
      const seen: Value[][] = []
      const counts: Record<string, number> = {}
      const count = (metric: string, amount: number) => {
        counts[metric] = (counts[metric] ?? 0) + amount
      }
      const names = ['text', 'list', 'n', 'few']
      for await (const batch of readRowGroup(file, metadata, 0, names, {
        region,
        predicates,
        count,
        batchRows: 11,
      })) {
        const readers = batch.columns.map(valueReader)
        for (let row = 0; row < batch.rowCount; row++) seen.push(readers.map((read) => read(row)))
      }
      region.free()
      const wanted = rows.filter(([n]) => (n as bigint) >= from && (n as bigint) <= to)
      const found = seen.filter(([, , n]) => (n as bigint) >= from && (n as bigint) <= to)
      expect(found).toEqual(wanted.map(([n, text, list, few]) => [text, list, n, few]))
      expect(seen.length).toBeLessThan(wanted.length + 2000)
      expect(counts['rowsSkipped']).toBe(rows.length - seen.length)
      expect(pool.usedBytes).toBe(0)
    }
  })

test('planRowGroupsWithBloomFilters() leaves out row groups without the value', async () => {
  const options = { rowGroupRows: 1000, bloomFilterColumns: ['text', 'n'] }
  const shuffled = rows.map((row, i) => [BigInt(((i * 7919) % 5000) * 2), ...row.slice(1)])
  const file = memoryFile(await writeRows(pool, schema, shuffled, options))
  const metadata = await readParquetMetadata(file)
  for (const i of [1, 777, 4321]) {
    const group = Math.floor(i / 1000)
    const byNumber: ColumnPredicate = { column: 'n', op: '=', values: [shuffled[i]![0]!] }
    const byText: ColumnPredicate = { column: 'text', op: 'in', values: [shuffled[i]![1]!] }
    const kept = await planRowGroupsWithBloomFilters(file, metadata, [byNumber])
    expect(kept).toContain(group)
    expect(kept.length).toBeLessThan(4)
    expect(await planRowGroupsWithBloomFilters(file, metadata, [byText])).toContain(group)
  }
  const absent: ColumnPredicate = { column: 'n', op: 'in', values: [1001n, 2003n] }
  expect((await planRowGroupsWithBloomFilters(file, metadata, [absent])).length).toBeLessThan(3)
})

test('xxhash64() gives the published values', () => {
  expect(xxhash64(new Uint8Array(0))).toBe(0xef46db3751d8e999n)
  expect(xxhash64(Buffer.from('abc'))).toBe(0x44bc2cf5ad770999n)
})
