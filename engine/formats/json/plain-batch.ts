import { isUtf8 } from 'node:buffer'
import { asBuffer, BATCH_ROWS, type TextBuffer, type Vector } from '../../batch/index.ts'
import { LocalClock } from '../../functions/index.ts'
import { BadRows } from '../text/bad-records.ts'
import type { TextWindow } from '../text/text-window.ts'
import type { JsonBatch, JsonBatchContext } from './json-batch.ts'
import type { JsonTarget } from './json-column.ts'
import { JsonCursor } from './json-cursor.ts'
import { JsonMembers } from './json-members.ts'
import { JsonRecords } from './json-records.ts'
import { jsonColumn } from './nested-columns.ts'
import type { JsonOptions } from './options.ts'

/** Reads records of any form, value by value, in the order of the text. */
export class PlainBatch implements JsonBatch {
  readonly bad = new BadRows()
  readonly #options: JsonOptions
  readonly #members: JsonMembers
  readonly #records: JsonRecords
  #buffer: TextBuffer | null = null

  constructor({ fields, options, zone, region }: JsonBatchContext) {
    this.#options = options
    const clock = new LocalClock(zone)
    const target: JsonTarget = { cursor: new JsonCursor(), region, bad: this.bad, options, clock, record: 0 }
    const names = fields.map(({ name }) => name)
    const columns = fields.map(({ name, type }) => jsonColumn(target, name, type))
    this.#members = new JsonMembers(target, names, columns)
    this.#records = new JsonRecords(target, this.#members)
  }

  get count(): number {
    return this.#records.count
  }

  get stopped(): boolean {
    return this.#records.stopped
  }

  get inArray(): boolean {
    return this.#records.inArray
  }

  begin(): void {
    this.bad.clear()
    this.#records.clear()
  }

  scan(window: TextWindow): void {
    const { bytes, start, end, atEnd } = window
    if (this.#options.multiLine) window.start = this.#records.scanValues(bytes, start, end, atEnd, BATCH_ROWS)
    else this.scanLines(window)
  }

  /** Adds the records of lines; `arraysOnly`: up to a line that is no array. */
  scanLines(window: TextWindow, arraysOnly = false): void {
    const { bytes, end, atEnd } = window
    const buffer = this.#bufferOf(bytes)
    const lineBreak = this.#options.lineBreak < 0 ? 10 : this.#options.lineBreak
    const last = atEnd ? end : buffer.lastIndexOf(lineBreak, end - 1)
    if (last < window.start) return
    const valid = isUtf8(bytes.subarray(window.start, last))
    let at = window.start
    while (at < end && this.#records.count < BATCH_ROWS) {
      let lineEnd = buffer.indexOf(lineBreak, at)
      if (lineEnd < 0 || lineEnd > end) {
        if (!atEnd) break
        lineEnd = end
      }
      if (arraysOnly && this.#records.firstByte(bytes, at, lineEnd) !== 91) break
      this.#records.scanLine(bytes, at, lineEnd, valid)
      at = Math.min(end, lineEnd + 1)
    }
    window.start = at
  }

  /** Why the line `bytes[start, end)` of one record is bad; undefined if it is not. For batches of others. */
  reasonOf(bytes: Uint8Array, start: number, end: number): string | undefined {
    this.begin()
    this.#records.scanLine(bytes, start, end, true)
    return this.bad.reasons.get(0)
  }

  /** Lets go of what it holds for records that make no batch of it. */
  forget(): void {
    this.#members.finish(0)
  }

  addBad(window: TextWindow, end: number, reason: string): void {
    this.#records.bad(window.start, end, reason)
    if (this.#options.multiLine) this.#records.stopped = true
  }

  startOf(row: number): number {
    return this.#records.startOf(row)
  }

  endOf(row: number): number {
    return this.#records.endOf(row)
  }

  finish(): readonly Vector[] {
    return this.#members.finish(this.#records.count)
  }

  #bufferOf(bytes: Uint8Array): TextBuffer {
    const known = this.#buffer
    if (known?.byteOffset === bytes.byteOffset && known.length === bytes.length) return known
    this.#buffer = asBuffer(bytes)
    return this.#buffer
  }
}
