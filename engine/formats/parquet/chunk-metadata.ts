import { compareOf, type StoredBounds, truncateMax, truncateMin } from './bounds.ts'
import type { WriteCodec } from './codec/compress.ts'
import type { FinishedChunk } from './column-writer.ts'
import {
  CODECS,
  columnIndex,
  offsetIndex,
  PHYSICAL,
  type RawColumnChunk,
  type RawStatistics,
} from './format.ts'
import type { Leaf } from './schema.ts'
import { encodeThrift } from './thrift.ts'

/** Bounds of strings and binary are cut to this. */
const BOUND_BYTES = 64

/** The footer's entry of a chunk that is written at `position`. */
export function chunkMetadata(
  leaf: Leaf,
  chunk: FinishedChunk,
  codec: WriteCodec,
  position: number,
): RawColumnChunk {
  const dictionaryBytes = chunk.dictionaryPage?.length ?? 0
  const dataBytes = chunk.pages.reduce((sum, page) => sum + page.sizeBytes, 0)
  return {
    fileOffset: 0,
    metaData: {
      type: PHYSICAL.indexOf(leaf.physical),
      encodings: chunk.encodings,
      path: leaf.path,
      codec: CODECS.indexOf(codec),
      valueCount: chunk.entryCount,
      uncompressedBytes: chunk.uncompressedBytes,
      compressedBytes: dictionaryBytes + dataBytes,
      dataPageOffset: position + dictionaryBytes,
      ...(dictionaryBytes > 0 ? { dictionaryPageOffset: position } : {}),
      statistics: chunkStatistics(leaf, chunk),
    },
  }
}

function chunkStatistics(leaf: Leaf, { bounds, nullCount }: FinishedChunk): RawStatistics {
  const cut = truncated(leaf, bounds)
  if (bounds === null || cut === null) return { nullCount }
  return {
    nullCount,
    minValue: cut.min,
    maxValue: cut.max,
    isMinValueExact: cut.min.length === bounds.min.length,
    isMaxValueExact: cut.max === bounds.max,
  }
}

/** Null if there is no upper bound that is short enough. */
function truncated(leaf: Leaf, bounds: StoredBounds | null): StoredBounds | null {
  if (bounds === null || leaf.physical !== 'BYTE_ARRAY') return bounds
  const isText = leaf.type.kind === 'string'
  const max = truncateMax(bounds.max, BOUND_BYTES, isText)
  return max === null ? null : { min: truncateMin(bounds.min, BOUND_BYTES, isText), max }
}

/** Where the data pages of a chunk lie. */
export function encodeOffsetIndex(chunk: FinishedChunk, position: number): Uint8Array {
  let offset = position + (chunk.dictionaryPage?.length ?? 0)
  let firstRow = 0
  const pages = chunk.pages.map(({ sizeBytes, rowCount }) => {
    const page = { offset, compressedBytes: sizeBytes, firstRow }
    offset += sizeBytes
    firstRow += rowCount
    return page
  })
  return encodeThrift(offsetIndex, { pages })
}

const EMPTY = new Uint8Array(0)

/** Bounds of the data pages of a chunk; null if some page has values but no bounds. */
export function encodeColumnIndex(leaf: Leaf, chunk: FinishedChunk): Uint8Array | null {
  const nullPages = chunk.pages.map((page) => page.nullCount === page.entryCount)
  const bounds = chunk.pages.map((page) => truncated(leaf, page.bounds))
  if (bounds.some((page, index) => page === null && !nullPages[index])) return null
  return encodeThrift(columnIndex, {
    nullPages,
    minValues: bounds.map((page) => page?.min ?? EMPTY),
    maxValues: bounds.map((page) => page?.max ?? EMPTY),
    boundaryOrder: boundaryOrder(leaf, bounds),
    nullCounts: chunk.pages.map((page) => page.nullCount),
  })
}

/** 1 if bounds never fall, 2 if they never rise, 0 else. */
function boundaryOrder(leaf: Leaf, pages: readonly (StoredBounds | null)[]): number {
  const compare = compareOf(leaf)
  const bounds = pages.filter((page) => page !== null)
  let rises = true
  let falls = true
  for (let i = 1; i < bounds.length; i++) {
    const min = compare(bounds[i]!.min, bounds[i - 1]!.min)
    const max = compare(bounds[i]!.max, bounds[i - 1]!.max)
    if (min < 0 || max < 0) rises = false
    if (min > 0 || max > 0) falls = false
  }
  return rises ? 1 : falls ? 2 : 0
}
