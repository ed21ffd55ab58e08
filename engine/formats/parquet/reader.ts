import { BATCH_ROWS, type RecordBatch, sliceBatch, type Vector } from '../../batch/index.ts'
import type { ColumnPredicate, RandomAccessFile, RowFilter } from '../../connect/index.ts'
import type { Region } from '../../memory/index.ts'
import { ColumnReader } from './column-reader.ts'
import { ColumnRows } from './column-rows.ts'
import { type FetchedColumn, segmentBytes } from './fetch.ts'
import { paceOf } from './filter-pace.ts'
import { EntryVerdicts, FilteredRows } from './filtered-rows.ts'
import { columnIndexOf, type ParquetMetadata, type RowGroupMetadata } from './metadata.ts'
import { type RowRange, rowsWithin } from './page-index.ts'
import { RowGroupFetch } from './row-group-fetch.ts'
import { leavesOf } from './schema.ts'

/** How a row group is read. */
export interface ReadRowGroupOptions {
  /** Names the pool and job; nothing is allocated in it. */
  readonly region: Region
  /** Most rows of a batch. */
  readonly batchRows?: number
  /** Rows for which these are not all TRUE may be left out, whole pages at a time. */
  readonly predicates?: readonly ColumnPredicate[]
  /** Columns that have a dictionary with few entries are given as its codes, of any type. */
  readonly asCodes?: boolean
  /** Only rows that it selects are given. */
  readonly filter?: RowFilter | null
  /** Told of `rowsSkipped` (by pages) and `bytesRead`. */
  readonly count?: ((metric: string, amount: number) => void) | undefined
  /** Called between pieces of work, and waited for: a time for other work of this thread. */
  readonly pause?: (() => Promise<void> | null) | undefined
}

/**
 * The rows of one row group, `columns` by name in the order wanted (none: batches of rows without columns).
 * With `predicates`, pages that cannot hold a wanted row are not fetched. With a `filter`, its columns are
 * decoded first, step by step, and the others only where rows are left: chunks are fetched when the first row
 * is, pages are decompressed when they hold one.
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
  const { predicates = [], region } = options
  const fetch = new RowGroupFetch(file, metadata, rowGroupIndex, predicates, region)
  try {
    yield* readFetched(fetch, columns, options)
  } finally {
    await fetch.close()
  }
}

/** As `readRowGroup`, over a fetch that may have begun; its predicates rule, and it is not closed. */
export async function* readFetched(
  fetch: RowGroupFetch,
  columns: readonly string[],
  options: ReadRowGroupOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { region, batchRows = BATCH_ROWS, filter = null, asCodes = false, count, pause } = options
  const { metadata } = fetch
  const group = metadata.rowGroups[fetch.rowGroup]!
  const chunkRegion = region.pool.createRegion(region.tag)
  const batchRegion = region.pool.createRegion(region.tag)
  const passingRegion = region.pool.createRegion(region.tag)
  try {
    const selected = await fetch.selected
    count?.('rowsSkipped', group.rowCount - rowsWithin(selected, 0, group.rowCount))
    if (selected.length === 0) return
    const open = async (names: readonly string[]): Promise<Map<string, ColumnRows>> => {
      const parts = await fetch.take(names)
      const bytes = parts.reduce((sum, { segments }) => sum + segmentBytes(segments), 0)
      count?.('bytesRead', bytes)
      return columnsOf(parts, names, fetch, { chunkRegion, batchRegion, passingRegion })
    }
    const usual = Math.min(batchRows, rowsInMemory(metadata, group, columns, region))
    if (filter === null) {
      const windows = windowsOf(selected, () => usual)
      const opened = await open([...new Set(columns)])
      yield* readAll(columns, opened, windows, asCodes, batchRegion, pause)
    } else {
      const most = Math.min(WINDOWS * usual, rowsInCache(metadata, group, filter.columns))
      const windows = windowsOf(selected, () => paceOf(filter).rows(usual, most))
      const verdicts = new EntryVerdicts(chunkRegion)
      const batches = readFiltered(columns, filter, verdicts, open, windows, asCodes, batchRegion, pause)
      for await (const batch of batches)
        if (batch.rowCount <= usual) yield batch
        else
          for (let from = 0; from < batch.rowCount; from += usual)
            yield sliceBatch(batch, from, Math.min(usual, batch.rowCount - from), batchRegion)
    }
  } finally {
    batchRegion.free()
    passingRegion.free()
    chunkRegion.free()
  }
}

