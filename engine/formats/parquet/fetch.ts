import type { RandomAccessFile, ReadOptions } from '../../connect/index.ts'
import type { Region } from '../../memory/index.ts'
import type { ByteRange, ChunkMetadata, RowGroupMetadata } from './metadata.ts'
import type { Segment } from './page.ts'
import { pageLocationsOf, type RowRange, rowsWithin } from './page-index.ts'
import type { Leaf } from './schema.ts'

/** Ranges closer than this are read together: a seek costs more than the bytes between. */
const GAP_BYTES = 65_536

/** The largest stretch of neighbours. */
const MAX_STRETCH_BYTES = 64 << 20

/** Where reads take long to begin, so many are under way at once, and a large one goes in pieces. */
const READS_AT_ONCE = 4
const PIECE_BYTES = 8 << 20

/** The fetched pages of a leaf, and the rows that they hold. */
export interface FetchedColumn {
  readonly leaf: Leaf
  readonly segments: readonly Segment[]
  readonly rows: readonly RowRange[]
}

/** The bytes of a leaf that hold selected rows, and the rows of their pages. */
export interface ColumnPlan {
  readonly leaf: Leaf
  readonly ranges: readonly ByteRange[]
  readonly rows: readonly RowRange[]
}

/**
 * The pages of leaves that hold selected rows; whole chunks when all rows are wanted or no index tells pages.
 */
export function planColumns(
  file: RandomAccessFile,
  group: RowGroupMetadata,
  leaves: readonly Leaf[],
  selected: readonly RowRange[],
): Promise<ColumnPlan[]> {
  const wantsAll = rowsWithin(selected, 0, group.rowCount) === group.rowCount
  const plan = async (leaf: Leaf): Promise<ColumnPlan> => {
    const chunk = group.chunks[leaf.index]!
    const some = wantsAll ? null : await planPages(file, chunk, group.rowCount, selected)
    return { leaf, ...(some ?? { ranges: [chunk], rows: [{ from: 0, to: group.rowCount }] }) }
  }
  return Promise.all(leaves.map(plan))
}

/** Fetches what was planned into `region`. */
export async function fetchColumns(
  file: RandomAccessFile,
  plans: readonly ColumnPlan[],
  region: Region,
  options: ReadOptions,
): Promise<FetchedColumn[]> {
  const all = plans.flatMap(({ ranges }) => ranges)
  const bytes = await fetchRanges(file, all, region, options)
  let next = 0
  return plans.map(({ leaf, ranges, rows }) => {
    const segments = ranges.map(({ offset }) => ({ offset, bytes: bytes[next++]! }))
    return { leaf, segments, rows }
  })
}

/**
 * The dictionary page and the data pages with selected rows; null if the file does not tell where pages lie.
 */
async function planPages(
  file: RandomAccessFile,
  chunk: ChunkMetadata,
  rowCount: number,
  selected: readonly RowRange[],
): Promise<{ ranges: ByteRange[]; rows: RowRange[] } | null> {
  const pages = await pageLocationsOf(file, chunk, rowCount)
  if (pages === null) return null
  const kept = pages.filter(({ from, to }) => rowsWithin(selected, from, to) > 0)
  const dictionaryBytes = pages[0]!.offset - chunk.offset
  const dictionary = dictionaryBytes > 0 ? [{ offset: chunk.offset, sizeBytes: dictionaryBytes }] : []
  return { ranges: [...dictionary, ...kept], rows: kept }
}

/** Bytes of all ranges of all plans. */
export function plannedBytes(plans: readonly ColumnPlan[]): number {
  return plans.reduce((sum, { ranges }) => sum + ranges.reduce((own, { sizeBytes }) => own + sizeBytes, 0), 0)
}

/** Bytes of all segments. */
export function segmentBytes(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** Reads byte ranges, neighbours in one go, into `region`; gives their bytes in the order of `ranges`. */
async function fetchRanges(
  file: RandomAccessFile,
  ranges: readonly ByteRange[],
  region: Region,
  options: ReadOptions,
): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = []
  const reads: { readonly offset: number; readonly into: Uint8Array }[] = []
  const isSlow = file.latency === 'high'
  for (const stretch of stretchesOf(ranges)) {
    const { start, end } = stretch
    const buffer = region.uint8(end - start)
    const step = isSlow ? PIECE_BYTES : buffer.length
    for (let at = 0; at < buffer.length; at += step)
      reads.push({ offset: start + at, into: buffer.subarray(at, at + step) })
    for (const index of stretch.members) {
      const { offset, sizeBytes } = ranges[index]!
      bytes[index] = buffer.subarray(offset - start, offset - start + sizeBytes)
    }
  }
  const queue = reads.values()
  const readSome = async (): Promise<void> => {
    for (const { offset, into } of queue) await file.read(offset, into, options)
  }
  await allSettled(Array.from({ length: isSlow ? READS_AT_ONCE : 1 }, readSome))
  return bytes
}

/** Waits for all, so that nothing is written any more, and throws the first error. */
async function allSettled(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason
}

/** Neighbouring ranges, by index, and the bytes from the first to the last. */
interface Stretch {
  readonly start: number
  readonly end: number
  readonly members: readonly number[]
}

function stretchesOf(ranges: readonly ByteRange[]): Stretch[] {
  const order = ranges.map((_, index) => index).sort((a, b) => ranges[a]!.offset - ranges[b]!.offset)
  const stretches: Stretch[] = []
  for (let next = 0; next < order.length; ) {
    const first = next
    const start = ranges[order[first]!]!.offset
    let end = start
    for (; next < order.length; next++) {
      const { offset, sizeBytes } = ranges[order[next]!]!
      const larger = Math.max(end, offset + sizeBytes)
      if (next > first && (offset > end + GAP_BYTES || larger - start > MAX_STRETCH_BYTES)) break
      end = larger
    }
    stretches.push({ start, end, members: order.slice(first, next) })
  }
  return stretches
}
