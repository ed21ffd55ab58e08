import { type RecordBatch, valueReader } from '../engine/batch/index.ts'
import { formatValue, type QuerySettings } from '../engine/functions/index.ts'
import type { Schema } from '../engine/types/index.ts'
import type { ByteOutput } from './byte-output.ts'
import type { RowSink, SessionZone } from './run-statement.ts'

/** Rows from which a table's widths are taken. */
const WIDTH_ROWS = 1000
/** Cells are cut at this width on a terminal. */
const MAX_WIDTH = 60

/** An aligned table for people. */
export class TableSink implements RowSink {
  readonly #output: ByteOutput
  readonly #zone: SessionZone
  readonly #maxWidth: number
  #schema: Schema = { fields: [] }
  #rows: string[][] = []
  #widths: readonly number[] | null = null
  #rowCount = 0

  constructor(output: ByteOutput, zone: SessionZone, isTerminal: boolean) {
    this.#output = output
    this.#zone = zone
    this.#maxWidth = isTerminal ? MAX_WIDTH : Number.POSITIVE_INFINITY
  }

  begin(schema: Schema): void {
    this.#schema = schema
  }

  async batch(batch: RecordBatch): Promise<void> {
    const settings = settingsOf(this.#zone)
    const columns = this.#schema.fields.map(({ type }, index) => {
      const read = valueReader(batch.columns[index]!)
      return (row: number): string => oneLine(formatValue(read(row), type, settings))
    })
    for (let row = 0; row < batch.rowCount; row++) {
      this.#rows.push(columns.map((text) => text(row)))
      if (this.#rows.length >= WIDTH_ROWS) await this.#flush()
    }
    this.#rowCount += batch.rowCount
  }

  async end(): Promise<void> {
    if (this.#schema.fields.length > 0) {
      await this.#flush()
      await this.#output.write(`${this.#rowCount} ${this.#rowCount === 1 ? 'row' : 'rows'}\n`)
    }
    await this.#output.end()
  }

  abort(): Promise<void> {
    return this.#output.abort()
  }

  /** Widths come from the first rows; later ones that are wider stand out. */
  async #flush(): Promise<void> {
    const names = this.#schema.fields.map(({ name }) => oneLine(name))
    const lines: string[] = []
    if (this.#widths === null) {
      this.#widths = names.map((name, index) => {
        const widest = this.#rows.reduce(
          (most, row) => Math.max(most, textWidth(row[index]!)),
          textWidth(name),
        )
        return Math.min(this.#maxWidth, widest)
      })
      lines.push(this.#line(names, false), this.#widths.map((width) => '─'.repeat(width)).join('──'))
    }
    for (const row of this.#rows) lines.push(this.#line(row, true))
    this.#rows = []
    await this.#output.write(`${lines.join('\n')}\n`)
  }

  #line(texts: readonly string[], isRow: boolean): string {
    const cells = texts.map((text, index) => {
      const width = this.#widths![index]!
      const short = textWidth(text) > this.#maxWidth ? `${text.slice(0, this.#maxWidth - 1)}…` : text
      const padding = ' '.repeat(Math.max(0, width - textWidth(short)))
      return isRow && isNumber(this.#schema, index) ? padding + short : short + padding
    })
    return cells.join('  ').trimEnd()
  }
}

function oneLine(text: string): string {
  return /\p{Cc}/u.test(text) ? text.replace(/\p{Cc}/gu, ' ') : text
}

/** Columns of a terminal that a text takes: letters of East Asia and pictures take two. */
function textWidth(text: string): number {
  if (/^[ -~─…]*$/.test(text)) return text.length
  let width = 0
  for (const char of text) width += /\p{M}/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1
  return width
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u

function isNumber(schema: Schema, index: number): boolean {
  return /^(?:int\d|float|decimal)/.test(schema.fields[index]!.type.kind)
}

/** What values are printed with. The zone is asked for only by a value that needs it. */
function settingsOf(zone: SessionZone): QuerySettings {
  return {
    get timeZone() {
      return zone.timeZone
    },
    nowMicros: 0n,
    randomSeed: 0,
  }
}
