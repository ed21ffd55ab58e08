import { isUtf8 } from 'node:buffer'
import { BATCH_ROWS, type Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { BadRows } from '../text/bad-records.ts'
import type { FieldColumn } from '../text/field-column.ts'
import { clearRow, fieldsOf } from '../text/field-table.ts'
import type { TextWindow } from '../text/text-window.ts'
import { jsonFieldColumn } from './field-columns.ts'
import type { JsonBatch, JsonBatchContext } from './json-batch.ts'
import { JsonScanner } from './json-scanner.ts'
import { PlainBatch } from './plain-batch.ts'

/**
 * Reads records of lines a block at a time: finds where their members lie, then reads column by column.
 * Lines that are arrays make batches of their own, read plainly; and for the reason why a record is bad it is
 * read plainly again, so that reasons come in the order of its text.
 */
export class FieldBatch implements JsonBatch {
  readonly stopped = false
  readonly inArray = false
  count = 0
  readonly #bad = new BadRows()
  readonly #region: Region
  readonly #scanner: JsonScanner
  readonly #plain: PlainBatch
  readonly #columns: readonly FieldColumn[]
  /** Rows with a value that does not fit. */
  readonly #misfits = new Set<number>()
  #isPlain = false
  #plainIsUsed = false
  #capacity = 0
  #starts: Int32Array = new Int32Array(0)
  #ends: Int32Array = new Int32Array(0)

  constructor(context: JsonBatchContext) {
    this.#region = context.region
    this.#scanner = new JsonScanner(context)
    this.#plain = new PlainBatch(context)
    const misfit = (row: number): void => {
      this.#misfits.add(row)
    }
    this.#columns = context.fields.map((field) => jsonFieldColumn(field, { ...context, misfit }))
  }

  get bad(): BadRows {
    return this.#isPlain ? this.#plain.bad : this.#bad
  }

  begin(): void {
    this.count = 0
    this.#capacity = 0
    this.#bad.clear()
    this.#plain.begin()
    this.#isPlain = false
    this.#plainIsUsed = false
  }

  scan(window: TextWindow): void {
    const scanner = this.#scanner
    const { table } = scanner
    this.#scanWindow(window, table.maxRows)
    if (table.rowCount === 0) {
      if (scanner.atArray) this.#scanArrays(window)
      return
    }
    const first = table.rowStarts[0]!
    this.#reserve(table.rowCount, (window.start - first) / table.rowCount, window.end - window.start)
    for (;;) {
      this.#addTable(window.bytes)
      const maxRows = Math.min(table.maxRows, this.#capacity - this.count)
      if (table.rowCount < table.maxRows || maxRows <= 0) return
      this.#scanWindow(window, maxRows)
      if (table.rowCount === 0) return
    }
  }

  addBad(window: TextWindow, end: number, reason: string): void {
    const { table } = this.#scanner
    table.rowCount = 1
    table.rowStarts[0] = window.start
    table.rowEnds[0] = end
    clearRow(table, 0)
    this.#reserve(1, 1, 0)
    this.#bad.mark(0, reason)
    this.#addColumns(window.bytes)
  }

  startOf(row: number): number {
    return this.#isPlain ? this.#plain.startOf(row) : this.#starts[row]!
  }

  endOf(row: number): number {
    return this.#isPlain ? this.#plain.endOf(row) : this.#ends[row]!
  }

  finish(): readonly Vector[] {
    if (this.#isPlain) return this.#plain.finish()
    if (this.#plainIsUsed) this.#plain.forget()
    if (this.#capacity === 0) this.#reserve(1, 1, 0)
    return this.#columns.map((column) => column.finish(this.count))
  }

  #scanWindow(window: TextWindow, maxRows: number): void {
    const { bytes, start, end, atEnd } = window
    window.start = this.#scanner.scan(bytes, start, end, atEnd, maxRows)
  }

  #scanArrays(window: TextWindow): void {
    this.#plain.scanLines(window, true)
    this.count = this.#plain.count
    this.#isPlain = this.count > 0
    this.#plainIsUsed = true
  }

  /** Begins columns for the rows that are there and those that the rest of the window may have. */
  #reserve(rowCount: number, rowBytes: number, restBytes: number): void {
    const { maxRows } = this.#scanner.table
    const more = Math.ceil((restBytes / Math.max(1, rowBytes)) * 1.25)
    this.#capacity = Math.min(Math.max(BATCH_ROWS, maxRows), rowCount + more)
    this.#starts = this.#region.int32(this.#capacity)
    this.#ends = this.#region.int32(this.#capacity)
    for (const column of this.#columns) column.begin(this.#capacity)
  }

  /** Adds the rows of the table to the batch. */
  #addTable(text: Uint8Array): void {
    const first = this.count
    const { faults, repeated } = this.#scanner
    this.#markInvalidText(text)
    for (const [row, reason] of faults.reasons) this.#bad.mark(first + row, reason)
    this.#misfits.clear()
    for (const row of repeated) this.#misfits.add(first + row)
    this.#addColumns(text)
    for (const row of this.#misfits) {
      this.#plainIsUsed = true
      const reason = this.#plain.reasonOf(text, this.#starts[row]!, this.#ends[row]!)
      if (reason !== undefined) this.#bad.mark(row, reason)
    }
  }

  #addColumns(text: Uint8Array): void {
    const first = this.count
    const { table } = this.#scanner
    const { rowCount, rowStarts, rowEnds } = table
    this.#starts.set(rowStarts.subarray(0, rowCount), first)
    this.#ends.set(rowEnds.subarray(0, rowCount), first)
    this.#columns.forEach((column, index) => {
      column.append({ text, fields: fieldsOf(table, index), count: rowCount, first })
    })
    this.count += rowCount
  }

  /** Text that is not UTF-8 is bad; none of it may get into a vector. */
  #markInvalidText(text: Uint8Array): void {
    const { table, faults, repeated } = this.#scanner
    const { rowStarts, rowEnds, rowCount } = table
    if (isUtf8(text.subarray(rowStarts[0]!, rowEnds[rowCount - 1]!))) return
    for (let row = 0; row < rowCount; row++) {
      if (isUtf8(text.subarray(rowStarts[row]!, rowEnds[row]!))) continue
      faults.mark(row, 'text is not valid UTF-8')
      repeated.delete(row)
      clearRow(table, row)
    }
  }
}
