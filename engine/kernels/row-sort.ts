import type { Region } from '../memory/index.ts'
import { type KernelHost, kernelsOf } from './load.ts'

interface RowSortKernels {
  sortScratchBytes(): number
  sortRowIds(
    ids: number,
    count: number,
    tables: number,
    width: number,
    keys: number,
    keys2: number,
    ids2: number,
    scratch: number,
  ): void
  markKeyChanges(tables: number, width: number, rows: number, out: number): void
  compareRowIds(tablesA: number, a: number, tablesB: number, b: number, width: number): number
  rowsWithin(
    tables: number,
    rows: number,
    boundTables: number,
    lower: number,
    upper: number,
    width: number,
    out: number,
  ): number
}

/**
 * Key words of rows by piece; row ids are `piece << 16 | row`. Two addresses a piece: the words, and where
 * each row's words start (0 if every row has `width` of them).
 */
export interface KeyTables {
  /** Words a row; 0: as many as it needs. */
  readonly width: number
  readonly addresses: Int32Array
}

/** Bytes that `sortRowIds` takes from its region for each row. */
export const SORT_BYTES_A_ROW = 20

/** Sorts row ids by their keys, in place; stable. Takes scratch from `region`. */
export function sortRowIds(host: KernelHost, ids: Int32Array, tables: KeyTables, region: Region): void {
  const kernels = kernelsOf<RowSortKernels>(host)
  const count = ids.length
  const [keys, keys2] = [region.allocate(count * 8), region.allocate(count * 8)]
  const ids2 = region.allocate(count * 4)
  const scratch = region.allocate(kernels.sortScratchBytes())
  const { addresses, width } = tables
  kernels.sortRowIds(ids.byteOffset, count, addresses.byteOffset, width, keys, keys2, ids2, scratch)
}

/** Marks rows of piece 0 whose key differs from that of the row before; the first is marked. */
export function markKeyChanges(host: KernelHost, tables: KeyTables, rowCount: number, out: Uint8Array): void {
  const { addresses, width } = tables
  kernelsOf<RowSortKernels>(host).markKeyChanges(addresses.byteOffset, width, rowCount, out.byteOffset)
}

/** Negative, zero or positive as row `a` comes before, with or after row `b`. */
export function compareRows(host: KernelHost, a: KeyTables, aId: number, b: KeyTables, bId: number): number {
  const kernels = kernelsOf<RowSortKernels>(host)
  return kernels.compareRowIds(a.addresses.byteOffset, aId, b.addresses.byteOffset, bId, a.width)
}

/**
 * Rows of `KeyTables` between which others are asked for: not before `lower`, before `upper`; null: no bound.
 */
export interface KeyBounds {
  readonly tables: KeyTables
  readonly lower: number | null
  readonly upper: number | null
}

/**
 * The first `rowCount` rows of piece 0 that lie within bounds, into `out`, in order; gives their number.
 * `out` has room for all.
 */
export function rowsWithin(
  host: KernelHost,
  tables: KeyTables,
  rowCount: number,
  bounds: KeyBounds,
  out: Int32Array,
): number {
  return kernelsOf<RowSortKernels>(host).rowsWithin(
    tables.addresses.byteOffset,
    rowCount,
    bounds.tables.addresses.byteOffset,
    bounds.lower ?? -1,
    bounds.upper ?? -1,
    tables.width,
    out.byteOffset,
  )
}
