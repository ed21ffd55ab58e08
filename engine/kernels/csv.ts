import { type KernelHost, kernelsOf } from './load.ts'

interface CsvKernels {
  csvScan(text: number, from: number, end: number, control: number, maxRows: number): number
}

/** Words of the block that `scanCsv` is told by. */
export const CSV_CONTROL = {
  separator: 0,
  /** -1: none, as for escape and comment. */
  quote: 1,
  escape: 2,
  comment: 3,
  /** -1: LF, CR or CRLF; or LF. No other byte. */
  lineBreak: 4,
  multiLine: 5,
  columnCount: 6,
  /** Address of an address a column: where its fields go, a pair of int32 a row. */
  cells: 7,
  rowStarts: 8,
  rowEnds: 9,
  shapes: 10,
  /** Before: rows that are there already; after: rows. */
  rowCount: 11,
  /** Rows with too few or too many fields are added. */
  badShapes: 12,
  length: 13,
} as const

/**
 * Scans whole records of `text[from, end)` until there are `maxRows` or one comes that only the slow scanner
 * understands. Gives where the first record begins that was not scanned.
 */
export function scanCsv(
  host: KernelHost,
  text: Uint8Array,
  from: number,
  end: number,
  control: Int32Array,
  maxRows: number,
): number {
  return kernelsOf<CsvKernels>(host).csvScan(text.byteOffset, from, end, control.byteOffset, maxRows)
}