/** Readers of columns by name, over the bytes of their leaves. */
function columnsOf(
  parts: readonly FetchedColumn[],
  names: readonly string[],
  { metadata, rowGroup }: RowGroupFetch,
  regions: { readonly chunkRegion: Region; readonly batchRegion: Region; readonly passingRegion: Region },
): Map<string, ColumnRows> {
  const { chunkRegion, batchRegion, passingRegion } = regions
  const { chunks } = metadata.rowGroups[rowGroup]!
  const { path } = metadata
  const readers = new Map(
    parts.map(({ leaf, segments, rows }) => {
      const chunk = chunks[leaf.index]!
      return [leaf, new ColumnReader(leaf, rows, segments, chunk, path, chunkRegion, passingRegion)]
    }),
  )
  const place = { path, offset: chunks[0]?.offset ?? 0 }
  return new Map(
    names.map((name) => {
      const shape = metadata.columns[columnIndexOf(metadata, name)]!
      const own = leavesOf(shape).map((leaf) => readers.get(leaf)!)
      return [name, new ColumnRows(shape, own, place, batchRegion)]
    }),
  )
}

/** So many batches go into the memory limit, at least: long texts make them shorter. */
const BATCHES_A_LIMIT = 32
const LEAST_ROWS = 256

/** Rows that take a small part of the memory limit. */
function rowsInMemory(
  metadata: ParquetMetadata,
  group: RowGroupMetadata,
  names: readonly string[],
  { pool }: Region,
): number {
  const leaves = names.flatMap((name) => leavesOf(metadata.columns[columnIndexOf(metadata, name)]!))
  const bytes = leaves.reduce((sum, leaf) => sum + group.chunks[leaf.index]!.uncompressedBytes, 0)
  const rows = (pool.limitBytes / BATCHES_A_LIMIT) * (group.rowCount / Math.max(1, bytes))
  return Math.max(LEAST_ROWS, Math.floor(rows))
}

/** Most batches' rows that a filter looks at in one go, and most bytes of their columns. */
const WINDOWS = 4
const WINDOW_BYTES = 8 << 20

/** Rows of which the columns stay near the processor. */
function rowsInCache(metadata: ParquetMetadata, group: RowGroupMetadata, names: readonly string[]): number {
  const leaves = names.flatMap((name) => leavesOf(metadata.columns[columnIndexOf(metadata, name)]!))
  const rowBytes = leaves.reduce((sum, leaf) => {
    const { uncompressedBytes } = group.chunks[leaf.index]!
    return sum + Math.max(8, uncompressedBytes / Math.max(1, group.rowCount))
  }, 1)
  return Math.floor(WINDOW_BYTES / rowBytes)
}

/** The selected rows in pieces; `rows` tells how many come next. */
function* windowsOf(selected: readonly RowRange[], rows: () => number): Generator<RowRange> {
  for (const { from, to } of selected)
    for (let row = from; row < to; ) {
      const end = Math.min(to, row + rows())
      yield { from: row, to: end }
      row = end
    }
}

async function* readAll(
  names: readonly string[],
  columns: ReadonlyMap<string, ColumnRows>,
  windows: Iterable<RowRange>,
  asCodes: boolean,
  region: Region,
  pause: ReadRowGroupOptions['pause'],
): AsyncGenerator<RecordBatch> {
  for (const window of windows) {
    const other = pause?.()
    if (other) await other
    region.reset()
    const read = new Map([...columns].map(([name, column]) => [name, column.read(window, asCodes)]))
    yield { rowCount: window.to - window.from, columns: names.map((name) => read.get(name)!) }
  }
}

async function* readFiltered(
  names: readonly string[],
  filter: RowFilter,
  verdicts: EntryVerdicts,
  open: (names: readonly string[]) => Promise<Map<string, ColumnRows>>,
  windows: Iterable<RowRange>,
  asCodes: boolean,
  region: Region,
  pause: ReadRowGroupOptions['pause'],
): AsyncGenerator<RecordBatch> {
  const pace = paceOf(filter)
  const tested = await open(filter.columns)
  const late = [...new Set(names)].filter((name) => !tested.has(name))
  let rest: ReadonlyMap<string, ColumnRows> | null = null
  for (const window of windows) {
    const other = pause?.()
    if (other) await other
    region.reset()
    const left = new FilteredRows(window, tested, verdicts, region)
    for (const step of filter.steps) if (left.count > 0) left.narrow(step)
    const { rows, count } = left
    pace.note(window.to - window.from, count)
    if (count === 0) continue
    rest ??= await open(late)
    const read = new Map<string, Vector>()
    for (const [name, column] of rest)
      read.set(
        name,
        rows === null ? column.read(window, asCodes) : column.readAt(window, rows, count, asCodes),
      )
    yield { rowCount: count, columns: names.map((name) => read.get(name) ?? left.column(name)) }
  }
}
