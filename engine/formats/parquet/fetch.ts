import type { RandomAccessFile } from '../../connect/index.ts'
import type { Region } from '../../memory/index.ts'
import type { ByteRange, ChunkMetadata, RowGroupMetadata } from './metadata.ts'
import type { Segment } from './page.ts'
import { pageLocationsOf, type RowRange, rowsWithin } from './page-index.ts'
import type { Leaf } from './schema.ts'

/** Ranges closer than this are read together: a seek costs more than the bytes between. */
const GAP_BYTES = 65_536

/** The largest single read. */
const MAX_READ_BYTES = 64 << 20

/** The fetched pages of a leaf, and the rows that they hold. */
export interface FetchedColumn {
  readonly leaf: Leaf
  readonly segments: readonly Segment[]
  readonly rows: readonly RowRange[]
}

/**
 * Fetches the pages of leaves that hold selected rows; whole chunks when all rows are wanted or no index
 * tells pages.
 */
export async function fetchColumns(
  file: RandomAccessFile,
  group: RowGroupMetadata,
  leaves: readonly Leaf[],
  selected: readonly RowRange[],
  region: Region,
): Promise<FetchedColumn[]> {
  const wantsAll = rowsWithin(selected, 0, group.rowCount) === group.rowCount
  const plans: { ranges: ByteRange[]; rows: RowRange[] }[] = []
  for (const leaf of leaves) {
    const chunk = group.chunks[leaf.index]!
    const some = wantsAll ? null : await planPages(file, chunk, group.rowCount, selected)
    plans.push(some ?? { ranges: [chunk], rows: [{ from: 0, to: group.rowCount }] })
  }
  const all = plans.flatMap(({ ranges }) => ranges)
  const bytes = await fetchRanges(file, all, region)
  let next = 0
  return leaves.map((leaf, index) => {
    const { ranges, rows } = plans[index]!
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

/** Bytes of all segments. */
export function segmentBytes(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** Reads byte ranges, neighbours in one go, into `region`; gives their bytes in the order of `ranges`. */
async function fetchRanges(
  file: RandomAccessFile,
  ranges: readonly ByteRange[],
  region: Region,
): Promise<Uint8Array[]> {
  const order = ranges.map((_, index) => index).sort((a, b) => ranges[a]!.offset - ranges[b]!.offset)
  const bytes: Uint8Array[] = []
  for (let next = 0; next < order.length; ) {
    const first = next
    const start = ranges[order[first]!]!.offset
    let end = start
    for (; next < order.length; next++) {
      const { offset, sizeBytes } = ranges[order[next]!]!
      const larger = Math.max(end, offset + sizeBytes)
      if (next > first && (offset > end + GAP_BYTES || larger - start > MAX_READ_BYTES)) break
      end = larger
    }
    const buffer = region.uint8(end - start)
    await file.read(start, buffer)
    for (const index of order.slice(first, next)) {
      const { offset, sizeBytes } = ranges[index]!
      bytes[index] = buffer.subarray(offset - start, offset - start + sizeBytes)
    }
  }
  return bytes
}
