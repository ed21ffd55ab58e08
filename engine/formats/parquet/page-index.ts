import type { ColumnPredicate, RandomAccessFile } from '../../connect/index.ts'
import { EngineError } from '../../errors.ts'
import { columnIndex, offsetIndex } from './format.ts'
import type { ByteRange, ChunkMetadata, ParquetMetadata } from './metadata.ts'
import { boundsMayMatch, leafOf } from './prune.ts'
import type { Leaf } from './schema.ts'
import { type ColumnBounds, decodeBound } from './statistics.ts'
import type { ThriftType } from './thrift.ts'
import { ThriftReader } from './thrift-io.ts'

/** Rows [from, to) of a row group. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/** A data page by its rows and bytes. */
export interface PageLocation extends RowRange, ByteRange {}

/**
 * Rows of a row group that may satisfy all predicates, by the bounds of pages; ascending, never touching. All
 * rows where a file has no page index, or a malformed one: what only helps to skip must not keep a file from
 * being read.
 */
export async function selectRows(
  file: RandomAccessFile,
  metadata: ParquetMetadata,
  rowGroupIndex: number,
  predicates: readonly ColumnPredicate[],
): Promise<readonly RowRange[]> {
  const group = metadata.rowGroups[rowGroupIndex]!
  let selected: readonly RowRange[] = group.rowCount === 0 ? [] : [{ from: 0, to: group.rowCount }]
  for (const predicate of predicates) {
    const leaf = leafOf(metadata, predicate.column)
    if (leaf === null) continue
    const pages = await pageBoundsOf(file, group.chunks[leaf.index]!, leaf, group.rowCount)
    if (pages === null) continue
    const kept = pages.filter(({ from, to, bounds }) => boundsMayMatch(bounds, to - from, leaf, predicate))
    selected = intersect(selected, joined(kept))
  }
  return selected
}

/** A data page by its rows and what they lie between. */
interface PageBounds extends RowRange {
  readonly bounds: ColumnBounds
}

/** Page indexes that were read, kept as long as the footer that tells where they lie. */
const knownBounds = new WeakMap<ChunkMetadata, readonly PageBounds[] | null>()
const knownLocations = new WeakMap<ChunkMetadata, readonly PageLocation[] | null>()

async function pageBoundsOf(
  file: RandomAccessFile,
  chunk: ChunkMetadata,
  leaf: Leaf,
  rowCount: number,
): Promise<readonly PageBounds[] | null> {
  let bounds = knownBounds.get(chunk)
  if (bounds === undefined) {
    bounds = await readPageBounds(file, chunk, leaf, rowCount)
    knownBounds.set(chunk, bounds)
  }
  return bounds
}

async function readPageBounds(
  file: RandomAccessFile,
  chunk: ChunkMetadata,
  leaf: Leaf,
  rowCount: number,
): Promise<readonly PageBounds[] | null> {
  if (chunk.columnIndex === null) return null
  const pages = await pageLocationsOf(file, chunk, rowCount)
  const index = pages === null ? null : await readIndex(file, chunk.columnIndex, columnIndex)
  if (pages === null || index === null) return null
  const { nullPages, minValues, maxValues, nullCounts } = index
  if ([nullPages, minValues, maxValues].some((list) => list.length !== pages.length)) return null
  return pages.map(({ from, to }, i) => {
    const isNull = nullPages[i] === true
    const nullCount = isNull ? to - from : (nullCounts?.[i] ?? null)
    const min = isNull ? null : decodeBound(minValues[i], leaf)
    const max = isNull ? null : decodeBound(maxValues[i], leaf)
    return { from, to, bounds: { min, max, nullCount } }
  })
}

/** The data pages of a chunk, or null if the file does not tell. */
export async function pageLocationsOf(
  file: RandomAccessFile,
  chunk: ChunkMetadata,
  rowCount: number,
): Promise<readonly PageLocation[] | null> {
  let pages = knownLocations.get(chunk)
  if (pages === undefined) {
    pages = await readPageLocations(file, chunk, rowCount)
    knownLocations.set(chunk, pages)
  }
  return pages
}

async function readPageLocations(
  file: RandomAccessFile,
  chunk: ChunkMetadata,
  rowCount: number,
): Promise<readonly PageLocation[] | null> {
  const index = chunk.offsetIndex === null ? null : await readIndex(file, chunk.offsetIndex, offsetIndex)
  if (index === null || index.pages.length === 0 || index.pages[0]!.firstRow !== 0) return null
  const pages = index.pages.map(({ offset, compressedBytes, firstRow }, i) => ({
    offset,
    sizeBytes: compressedBytes,
    from: firstRow,
    to: index.pages[i + 1]?.firstRow ?? rowCount,
  }))
  const end = chunk.offset + chunk.sizeBytes
  const isSound = pages.every(({ offset, sizeBytes, from, to }, i) => {
    const before = i === 0 ? chunk.offset : pages[i - 1]!.offset + pages[i - 1]!.sizeBytes
    return from < to && to <= rowCount && sizeBytes > 0 && offset >= before && offset + sizeBytes <= end
  })
  return isSound ? pages : null
}

async function readIndex<T>(
  file: RandomAccessFile,
  range: ByteRange,
  type: ThriftType<T>,
): Promise<T | null> {
  const bytes = new Uint8Array(range.sizeBytes)
  await file.read(range.offset, bytes)
  try {
    return type.read(new ThriftReader(bytes, { path: file.path, offset: range.offset }))
  } catch (error) {
    if (error instanceof EngineError && error.code === 'CORRUPT_FILE') return null
    throw error
  }
}

/** Ranges in ascending order, those that touch made one. */
function joined(ranges: readonly RowRange[]): RowRange[] {
  const out: RowRange[] = []
  for (const { from, to } of ranges) {
    const last = out.at(-1)
    if (last !== undefined && last.to >= from) out[out.length - 1] = { from: last.from, to }
    else out.push({ from, to })
  }
  return out
}

function intersect(a: readonly RowRange[], b: readonly RowRange[]): RowRange[] {
  const out: RowRange[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const from = Math.max(a[i]!.from, b[j]!.from)
    const to = Math.min(a[i]!.to, b[j]!.to)
    if (from < to) out.push({ from, to })
    if (a[i]!.to < b[j]!.to) i++
    else j++
  }
  return out
}

/** Rows of the ranges that lie in [from, to). */
export function rowsWithin(ranges: readonly RowRange[], from: number, to: number): number {
  let count = 0
  for (const range of ranges) count += Math.max(0, Math.min(range.to, to) - Math.max(range.from, from))
  return count
}
