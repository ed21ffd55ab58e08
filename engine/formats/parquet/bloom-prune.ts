import type { ColumnPredicate, RandomAccessFile } from '../../connect/index.ts'
import { EngineError } from '../../errors.ts'
import type { Value } from '../../types/index.ts'
import { BloomFilter, MAX_BLOOM_BYTES } from './bloom-filter.ts'
import { bloomFilterHeader } from './format.ts'
import type { ByteRange, ParquetMetadata } from './metadata.ts'
import { leafOf, planRowGroups } from './prune.ts'
import type { Leaf } from './schema.ts'
import { ThriftReader } from './thrift-io.ts'
import { xxhash64 } from './xxhash64.ts'

/** As `planRowGroups`, and by bloom filters too, which it reads from the file for `=` and `in`. */
export async function planRowGroupsWithBloomFilters(
  file: RandomAccessFile,
  metadata: ParquetMetadata,
  predicates: readonly ColumnPredicate[],
): Promise<number[]> {
  const kept: number[] = []
  for (const index of planRowGroups(metadata, predicates))
    if (await groupMayHold(file, metadata, index, predicates)) kept.push(index)
  return kept
}

async function groupMayHold(
  file: RandomAccessFile,
  metadata: ParquetMetadata,
  rowGroupIndex: number,
  predicates: readonly ColumnPredicate[],
): Promise<boolean> {
  for (const { column, op, values } of predicates) {
    const leaf = op === '=' || op === 'in' ? leafOf(metadata, column) : null
    const range = leaf === null ? null : metadata.rowGroups[rowGroupIndex]!.chunks[leaf.index]!.bloomFilter
    if (leaf === null || range === null) continue
    const stored = values.filter((value) => value !== null).map((value) => storedValue(value, leaf))
    if (stored.some((bytes) => bytes === null)) continue
    const filter = await readBloomFilter(file, range)
    if (filter !== null && !stored.some((bytes) => filter.has(xxhash64(bytes!)))) return false
  }
  return true
}

/** Most bytes of a header. */
const HEADER_BYTES = 64

/** Null if it is malformed or of an unknown kind. */
async function readBloomFilter(file: RandomAccessFile, range: ByteRange): Promise<BloomFilter | null> {
  const head = new Uint8Array(Math.min(HEADER_BYTES, file.sizeBytes - range.offset))
  await file.read(range.offset, head)
  const reader = new ThriftReader(head, { path: file.path, offset: range.offset })
  try {
    const { bitsetBytes, algorithm, hash, compression } = bloomFilterHeader.read(reader)
    const isKnown =
      algorithm.block !== undefined && hash.xxhash !== undefined && compression.none !== undefined
    const start = range.offset + reader.position
    const fits = bitsetBytes > 0 && bitsetBytes % 32 === 0 && bitsetBytes <= MAX_BLOOM_BYTES
    if (!isKnown || !fits || start + bitsetBytes > file.sizeBytes) return null
    const bits = new Uint8Array(bitsetBytes)
    await file.read(start, bits)
    return new BloomFilter(new Int32Array(bits.buffer))
  } catch (error) {
    if (error instanceof EngineError && error.code === 'CORRUPT_FILE') return null
    throw error
  }
}

/** A value as it is stored and hashed; null where that is not one to one. */
function storedValue(value: Value, leaf: Leaf): Uint8Array | null {
  const { conversion, physical } = leaf
  if (conversion === 'bytes') return typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array)
  const isPlain = conversion === 'copy' || conversion === 'narrow' || conversion === 'extend'
  if (!isPlain || (physical !== 'INT32' && physical !== 'INT64')) return null
  const bytes = new Uint8Array(physical === 'INT32' ? 4 : 8)
  const view = new DataView(bytes.buffer)
  if (physical === 'INT32') view.setInt32(0, Number(value), true)
  else view.setBigInt64(0, BigInt(value as bigint), true)
  return bytes
}
