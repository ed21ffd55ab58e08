import { BATCH_ROWS, bytesVector, fixedVector, type Vector } from '../../engine/batch/index.ts'
import {
  findDirect,
  hashKernels,
  insertDirect,
  partitionKernels,
  sortRowIds,
  takeKernels,
  VALUE_FORMS,
} from '../../engine/kernels/index.ts'
import { HashTable } from '../../engine/operators/hash-table.ts'
import { type DataType, types } from '../../engine/types/index.ts'
import { type Bench, type Kernel, randomInts, randomLongs, VALUES } from './kernel.ts'

/** Rows of a piece that is sorted: their number is half of a row's id. */
const PIECE_ROWS = 1 << 15
const WORD_BYTES = 12

/** What operators do with columns. */
export const columnKernels: readonly Kernel[] = [
  { name: 'hash int64', values: VALUES, prepare: hashLongs },
  { name: `hash string of ${WORD_BYTES}`, values: VALUES, prepare: hashWords },
  grouped('group by int64, 1000 keys', types.int64, 1000),
  grouped('group by int64, 500000 keys', types.int64, 500_000),
  grouped('group by string, 1000 keys', types.string, 1000),
  grouped('group by string, 500000 keys', types.string, 500_000),
  { name: 'join, build', values: VALUES, prepare: buildTable },
  { name: 'join, probe', values: VALUES, prepare: probeTable },
  { name: 'sort int64', values: VALUES, prepare: sortLongs },
  { name: 'take int64', values: VALUES, prepare: takeLongs },
  { name: 'partition by hash', values: VALUES, prepare: partitionRows },
]

function hashLongs(bench: Bench): () => number {
  const { pool, region } = bench
  const { hashFixed } = hashKernels(pool)
  const values = randomLongs(bench, VALUES, 1e9).byteOffset
  const out = region.int64(VALUES)
  return () => {
    hashFixed(VALUE_FORMS.int64, values, 0, VALUES, out.byteOffset, 0)
    return Number(out[0])
  }
}

interface Words {
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}

/** Texts of one length. */
function wordsOf({ region, below }: Bench, count: number, distinct: number): Words {
  const offsets = region.int32(count + 1).map((_, index) => index * WORD_BYTES)
  const bytes = region.uint8(count * WORD_BYTES)
  for (let row = 0; row < count; row++) {
    const text = below(distinct).toString().padStart(WORD_BYTES, 'customer#')
    bytes.set(Buffer.from(text), row * WORD_BYTES)
  }
  return { offsets, bytes }
}

function hashWords(bench: Bench): () => number {
  const { hashStrings } = hashKernels(bench.pool)
  const { offsets, bytes } = wordsOf(bench, VALUES, 1e9)
  const out = bench.region.int64(VALUES)
  return () => {
    hashStrings(offsets.byteOffset, bytes.byteOffset, 0, 0, VALUES, out.byteOffset, 0)
    return Number(out[0])
  }
}

/** The number of each row's key, in a new table. */
function grouped(name: string, type: DataType, distinct: number): Kernel {
  return {
    name,
    values: VALUES,
    prepare(bench) {
      const { pool, region } = bench
      const batches = type === types.string ? wordBatches(bench, distinct) : longBatches(bench, distinct)
      const numbers = region.int32(BATCH_ROWS)
      return () => {
        const own = pool.createRegion()
        const table = new HashTable([type], own, [true])
        for (const batch of batches) table.insert([batch], BATCH_ROWS, numbers)
        const { size } = table
        own.free()
        return size
      }
    },
  }
}

function longBatches(bench: Bench, distinct: number): Vector[] {
  const values = randomLongs(bench, VALUES, distinct)
  return starts().map((row) => fixedVector(types.int64, BATCH_ROWS, values.subarray(row, row + BATCH_ROWS)))
}

function wordBatches(bench: Bench, distinct: number): Vector[] {
  return starts().map(() => {
    const { offsets, bytes } = wordsOf(bench, BATCH_ROWS, distinct)
    return bytesVector(types.string, BATCH_ROWS, offsets, bytes)
  })
}

/** The first rows of batches. */
function starts(): number[] {
  return Array.from({ length: VALUES / BATCH_ROWS }, (_, index) => index * BATCH_ROWS)
}

function buildTable(bench: Bench): () => number {
  const { pool, region } = bench
  const codes = randomInts(bench, VALUES, VALUES)
  const [heads, next] = [region.int32(VALUES), region.int32(VALUES)]
  return () => insertDirect(pool, codes, VALUES, heads.fill(0), next)
}

function probeTable(bench: Bench): () => number {
  const { pool, region } = bench
  const [heads, next, out] = [region.int32(VALUES), region.int32(VALUES), region.int32(VALUES)]
  insertDirect(pool, randomInts(bench, VALUES, VALUES), VALUES, heads.fill(0), next)
  const codes = randomInts(bench, VALUES, VALUES)
  return () => {
    findDirect(pool, codes, VALUES, heads, out)
    return out[0]!
  }
}

function sortLongs(bench: Bench): () => number {
  const { pool, region } = bench
  const words = randomLongs(bench, VALUES, 1e9)
  const addresses = region.int32((2 * VALUES) / PIECE_ROWS).fill(0)
  for (let row = 0; row < VALUES; row += PIECE_ROWS)
    addresses[(2 * row) / PIECE_ROWS] = words.byteOffset + 8 * row
  const ids = region.int32(VALUES)
  return () => {
    const own = pool.createRegion()
    for (let row = 0; row < VALUES; row++)
      ids[row] = (Math.floor(row / PIECE_ROWS) << 16) | (row % PIECE_ROWS)
    sortRowIds(pool, ids, { width: 1, addresses }, own)
    own.free()
    return ids[0]!
  }
}

/** Half of the rows of each batch, ascending. */
function takeLongs(bench: Bench): () => number {
  const { pool, region } = bench
  const { take64 } = takeKernels(pool)
  const values = randomLongs(bench, 2 * VALUES, 1e9)
  const indices = region.int32(VALUES).map((_, index) => 2 * index + bench.below(2))
  const out = region.int64(BATCH_ROWS)
  return () => {
    for (let row = 0; row < VALUES; row += BATCH_ROWS)
      take64(values.byteOffset, indices.byteOffset + 4 * row, BATCH_ROWS, out.byteOffset)
    return Number(out[0])
  }
}

function partitionRows(bench: Bench): () => number {
  const { pool, region } = bench
  const { partitionsOfHashes, rowsByPartition } = partitionKernels(pool)
  const partitions = 16
  const hashes = region.int64(VALUES).map(() => (BigInt(bench.below(2 ** 31)) << 33n) | 1n)
  const [numbers, rows] = [region.int32(VALUES).byteOffset, region.int32(VALUES)]
  const [from, next] = [region.int32(partitions + 1), region.int32(partitions + 1)]
  return () => {
    partitionsOfHashes(hashes.byteOffset, VALUES, partitions, numbers)
    rowsByPartition(numbers, VALUES, partitions, from.byteOffset, next.byteOffset, rows.byteOffset)
    return rows[0]!
  }
}
