import type { RecordBatch, Vector } from '../../batch/index.ts'
import { BATCH_ROWS } from '../../batch/index.ts'
import type { ColumnPredicate, RandomAccessFile } from '../../connect/index.ts'
import type { Region } from '../../memory/index.ts'
import { assemble } from './assemble.ts'
import { ColumnReader, type LeafData } from './column-reader.ts'
import type { Place } from './corrupt-file.ts'
import { fetchColumns, segmentBytes } from './fetch.ts'
import { columnIndexOf, type ParquetMetadata } from './metadata.ts'
import { type RowRange, rowsWithin, selectRows } from './page-index.ts'
import { type Leaf, leavesOf, type Shape } from './schema.ts'

/** How a row group is read. */
export interface ReadRowGroupOptions {
  /** Names the pool and job; nothing is allocated in it. */
  readonly region: Region
  /** Most rows of a batch. */
  readonly batchRows?: number
  /** Rows for which these are not all TRUE may be left out, whole pages at a time. */
  readonly predicates?: readonly ColumnPredicate[]
  /** Told of `rowsSkipped` (by pages) and `bytesRead`. */
  readonly count?: ((metric: string, amount: number) => void) | undefined
}

/**
 * The rows of one row group, `columns` by name in the order wanted (none: batches of rows without columns).
 * With `predicates`, pages that cannot hold a wanted row are not fetched.
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
  const { region, batchRows = BATCH_ROWS, predicates = [], count } = options
  const group = metadata.rowGroups[rowGroupIndex]!
  const shapes = columns.map((name) => metadata.columns[columnIndexOf(metadata, name)]!)
  const place = { path: metadata.path, offset: group.chunks[0]?.offset ?? 0 }
  const chunkRegion = region.pool.createRegion(region.tag)
  const batchRegion = region.pool.createRegion(region.tag)
  const passingRegion = region.pool.createRegion(region.tag)
  try {
    const selected = await selectRows(file, metadata, rowGroupIndex, predicates)
    count?.('rowsSkipped', group.rowCount - rowsWithin(selected, 0, group.rowCount))
    if (selected.length === 0) return
    const parts = await fetchColumns(file, group, leavesOfAll(shapes), selected, chunkRegion)
    count?.(
      'bytesRead',
      parts.reduce((sum, { segments }) => sum + segmentBytes(segments), 0),
    )
    const opened = parts.map(({ leaf, segments, rows }) => {
      const chunk = group.chunks[leaf.index]!
      return {
        leaf,
        rows,
        reader: new ColumnReader(segments, leaf, chunk, metadata.path, chunkRegion, passingRegion),
      }
    })
    let next = 0
    for (const { from, to } of selected) {
      skipRows(opened, next, from, batchRegion)
      for (let row = from; row < to; row += batchRows) {
        batchRegion.reset()
        const rowCount = Math.min(batchRows, to - row)
        yield { rowCount, columns: readBatch(shapes, opened, rowCount, place, batchRegion) }
      }
      next = to
    }
  } finally {
    batchRegion.free()
    passingRegion.free()
    chunkRegion.free()
  }
}

/** A column that is being read. */
interface OpenColumn {
  readonly leaf: Leaf
  readonly reader: ColumnReader
  /** The rows that its pages hold. */
  readonly rows: readonly RowRange[]
}

function leavesOfAll(shapes: readonly Shape[]): Leaf[] {
  return [...new Set(shapes.flatMap(leavesOf))]
}

/** Passes over rows [from, to) as far as a column has them: pages end elsewhere in each. */
function skipRows(columns: readonly OpenColumn[], from: number, to: number, region: Region): void {
  for (const { reader, rows } of columns)
    for (let left = rowsWithin(rows, from, to); left > 0; left -= BATCH_ROWS) {
      region.reset()
      reader.read(Math.min(left, BATCH_ROWS), region)
    }
}

function readBatch(
  shapes: readonly Shape[],
  columns: readonly OpenColumn[],
  rowCount: number,
  place: Place,
  region: Region,
): Vector[] {
  const leaves = new Map<number, LeafData>()
  for (const { leaf, reader } of columns) leaves.set(leaf.index, reader.read(rowCount, region))
  return shapes.map((shape) => assemble(shape, leaves, place, region))
}
