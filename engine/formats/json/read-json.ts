import { isUtf8 } from 'node:buffer'
import { asBuffer, BATCH_ROWS, type RecordBatch, type TextBuffer } from '../../batch/index.ts'
import type { SourceContext } from '../../connect/index.ts'
import { LocalClock, timeZone } from '../../functions/index.ts'
import type { Region } from '../../memory/index.ts'
import type { Field } from '../../types/index.ts'
import { type BadRecordPolicy, BadRows, MAX_RECORD_CHARS } from '../text/bad-records.ts'
import type { ByteInput } from '../text/byte-input.ts'
import { finishBatch } from '../text/finish-batch.ts'
import { TextWindow } from '../text/text-window.ts'
import type { JsonTarget } from './json-column.ts'
import { JsonCursor } from './json-cursor.ts'
import { JsonMembers } from './json-members.ts'
import { JsonRecords } from './json-records.ts'
import { jsonColumn } from './nested-columns.ts'
import type { JsonOptions } from './options.ts'

/** What is read from a JSON input. */
export interface JsonReadRequest {
  readonly options: JsonOptions
  /** Columns of the file. */
  readonly fields: readonly Field[]
  /** Names of the columns wanted, in order. */
  readonly columns: readonly string[]
  /** Column that gets the text of bad records; it is none of the file. */
  readonly corruptColumn: string
  readonly policy: BadRecordPolicy
}

/** The records of an input as batches, each valid until the next is asked for. Closes the input. */
export async function* readJson(
  input: ByteInput,
  request: JsonReadRequest,
  context: SourceContext,
): AsyncIterable<RecordBatch> {
  const region = context.createRegion()
  const window = new TextWindow(input, () => context.createRegion(), request.options.maxLineBytes)
  try {
    const reader = new JsonReader(input.file, request, context, window, region)
    for (;;) {
      const batch = await reader.next()
      if (batch === null) return
      if (batch.rowCount > 0) yield batch
    }
  } finally {
    window.free()
    region.free()
    await input.close()
  }
}

class JsonReader {
  readonly #file: string
  readonly #request: JsonReadRequest
  readonly #context: SourceContext
  readonly #window: TextWindow
  readonly #region: Region
  readonly #bad = new BadRows()
  readonly #members: JsonMembers
  readonly #records: JsonRecords
  /**
   * Columns of the file that are read, by position: those wanted, or all where bad values decide about rows.
   */
  readonly #names: readonly string[]
  #buffer: TextBuffer | null = null

  constructor(
    file: string,
    request: JsonReadRequest,
    context: SourceContext,
    window: TextWindow,
    region: Region,
  ) {
    const { fields, columns, policy, corruptColumn, options } = request
    this.#file = file
    this.#request = request
    this.#context = context
    this.#window = window
    this.#region = region
    const all = policy.mode !== 'PERMISSIVE' || policy.deadLetter !== null || columns.includes(corruptColumn)
    const read = all ? fields : fields.filter(({ name }) => columns.includes(name))
    const clock = new LocalClock(timeZone(context.settings.timeZone))
    const target: JsonTarget = { cursor: new JsonCursor(), region, bad: this.#bad, options, clock, record: 0 }
    this.#names = read.map(({ name }) => name)
    const readers = read.map(({ name, type }) => jsonColumn(target, name, type))
    this.#members = new JsonMembers(target, this.#names, readers)
    this.#records = new JsonRecords(target, this.#members)
  }

  /** The next records, null at the end. A batch may be empty. */
  async next(): Promise<RecordBatch | null> {
    const window = this.#window
    const records = this.#records
    if (records.stopped || (window.atEnd && window.start >= window.end && !records.inArray)) return null
    this.#context.checkCancelled()
    this.#region.reset()
    this.#bad.clear()
    records.clear()
    this.#scan()
    if (records.count === 0 && !window.atEnd && !records.stopped) {
      if (window.isFull) return this.#tooLong()
      await window.fill()
      this.#scan()
    }
    return this.#finish()
  }

  #scan(): void {
    const { bytes, start, end, atEnd } = this.#window
    if (this.#request.options.multiLine)
      this.#window.start = this.#records.scanValues(bytes, start, end, atEnd, BATCH_ROWS)
    else this.#scanLines()
  }

  #scanLines(): void {
    const window = this.#window
    const { bytes, end, atEnd } = window
    if (
      this.#buffer === null ||
      this.#buffer.byteOffset !== bytes.byteOffset ||
      this.#buffer.length !== bytes.length
    )
      this.#buffer = asBuffer(bytes)
    const lineBreak = this.#request.options.lineBreak < 0 ? 10 : this.#request.options.lineBreak
    const last = atEnd ? end : this.#buffer.lastIndexOf(lineBreak, end - 1)
    if (last < window.start) return
    const valid = isUtf8(bytes.subarray(window.start, last))
    let at = window.start
    while (at < end && this.#records.count < BATCH_ROWS) {
      let lineEnd = this.#buffer.indexOf(lineBreak, at)
      if (lineEnd < 0 || lineEnd > end) {
        if (!atEnd) break
        lineEnd = end
      }
      this.#records.scanLine(bytes, at, lineEnd, valid)
      at = Math.min(end, lineEnd + 1)
    }
    window.start = at
  }

  /**
   * A record that does not fit into the largest window is bad as a whole; reading goes on with the next line.
   */
  async #tooLong(): Promise<RecordBatch> {
    const window = this.#window
    const cut = Math.min(window.end, window.start + 4 * MAX_RECORD_CHARS)
    this.#records.bad(window.start, cut, 'record is longer than maxLineBytes')
    const batch = await this.#finish()
    if (this.#request.options.multiLine) this.#records.stopped = true
    const lineBreak = this.#request.options.lineBreak < 0 ? 10 : this.#request.options.lineBreak
    for (;;) {
      const at = asBuffer(window.bytes).indexOf(lineBreak, window.start)
      const found = at >= 0 && at < window.end
      window.start = found ? at + 1 : window.end
      if (found || window.atEnd || this.#records.stopped) return batch
      await window.fill()
    }
  }

  async #finish(): Promise<RecordBatch> {
    const { columns, policy, corruptColumn } = this.#request
    const rowCount = this.#records.count
    const vectors = this.#members.finish(rowCount)
    const scanned = {
      rowCount,
      columns: columns.map((name) => (name === corruptColumn ? null : vectors[this.#names.indexOf(name)]!)),
      bad: this.#bad,
      recordOf: (row: number) => this.#recordOf(row),
    }
    const count = (metric: string, amount: number): void => this.#context.count(metric, amount)
    return finishBatch(scanned, this.#file, policy, this.#region, count)
  }

  #recordOf(row: number): { text: string; offset: number } {
    const start = this.#records.startOf(row)
    const end = Math.min(this.#records.endOf(row), start + 4 * MAX_RECORD_CHARS)
    const text = Buffer.from(this.#window.bytes.subarray(start, end))
      .toString('utf8')
      .slice(0, MAX_RECORD_CHARS)
    return { text, offset: this.#window.offsetOf(start) }
  }
}
