import { isUtf8 } from 'node:buffer'
import { BATCH_ROWS, type RecordBatch } from '../../batch/index.ts'
import type { SourceContext } from '../../connect/index.ts'
import { EngineError } from '../../errors.ts'
import { timeZone } from '../../functions/index.ts'
import type { Region } from '../../memory/index.ts'
import type { Field } from '../../types/index.ts'
import { type BadRecordPolicy, BadRows, MAX_RECORD_CHARS } from '../text/bad-records.ts'
import type { ByteInput } from '../text/byte-input.ts'
import { BLOCK_ROWS, type FieldColumn } from '../text/field-column.ts'
import {
  clearRow,
  type FieldTable,
  fieldsOf,
  fieldTable,
  SHAPE_OK,
  SHAPE_TOO_FEW,
  SHAPE_TOO_LONG,
  SHAPE_TOO_MANY,
} from '../text/field-table.ts'
import { finishBatch } from '../text/finish-batch.ts'
import { TextWindow } from '../text/text-window.ts'
import { columnNames, firstTexts } from './column-names.ts'
import { csvColumn } from './csv-column.ts'
import { CsvScanner } from './csv-scanner.ts'
import type { CsvOptions } from './options.ts'

/** What is read from a CSV input. */
export interface CsvReadRequest {
  readonly options: CsvOptions
  /** Columns of the file, by position. */
  readonly fields: readonly Field[]
  /** Names of the columns wanted, in order. */
  readonly columns: readonly string[]
  /** Column that gets the text of bad records; it is none of the file. */
  readonly corruptColumn: string
  /** Whether the input begins with a header line. */
  readonly skipHeader: boolean
  /** Whether the header must name the columns as the schema does: SCHEMA_MISMATCH if not. */
  readonly checkHeader?: boolean
  readonly policy: BadRecordPolicy
}

/** The records of an input as batches, each valid until the next is asked for. Closes the input. */
export async function* readCsv(
  input: ByteInput,
  request: CsvReadRequest,
  context: SourceContext,
): AsyncIterable<RecordBatch> {
  const tables = context.createRegion()
  const region = context.createRegion()
  const window = new TextWindow(input, () => context.createRegion(), request.options.maxLineBytes)
  try {
    const reader = new CsvReader(input.file, request, context, { window, tables, region })
    if (request.skipHeader) await reader.skipHeader()
    for (;;) {
      const batch = await reader.next()
      if (batch === null) return
      if (batch.rowCount > 0) yield batch
    }
  } finally {
    window.free()
    region.free()
    tables.free()
    await input.close()
  }
}

/** A column of the file that is parsed. */
interface ParsedColumn {
  readonly name: string
  readonly fields: Int32Array
  readonly column: FieldColumn
}

class CsvReader {
  readonly #file: string
  readonly #request: CsvReadRequest
  readonly #context: SourceContext
  readonly #window: TextWindow
  readonly #region: Region
  readonly #tables: Region
  /** Where the fields of a block lie. */
  readonly #table: FieldTable
  readonly #scanner: CsvScanner
  readonly #bad = new BadRows()
  readonly #parsed: readonly ParsedColumn[]
  /** Rows of this batch, the most that it may have, and where they lie. */
  #rowCount = 0
  #capacity = 0
  #rowStarts: Int32Array = new Int32Array(0)
  #rowEnds: Int32Array = new Int32Array(0)

