import { BATCH_ROWS, type RecordBatch, take, type Vector } from '../../batch/index.ts'
import type { ColumnPredicate, RandomAccessFile, RowFilter } from '../../connect/index.ts'
import type { Region } from '../../memory/index.ts'
import { assemble } from './assemble.ts'
import { ColumnReader } from './column-reader.ts'
import type { Place } from './corrupt-file.ts'
import { fetchColumns, segmentBytes } from './fetch.ts'
import { columnIndexOf, type ParquetMetadata } from './metadata.ts'
import type { LeafData } from './nested-reader.ts'
import { type RowRange, rowsWithin, selectRows } from './page-index.ts'
import { leavesOf, type Shape } from './schema.ts'

/** How a row group is read. */
export interface ReadRowGroupOptions {
  /** Names the pool and job; nothing is allocated in it. */
  readonly region: Region
  /** Most rows of a batch. */
  readonly batchRows?: number
  /** Rows for which these are not all TRUE may be left out, whole pages at a time. */
  readonly predicates?: readonly ColumnPredicate[]
  /** Only rows that it selects are given. */
  readonly filter?: RowFilter | null
  /** Told of `rowsSkipped` (by pages) and `bytesRead`. */
  readonly count?: ((metric: string, amount: number) => void) | undefined
}

/**
 * The rows of one row group, `columns` by name in the order wanted (none: batches of rows without columns).
 * With `predicates`, pages that cannot hold a wanted row are not fetched. With a `filter`, its columns are
 * decoded first, and the others only where rows are left: chunks are fetched when the first row is, pages are
 * decompressed when they hold one.
 *
 * Fetched column chunks are in memory while the group is read, decoded values of one batch at a time. A batch
 * is valid until the next is asked for; all memory is free when the iteration ends, however it ends.
 */
export async function* readRowGroup(
  file: RandomAccessFile,
  metadata: ParquetMetadata,
  rowGroupIndex: number,
  columns: readonly string[],
  options: ReadRowGroupOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { region, batchRows = BATCH_ROWS, predicates = [], filter = null, count } = options
  const group = metadata.rowGroups[rowGroupIndex]!
  const chunkRegion = region.pool.createRegion(region.tag)
  const batchRegion = region.pool.createRegion(region.tag)
  const passingRegion = region.pool.createRegion(region.tag)
  try {
    const selected = await selectRows(file, metadata, rowGroupIndex, predicates)
    count?.('rowsSkipped', group.rowCount - rowsWithin(selected, 0, group.rowCount))
    const open = async (shapes: readonly Shape[]): Promise<ColumnSet> => {
      const leaves = [...new Set(shapes.flatMap(leavesOf))]
      const parts = await fetchColumns(file, group, leaves, selected, chunkRegion)
      const bytes = parts.reduce((sum, { segments }) => sum + segmentBytes(segments), 0)
      count?.('bytesRead', bytes)
      const readers = parts.map(({ leaf, segments, rows }) => {
        const chunk = group.chunks[leaf.index]!
        return new ColumnReader(leaf, rows, segments, chunk, metadata.path, chunkRegion, passingRegion)
      })
      const place = { path: metadata.path, offset: group.chunks[0]?.offset ?? 0 }
      return new ColumnSet(shapes, readers, place, batchRegion)
    }
    if (selected.length === 0) return
    const windows = windowsOf(selected, batchRows)
    if (filter === null) yield* readAll(await open(shapesOf(metadata, columns)), windows, batchRegion)
    else yield* readFiltered(metadata, columns, filter, open, windows, batchRegion)
  } finally {
    batchRegion.free()
    passingRegion.free()
    chunkRegion.free()
  }
}

function shapesOf(metadata: ParquetMetadata, columns: readonly string[]): Shape[] {
  return columns.map((name) => metadata.columns[columnIndexOf(metadata, name)]!)
}

/** The selected rows in the pieces that become batches. */
function* windowsOf(selected: readonly RowRange[], batchRows: number): Generator<RowRange> {
  for (const { from, to } of selected)
    for (let row = from; row < to; row += batchRows) yield { from: row, to: Math.min(to, row + batchRows) }
}

function* readAll(set: ColumnSet, windows: Iterable<RowRange>, region: Region): Generator<RecordBatch> {
  for (const window of windows) {
    region.reset()
    yield { rowCount: window.to - window.from, columns: set.read(window) }
  }
}

async function* readFiltered(
  metadata: ParquetMetadata,
  columns: readonly string[],
  filter: RowFilter,
  open: (shapes: readonly Shape[]) => Promise<ColumnSet>,
  windows: Iterable<RowRange>,
  region: Region,
): AsyncGenerator<RecordBatch> {
  const first = await open(shapesOf(metadata, filter.columns))
  const late = columns.filter((name) => !filter.columns.includes(name))
  let rest: ColumnSet | null = null
  for (const window of windows) {
    region.reset()
    const rowCount = window.to - window.from
    const tested = first.read(window)
    const rows = region.int32(rowCount)
    const count = filter.select({ rowCount, columns: tested }, rows)
    if (count === 0) continue
    rest ??= await open(shapesOf(metadata, late))
    const others = count === rowCount ? rest.read(window) : rest.readAt(window, rows, count)
    yield {
      rowCount: count,
      columns: columns.map((name) => {
        const index = filter.columns.indexOf(name)
        if (index < 0) return others[late.indexOf(name)]!
        return count === rowCount ? tested[index]! : take(tested[index]!, rows, count, region)
      }),
    }
  }
}

/** Columns of a row group that are read together. */
class ColumnSet {
  readonly #shapes: readonly Shape[]
  readonly #readers: readonly ColumnReader[]
  readonly #place: Place
  readonly #region: Region
  /** The row that comes next. */
  #next = 0

  /** Vectors come to lie in `region`, which the caller resets between batches. */
  constructor(shapes: readonly Shape[], readers: readonly ColumnReader[], place: Place, region: Region) {
    this.#shapes = shapes
    this.#readers = readers
    this.#place = place
    this.#region = region
  }

  /** All rows of a window, one vector a column. */
  read({ from, to }: RowRange): Vector[] {
    this.#skipTo(from)
    this.#next = to
    const leaves = new Map<number, LeafData>()
    for (const reader of this.#readers) leaves.set(reader.leaf.index, reader.read(to - from, this.#region))
    return this.#shapes.map((shape) => assemble(shape, leaves, this.#place, this.#region))
  }

  /** Of a window the rows at `rows[0 .. count)`, counted from its start. */
  readAt({ from, to }: RowRange, rows: Int32Array, count: number): Vector[] {
    this.#skipTo(from)
    this.#next = to
    const leaves = new Map<number, LeafData>()
    const picked = new Map<number, Vector>()
    for (const reader of this.#readers) {
      if (reader.isFlat) picked.set(reader.leaf.index, reader.readAt(to - from, rows, count, this.#region))
      else leaves.set(reader.leaf.index, reader.read(to - from, this.#region))
    }
    return this.#shapes.map((shape) => {
      const vector = shape.kind === 'leaf' ? picked.get(shape.leaf.index) : undefined
      if (vector !== undefined) return vector
      return take(assemble(shape, leaves, this.#place, this.#region), rows, count, this.#region)
    })
  }

  /** Passes over rows as far as a column has them: pages end elsewhere in each. */
  #skipTo(row: number): void {
    if (row === this.#next) return
    for (const reader of this.#readers)
      for (let left = rowsWithin(reader.rows, this.#next, row); left > 0; left -= BATCH_ROWS)
        reader.skip(Math.min(left, BATCH_ROWS), this.#region)
    this.#next = row
  }
}
