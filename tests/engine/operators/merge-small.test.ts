import { expect, test } from 'vitest'
import { copyBatch, type RecordBatch } from '../../../engine/batch/index.ts'
import type { MemoryPool } from '../../../engine/memory/index.ts'
import { mergeBlocks, mergeSmall } from '../../../engine/operators/merge-small.ts'
import { types } from '../../../engine/types/index.ts'
import {
  makeColumn,
  type Row,
  randomFrom,
  rowsOf,
  schemaFor,
  showRows,
  taskContext,
  testPool,
} from './run-operator.ts'

const COLUMN_TYPES = [types.int32, types.string]

/** Batches of so many rows in regions that are freed as soon as the next one is asked for. */
async function* batchesOf(
  sizes: readonly number[],
  pool: MemoryPool,
  rows: Row[],
): AsyncIterable<RecordBatch> {
  const random = randomFrom(7)
  for (const size of sizes) {
    const region = pool.createRegion()
    const made = Array.from({ length: size }, (): Row => {
      const number = Math.floor(random() * 50)
      return [number, number % 7 === 0 ? null : `text ${number}`]
    })
    rows.push(...made)
    const columns = COLUMN_TYPES.map((type, index) =>
      makeColumn(
        type,
        made.map((row) => row[index]!),
        region,
        random,
      ),
    )
    yield { rowCount: size, columns }
    region.free()
  }
}

test.each([
  ['nothing', [], []],
  ['no rows', [0, 0, 0], []],
  ['the first rows at once', [0, 5, 7, 9], [5, 16]],
  ['sixteen at most', [1, ...Array(40).fill(3)], [1, 48, 48, 24]],
  ['until there are enough', [1, 8000, 8000, 8000, 10], [1, 24000, 10]],
  ['large ones as they are, in their order', [1, 10, 20, 9000, 30, 65536, 2], [1, 30, 9000, 30, 65536, 2]],
])('mergeSmall() gives %s', async (_, sizes, expected) => {
  const pool = testPool()
  const [rows, given]: [Row[], Row[]] = [[], []]
  const counts: number[] = []
  for await (const batch of mergeSmall(
    batchesOf(sizes, pool, rows),
    schemaFor(COLUMN_TYPES),
    taskContext(pool),
  )) {
    counts.push(batch.rowCount)
    given.push(...rowsOf(batch))
  }
  expect(counts).toEqual(expected)
  expect(showRows(given)).toEqual(showRows(rows))
  expect(pool.usedBytes).toBe(0)
})

test.each([
  ['small ones together', [3, 5, 7], [15]],
  ['large ones as they are, in their order', [3, 2000, 5, 7, 65536], [3, 2000, 12, 65536]],
  ['one as it is', [9], [9]],
  ['sixteen at most', Array(20).fill(2), [32, 8]],
])('mergeBlocks() gives %s', async (_, sizes, expected) => {
  const pool = testPool()
  const rows: Row[] = []
  const kept = pool.createRegion()
  const blocks: RecordBatch[] = []
  for await (const batch of batchesOf(sizes, pool, rows)) blocks.push(copyBatch(batch, kept))
  const given: Row[] = []
  const counts: number[] = []
  for (const batch of mergeBlocks(blocks, schemaFor(COLUMN_TYPES), taskContext(pool))) {
    counts.push(batch.rowCount)
    given.push(...rowsOf(batch))
  }
  expect(counts).toEqual(expected)
  expect(showRows(given)).toEqual(showRows(rows))
  kept.free()
  expect(pool.usedBytes).toBe(0)
})