  constructor(
    file: string,
    request: CsvReadRequest,
    context: SourceContext,
    memory: { readonly window: TextWindow; readonly tables: Region; readonly region: Region },
  ) {
    const { fields, columns, policy, corruptColumn, options } = request
    const { window, tables, region } = memory
    this.#file = file
    this.#request = request
    this.#context = context
    this.#window = window
    this.#region = region
    this.#tables = tables
    // Columns wanted, or all where bad fields decide about rows.
    const all = policy.mode !== 'PERMISSIVE' || policy.deadLetter !== null || columns.includes(corruptColumn)
    const table = fieldTable(fields.length, BLOCK_ROWS, tables, (index) => {
      return all || columns.includes(fields[index]!.name)
    })
    this.#table = table
    this.#scanner = new CsvScanner(options.dialect, tables)
    const zone = timeZone(context.settings.timeZone)
    const shared = { options, zone, region, tables, bad: this.#bad }
    this.#parsed = fields.flatMap((field, index) => {
      if (!all && !columns.includes(field.name)) return []
      return [{ name: field.name, fields: fieldsOf(table, index), column: csvColumn(field, shared) }]
    })
  }

  async skipHeader(): Promise<void> {
    const line = fieldTable(this.#request.fields.length, 1, this.#tables)
    do {
      await this.#scan(line, 1)
    } while (line.rowCount === 0 && !this.#done && !this.#window.isFull)
    if (this.#request.checkHeader === true && line.rowCount > 0) this.#checkHeader(line)
  }

  #checkHeader(line: FieldTable): void {
    const { fields, options } = this.#request
    const found = columnNames(firstTexts(this.#window.bytes, line, options), true)
    fields.forEach(({ name }, index) => {
      if (found[index]?.toLowerCase() === name.toLowerCase()) return
      throw new EngineError(
        'SCHEMA_MISMATCH',
        `the header of "${this.#file}" names column ${index + 1} "${found[index] ?? ''}", not "${name}"`,
        { position: { file: this.#file, line: 1 }, hint: 'With enforceSchema true, columns go by position.' },
      )
    })
  }

  get #done(): boolean {
    return this.#window.atEnd && this.#window.start >= this.#window.end
  }

  /** Scans a block of the window; reads more if there is no whole record in it. */
  async #scan(table: FieldTable, maxRows: number): Promise<void> {
    this.#scanWindow(table, maxRows)
    if (table.rowCount > 0 || this.#window.atEnd) return
    await this.#window.fill()
    this.#scanWindow(table, maxRows)
  }

  #scanWindow(table: FieldTable, maxRows: number): void {
    const window = this.#window
    window.start = this.#scanner.scan(window.bytes, window.start, window.end, window.atEnd, table, maxRows)
  }

  /** The next records, null at the end. A batch may be empty. */
  async next(): Promise<RecordBatch | null> {
    if (this.#done) return null
    this.#context.checkCancelled()
    const table = this.#table
    await this.#scan(table, table.maxRows)
    if (table.rowCount === 0) {
      if (this.#done) return null
      if (!this.#window.isFull) return EMPTY
      return this.#tooLong()
    }
    this.#begin()
    for (;;) {
      this.#parseBlock()
      const maxRows = Math.min(table.maxRows, this.#capacity - this.#rowCount)
      if (table.rowCount < table.maxRows || maxRows <= 0) break
      this.#scanWindow(table, maxRows)
      if (table.rowCount === 0) break
    }
    return this.#finish()
  }

  /** Begins a batch of the rows in the table and those that the window may have behind them. */
  #begin(): void {
    const { start, end } = this.#window
    const table = this.#table
    const rest = Math.ceil((end - start) / Math.max(1, table.columnCount))
    this.#capacity = Math.min(Math.max(BATCH_ROWS, table.maxRows), table.rowCount + rest)
    this.#rowCount = 0
    this.#region.reset()
    this.#bad.clear()
    this.#rowStarts = this.#region.int32(this.#capacity)
    this.#rowEnds = this.#region.int32(this.#capacity)
    for (const { column } of this.#parsed) column.begin(this.#capacity)
  }

  /** Adds the rows of the table to the batch. */
  #parseBlock(): void {
    const text = this.#window.bytes
    const { rowCount, rowStarts, rowEnds } = this.#table
    const first = this.#rowCount
    this.#rowCount += rowCount
    this.#rowStarts.set(rowStarts.subarray(0, rowCount), first)
    this.#rowEnds.set(rowEnds.subarray(0, rowCount), first)
    if (this.#table.badShapes > 0) this.#markShapes(first)
    this.#markInvalidText(first)
    for (const { fields, column } of this.#parsed) column.append({ text, fields, count: rowCount, first })
  }

  /**
   * A record that does not fit into the largest window is bad as a whole; reading goes on with the next line.
   */
  async #tooLong(): Promise<RecordBatch> {
    const table = this.#table
    const window = this.#window
    const { rows } = this.#scanner
    const lineEnd = rows.lineEnd(window.bytes, window.start, window.end)
    table.rowCount = 1
    table.badShapes = 1
    table.shapes[0] = SHAPE_TOO_LONG
    table.rowStarts[0] = window.start
    table.rowEnds[0] = Math.min(lineEnd, window.start + 4 * MAX_RECORD_CHARS)
    clearRow(table, 0)
    rows.noteRunaway()
    this.#begin()
    this.#parseBlock()
    const batch = await this.#finish()
    window.start = lineEnd
    while (window.start >= window.end && !window.atEnd) {
      await window.fill()
      window.start = rows.lineEnd(window.bytes, window.start, window.end)
    }
    return batch
  }

  async #finish(): Promise<RecordBatch> {
    const { columns, policy, corruptColumn } = this.#request
    const rowCount = this.#rowCount
    const byName = new Map(this.#parsed.map(({ name, column }) => [name, column.finish(rowCount)]))
    const scanned = {
      rowCount,
      columns: columns.map((name) => (name === corruptColumn ? null : byName.get(name)!)),
      bad: this.#bad,
      recordOf: (row: number) => this.#recordOf(row),
    }
    return finishBatch(scanned, this.#file, policy, this.#region, (metric, amount) =>
      this.#context.count(metric, amount),
    )
  }

  #recordOf(row: number): { text: string; offset: number } {
    const start = this.#rowStarts[row]!
    const end = Math.min(this.#rowEnds[row]!, start + 4 * MAX_RECORD_CHARS)
    const text = Buffer.from(this.#window.bytes.subarray(start, end))
      .toString('utf8')
      .slice(0, MAX_RECORD_CHARS)
    return { text, offset: this.#window.offsetOf(start) }
  }

  #markShapes(first: number): void {
    const { shapes, rowCount, columnCount } = this.#table
    for (let row = 0; row < rowCount; row++) {
      const shape = shapes[row]!
      if (shape !== SHAPE_OK) this.#bad.mark(first + row, shapeReason(shape, columnCount))
    }
  }

  /** Text that is not UTF-8 is bad; none of it may get into a vector. */
  #markInvalidText(first: number): void {
    const { bytes } = this.#window
    const { rowStarts, rowEnds, rowCount } = this.#table
    if (isUtf8(bytes.subarray(rowStarts[0]!, rowEnds[rowCount - 1]!))) return
    for (let row = 0; row < rowCount; row++) {
      if (isUtf8(bytes.subarray(rowStarts[row]!, rowEnds[row]!))) continue
      this.#bad.mark(first + row, 'text is not valid UTF-8')
      clearRow(this.#table, row)
    }
  }
}

const EMPTY: RecordBatch = { rowCount: 0, columns: [] }

function shapeReason(shape: number, columnCount: number): string {
  const columns = columnCount === 1 ? '1 column' : `${columnCount} columns`
  if (shape === SHAPE_TOO_FEW) return `fewer fields than the ${columns} of the schema`
  if (shape === SHAPE_TOO_MANY) return `more fields than the ${columns} of the schema`
  return shape === SHAPE_TOO_LONG ? 'record is longer than maxLineBytes' : 'quote is not closed'
}
