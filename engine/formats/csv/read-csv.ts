import { isUtf8 } from 'node:buffer'
import { BATCH_ROWS, type RecordBatch } from '../../batch/index.ts'
import type { SourceContext } from '../../connect/index.ts'
import { EngineError } from '../../errors.ts'
import { LocalClock, timeZone } from '../../functions/index.ts'
import type { Region } from '../../memory/index.ts'
import type { Field } from '../../types/index.ts'
import { type BadRecordPolicy, BadRows, MAX_RECORD_CHARS } from '../text/bad-records.ts'
import type { ByteInput } from '../text/byte-input.ts'
import { finishBatch } from '../text/finish-batch.ts'
import { TextWindow } from '../text/text-window.ts'
import { nullText } from './column-input.ts'
import { columnNames, firstTexts } from './column-names.ts'
import {
  type FieldTable,
  fieldTable,
  SHAPE_OK,
  SHAPE_TOO_FEW,
  SHAPE_TOO_LONG,
  SHAPE_TOO_MANY,
} from './field-table.ts'
import type { CsvOptions } from './options.ts'
import { parseColumn } from './parse-column.ts'
import { RowScanner } from './scan-rows.ts'

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
    const reader = new CsvReader(input.file, request, context, window, tables)
    if (request.skipHeader) await reader.skipHeader()
    for (;;) {
      const batch = await reader.next(region)
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

class CsvReader {
  readonly #file: string
  readonly #request: CsvReadRequest
  readonly #context: SourceContext
  readonly #window: TextWindow
  readonly #table: FieldTable
  readonly #scanner: RowScanner
  readonly #bad = new BadRows()
  readonly #clock: LocalClock
  /**
   * Columns of the file that are parsed, by position: those wanted, or all where bad fields decide about
   * rows.
   */
  readonly #parsed: readonly number[]

  constructor(
    file: string,
    request: CsvReadRequest,
    context: SourceContext,
    window: TextWindow,
    tables: Region,
  ) {
    const { fields, columns, policy, corruptColumn } = request
    this.#file = file
    this.#request = request
    this.#context = context
    this.#window = window
    this.#table = fieldTable(fields.length, BATCH_ROWS, tables)
    this.#scanner = new RowScanner(request.options.dialect)
    this.#clock = new LocalClock(timeZone(context.settings.timeZone))
    const all = policy.mode !== 'PERMISSIVE' || policy.deadLetter !== null || columns.includes(corruptColumn)
    const positions = fields.map((_, index) => index)
    this.#parsed = all ? positions : positions.filter((index) => columns.includes(fields[index]!.name))
  }

  async skipHeader(): Promise<void> {
    const line = { ...this.#table, maxRows: 1 }
    do {
      await this.#scan(line)
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

  async #scan(table: FieldTable): Promise<void> {
    const window = this.#window
    window.start = this.#scanner.scan(window.bytes, window.start, window.end, window.atEnd, table)
    if (table.rowCount > 0 || window.atEnd) return
    await window.fill()
    window.start = this.#scanner.scan(window.bytes, window.start, window.end, window.atEnd, table)
  }

  /** The next records, null at the end. A batch may be empty. */
  async next(region: Region): Promise<RecordBatch | null> {
    if (this.#done) return null
    this.#context.checkCancelled()
    await this.#scan(this.#table)
    if (this.#table.rowCount === 0) {
      if (this.#done) return null
      if (!this.#window.isFull) return EMPTY
      return this.#tooLong(region)
    }
    return this.#finish(region)
  }

  /**
   * A record that does not fit into the largest window is bad as a whole; reading goes on with the next line.
   */
  async #tooLong(region: Region): Promise<RecordBatch> {
    const table = this.#table
    const window = this.#window
    const lineEnd = this.#scanner.lineEnd(window.bytes, window.start, window.end)
    table.rowCount = 1
    table.badShapes = 1
    table.shapes[0] = SHAPE_TOO_LONG
    table.rowStarts[0] = window.start
    table.rowEnds[0] = Math.min(lineEnd, window.start + 4 * MAX_RECORD_CHARS)
    table.starts.fill(-1, 0, table.columnCount)
    this.#scanner.noteRunaway()
    const batch = await this.#finish(region)
    window.start = lineEnd
    while (window.start >= window.end && !window.atEnd) {
      await window.fill()
      window.start = this.#scanner.lineEnd(window.bytes, window.start, window.end)
    }
    return batch
  }

  async #finish(region: Region): Promise<RecordBatch> {
    const { fields, columns, options, policy, corruptColumn } = this.#request
    const table = this.#table
    const { bytes } = this.#window
    region.reset()
    this.#bad.clear()
    if (table.badShapes > 0) this.#markShapes()
    this.#markInvalidText()
    const nulls = nullText(options)
    const shared = { bytes, table, options, nulls, clock: this.#clock, region, bad: this.#bad }
    const byName = new Map(
      this.#parsed.map((column) => {
        const field = fields[column]!
        return [field.name, parseColumn({ ...shared, column, field })] as const
      }),
    )
    const scanned = {
      rowCount: table.rowCount,
      columns: columns.map((name) => (name === corruptColumn ? null : byName.get(name)!)),
      bad: this.#bad,
      recordOf: (row: number) => this.#recordOf(row),
    }
    return finishBatch(scanned, this.#file, policy, region, (metric, amount) =>
      this.#context.count(metric, amount),
    )
  }

  #recordOf(row: number): { text: string; offset: number } {
    const start = this.#table.rowStarts[row]!
    const end = Math.min(this.#table.rowEnds[row]!, start + 4 * MAX_RECORD_CHARS)
    const text = Buffer.from(this.#window.bytes.subarray(start, end))
      .toString('utf8')
      .slice(0, MAX_RECORD_CHARS)
    return { text, offset: this.#window.offsetOf(start) }
  }

  #markShapes(): void {
    const { shapes, rowCount, columnCount } = this.#table
    for (let row = 0; row < rowCount; row++) {
      const shape = shapes[row]!
      if (shape !== SHAPE_OK) this.#bad.mark(row, shapeReason(shape, columnCount))
    }
  }

  /** Text that is not UTF-8 is bad; none of it may get into a vector. */
  #markInvalidText(): void {
    const { bytes } = this.#window
    const { rowStarts, rowEnds, rowCount, starts, columnCount } = this.#table
    if (isUtf8(bytes.subarray(rowStarts[0]!, rowEnds[rowCount - 1]!))) return
    for (let row = 0; row < rowCount; row++) {
      if (isUtf8(bytes.subarray(rowStarts[row]!, rowEnds[row]!))) continue
      this.#bad.mark(row, 'text is not valid UTF-8')
      starts.fill(-1, row * columnCount, (row + 1) * columnCount)
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
