import { CSV_CONTROL, type KernelHost, scanCsv } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { FieldTable } from '../text/field-table.ts'
import type { CsvDialect } from './options.ts'
import { RowScanner } from './scan-rows.ts'

/**
 * Scans records: by the kernel where the dialect is a usual one, and one by one what the kernel leaves:
 * records with quotes out of place, and the last one of a text.
 */
export class CsvScanner {
  readonly rows: RowScanner
  readonly #host: KernelHost
  readonly #usesKernel: boolean
  readonly #control: Int32Array
  /** The table whose places are in the control block. */
  #table: FieldTable | null = null
  #addresses: Int32Array = new Int32Array(0)
  readonly #region: Region

  /** `region` lives as long as the scanner. */
  constructor(dialect: CsvDialect, region: Region) {
    this.rows = new RowScanner(dialect)
    this.#host = region.pool
    this.#region = region
    this.#usesKernel = isUsual(dialect)
    this.#control = region.int32(CSV_CONTROL.length).fill(0)
    this.#control[CSV_CONTROL.separator] = dialect.separator[0]!
    this.#control[CSV_CONTROL.quote] = dialect.quote
    this.#control[CSV_CONTROL.escape] = dialect.escape
    this.#control[CSV_CONTROL.comment] = dialect.comment
    this.#control[CSV_CONTROL.lineBreak] = dialect.lineBreak
  }

  /**
   * Scans records from `from` on into `out`, at most `maxRows`. Gives where the first record begins that was
   * not scanned; one that is cut off by `end` waits for more bytes unless `atEnd`.
   */
  scan(
    bytes: Uint8Array,
    from: number,
    end: number,
    atEnd: boolean,
    out: FieldTable,
    maxRows: number,
  ): number {
    out.rowCount = 0
    out.badShapes = 0
    if (!this.#usesKernel) return this.rows.scan(bytes, from, end, atEnd, out, maxRows)
    this.#place(out)
    let pos = from
    for (;;) {
      pos = this.#runKernel(bytes, pos, end, out, maxRows)
      if (out.rowCount >= maxRows || pos >= end) return pos
      const before = out.rowCount
      pos = this.rows.scan(bytes, pos, end, atEnd, out, before + 1)
      if (out.rowCount === before) return pos
    }
  }

  #runKernel(bytes: Uint8Array, from: number, end: number, out: FieldTable, maxRows: number): number {
    const control = this.#control
    control[CSV_CONTROL.multiLine] = this.rows.multiLine ? 1 : 0
    control[CSV_CONTROL.rowCount] = out.rowCount
    control[CSV_CONTROL.badShapes] = out.badShapes
    const pos = scanCsv(this.#host, bytes, from, end, control, maxRows)
    out.rowCount = control[CSV_CONTROL.rowCount]!
    out.badShapes = control[CSV_CONTROL.badShapes]!
    return pos
  }

  #place(table: FieldTable): void {
    if (this.#table === table) return
    this.#table = table
    const control = this.#control
    control[CSV_CONTROL.rowStarts] = table.rowStarts.byteOffset
    control[CSV_CONTROL.rowEnds] = table.rowEnds.byteOffset
    const { columnCount, cells, bases } = table
    if (this.#addresses.length < columnCount) this.#addresses = this.#region.int32(columnCount)
    for (let i = 0; i < columnCount; i++) this.#addresses[i] = cells.byteOffset + 4 * bases[i]!
    control[CSV_CONTROL.columnCount] = columnCount
    control[CSV_CONTROL.cells] = this.#addresses.byteOffset
    control[CSV_CONTROL.shapes] = table.shapes.byteOffset
  }
}

/** What the kernel knows: bytes that differ from each other, any line break or LF, and nothing trimmed. */
function isUsual({ separator, quote, escape, comment, lineBreak, trimLeft, trimRight }: CsvDialect): boolean {
  const sep = separator[0]!
  const breaks = [10, 13]
  return (
    separator.length === 1 &&
    !trimLeft &&
    !trimRight &&
    (lineBreak < 0 || lineBreak === 10) &&
    ![quote, escape, comment].includes(sep) &&
    ![sep, quote, escape, comment].some((byte) => breaks.includes(byte))
  )
}
