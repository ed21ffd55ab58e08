import type { RecordBatch, Vector } from '../../batch/index.ts'
import { BATCH_ROWS } from '../../batch/index.ts'
import type { ColumnPredicate, RandomAccessFile } from '../../connect/index.ts'
import type { Region } from '../../memory/index.ts'
import { assemble } from './assemble.ts'
import { ColumnReader, type LeafData } from './column-reader.ts'
import type { Place } from './corrupt-file.ts'
import { fetchChunks } from './fetch.ts'
import { columnIndexOf, type ParquetMetadata } from './metadata.ts'
import { leavesOf, type Shape } from './schema.ts'

/** How a row group is read. */
export interface ReadRowGroupOptions {
  /** Names the pool and job; nothing is allocated in it. */
  readonly region: Region
  /** Most rows of a batch. */
  readonly batchRows?: number
  /** Rows for which these are not all TRUE may be left out, whole pages at a time. */
  readonly predicates?: readonly ColumnPredicate[]
}

/**
 * The rows of one row group, `columns` by name in the order wanted (none: batches of rows without columns).
 * All wanted column chunks are in memory while it is read, decoded values of one batch at a time.
 * A batch is valid until the next is asked for; all memory is free when the iteration ends, however it ends.
 */
export async function* readRowGroup(
  file: RandomAccessFile,
  metadata: ParquetMetadata,
  rowGroupIndex: number,
  columns: readonly string[],
  options: ReadRowGroupOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { region, batchRows = BATCH_ROWS } = options
  const group = metadata.rowGroups[rowGroupIndex]!
  const shapes = columns.map((name) => metadata.columns[columnIndexOf(metadata, name)]!)
  const place = { path: metadata.path, offset: group.chunks[0]?.offset ?? 0 }
  const chunkRegion = region.pool.createRegion(region.tag)
  const batchRegion = region.pool.createRegion(region.tag)
  const passingRegion = region.pool.createRegion(region.tag)
  try {
    const readers = await openColumns(file, metadata, rowGroupIndex, shapes, chunkRegion, passingRegion)
    for (let row = 0; row < group.rowCount; row += batchRows) {
      batchRegion.reset()
      const rowCount = Math.min(batchRows, group.rowCount - row)
      yield { rowCount, columns: readBatch(shapes, readers, rowCount, place, batchRegion) }
    }
  } finally {
    batchRegion.free()
    passingRegion.free()
    chunkRegion.free()
  }
}

/** A reader for each leaf of the shapes, by its index. */
async function openColumns(
  file: RandomAccessFile,
  metadata: ParquetMetadata,
  rowGroupIndex: number,
  shapes: readonly Shape[],
  region: Region,
  passing: Region,
): Promise<Map<number, ColumnReader>> {
  const group = metadata.rowGroups[rowGroupIndex]!
  const leaves = [...new Set(shapes.flatMap(leavesOf))]
  const ranges = leaves.map((leaf) => group.chunks[leaf.index]!)
  const bytes = await fetchChunks(file, ranges, region)
  const readers = new Map<number, ColumnReader>()
  for (const [index, leaf] of leaves.entries()) {
    const chunk = ranges[index]!
    const segments = [{ offset: chunk.offset, bytes: bytes[index]! }]
    readers.set(leaf.index, new ColumnReader(segments, leaf, chunk, metadata.path, region, passing))
  }
  return readers
}

function readBatch(
  shapes: readonly Shape[],
  readers: ReadonlyMap<number, ColumnReader>,
  rowCount: number,
  place: Place,
  region: Region,
): Vector[] {
  const leaves = new Map<number, LeafData>()
  for (const [index, reader] of readers) leaves.set(index, reader.read(rowCount, region))
  return shapes.map((shape) => assemble(shape, leaves, place, region))
}
