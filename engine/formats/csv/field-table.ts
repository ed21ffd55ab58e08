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
 * Where the fields of scanned records lie. Field `column` of row `row` is entry `row * columnCount + column`:
 * `bytes[starts[i], ends[i] >> 2)`, with flags in `ends[i] & 3`; a field that is missing starts at -1.
 */
export interface FieldTable {
  readonly columnCount: number
  readonly maxRows: number
  readonly starts: Int32Array
  readonly ends: Int32Array
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

/** A table for records of so many columns, in memory of `region`. */
export function fieldTable(columnCount: number, maxRows: number, region: Region): FieldTable {
  const rows = Math.max(1, Math.min(maxRows, Math.floor(MAX_FIELDS / Math.max(1, columnCount))))
  return {
    columnCount,
    maxRows: rows,
    starts: region.int32(rows * columnCount),
    ends: region.int32(rows * columnCount),
    rowStarts: region.int32(rows),
    rowEnds: region.int32(rows),
    shapes: region.uint8(rows),
    rowCount: 0,
    badShapes: 0,
  }
}
