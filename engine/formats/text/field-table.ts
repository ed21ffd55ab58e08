import type { Region } from '../../memory/index.ts'

/** Field flags, in the two low bits of an end. */
export const QUOTED = 1
/** Escapes inside: the text must be unescaped. */
export const ESCAPED = 2

/** Why a record is malformed in its shape; 0 if it is not. */
export const SHAPE_OK = 0
export const SHAPE_TOO_FEW = 1
export const SHAPE_TOO_MANY = 2
export const SHAPE_UNCLOSED = 3
export const SHAPE_TOO_LONG = 4

/**
 * Where the fields of a block of scanned records lie, column by column: field `row` of column `column` is the
 * pair of int32 at `cells[bases[column] + 2 * row]`. It is `bytes[start, end >> 2)`, with flags in `end & 3`;
 * a field that is missing starts at -1. Columns that nobody wants share one place.
 */
export interface FieldTable {
  readonly columnCount: number
  /** A multiple of 8, or 1. */
  readonly maxRows: number
  readonly cells: Int32Array
  readonly bases: Int32Array
  /** Row `row` is `bytes[rowStarts[row], rowEnds[row])`, without its line break. */
  readonly rowStarts: Int32Array
  readonly rowEnds: Int32Array
  readonly shapes: Uint8Array
  rowCount: number
  /** Rows whose shape is not right. */
  badShapes: number
}

/** Most fields scanned at once. */
const MAX_FIELDS = 1 << 20

/** Keeps columns apart by other than a power of two, or their cells would share few lines of the cache. */
const PADDING = 32

/** A table for records of so many columns, in memory of `region`. Of columns not `wanted` nothing is kept. */
export function fieldTable(
  columnCount: number,
  maxRows: number,
  region: Region,
  wanted: (column: number) => boolean = () => true,
): FieldTable {
  const most = Math.floor(MAX_FIELDS / Math.max(1, columnCount))
  const rows = maxRows === 1 ? 1 : Math.max(8, Math.min(maxRows, most) & ~7)
  const stride = 2 * rows + (rows === 1 ? 0 : PADDING)
  const bases = region.int32(Math.max(1, columnCount))
  let used = 1
  for (let column = 0; column < columnCount; column++) bases[column] = wanted(column) ? stride * used++ : 0
  return {
    columnCount,
    maxRows: rows,
    cells: region.int32(stride * used),
    bases,
    rowStarts: region.int32(rows),
    rowEnds: region.int32(rows),
    shapes: region.uint8(rows),
    rowCount: 0,
    badShapes: 0,
  }
}

/** The pairs of a column. */
export function fieldsOf({ cells, bases, maxRows }: FieldTable, column: number): Int32Array {
  const base = bases[column]!
  return cells.subarray(base, base + 2 * maxRows)
}

/** Makes all fields of a row missing. */
export function clearRow({ cells, bases, columnCount }: FieldTable, row: number): void {
  for (let column = 0; column < columnCount; column++) cells[bases[column]! + 2 * row] = -1
}
