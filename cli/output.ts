import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type RecordBatch, valueReader } from '../engine/batch/index.ts'
import { csvWriter } from '../engine/formats/csv/index.ts'
import { formatValue } from '../engine/functions/index.ts'
import type { Schema } from '../engine/types/index.ts'
import { localClock } from './jsonl-protocol.ts'
import { jsonRows } from './json-value.ts'
import type { RowSink } from './run-statement.ts'

/** What `--format` may name. */
export const outputFormats = ['table', 'csv', 'json', 'none'] as const

export type OutputFormat = (typeof outputFormats)[number]

export function isOutputFormat(name: string): name is OutputFormat {
  return (outputFormats as readonly string[]).includes(name)
}

/** The ending of files of a format. */
export function extensionOf(format: OutputFormat): string {
  return format === 'json' ? '.jsonl' : format === 'table' ? '.txt' : `.${format}`
}

/** A sink that writes rows in a format, to a file or (null) to standard output. */
export function outputSink(format: OutputFormat, path: string | null, zone: string): RowSink {
  switch (format) {
    case 'table':
      return new TableSink(textOutput(path), zone)
    case 'csv':
      return new CsvSink(textOutput(path), zone)
    case 'json':
      return new JsonLinesSink(textOutput(path), zone)
    case 'none':
      return { begin: () => {}, batch: () => {}, end: () => {} }
  }
}

/** Where bytes go; waits when the receiver is slow. */
interface ByteOutput {
  write(bytes: string | Uint8Array): Promise<void>
  end(): Promise<void>
}

function textOutput(path: string | null): ByteOutput {
  if (path !== null) mkdirSync(dirname(path), { recursive: true })
  const stream = path === null ? process.stdout : createWriteStream(path)
  return {
    async write(bytes) {
      if (!stream.write(bytes)) await once(stream, 'drain')
    },
    async end() {
      if (stream === process.stdout) return
      stream.end()
      await once(stream, 'close')
    },
  }
}

/** Rows from which a table's widths are taken. */
const WIDTH_ROWS = 1000
/** Widest column of several; a column alone, such as a plan, is shown whole. */
const MAX_WIDTH = 60

/** An aligned table for people. */
class TableSink implements RowSink {
  readonly #output: ByteOutput
  readonly #zone: string
  #schema: Schema = { fields: [] }
  #head: string[][] = []
  #widths: number[] | null = null
  #rowCount = 0

  constructor(output: ByteOutput, zone: string) {
    this.#output = output
    this.#zone = zone
  }

  begin(schema: Schema): void {
    this.#schema = schema
  }

  async batch(batch: RecordBatch): Promise<void> {
    const settings = { timeZone: this.#zone, nowMicros: 0n, randomSeed: 0 }
    const columns = this.#schema.fields.map(({ type }, index) => {
      const read = valueReader(batch.columns[index]!)
      return (row: number): string => formatValue(read(row), type, settings)
    })
    for (let row = 0; row < batch.rowCount; row++) {
      this.#head.push(columns.map((text) => text(row)))
      if (this.#head.length >= WIDTH_ROWS) await this.#flush()
    }
    this.#rowCount += batch.rowCount
  }

  async end(): Promise<void> {
    if (this.#schema.fields.length === 0) return
    await this.#flush()
    await this.#output.write(`${this.#rowCount} ${this.#rowCount === 1 ? 'row' : 'rows'}\n`)
    await this.#output.end()
  }

  async #flush(): Promise<void> {
    const names = this.#schema.fields.map(({ name }) => name)
    const lines: string[] = []
    if (this.#widths === null) {
      this.#widths = names.map((name, index) =>
        Math.min(names.length === 1 ? Number.POSITIVE_INFINITY : MAX_WIDTH, widest(name, this.#head, index)),
      )
      lines.push(this.#line(names, false), this.#widths.map((width) => '─'.repeat(width)).join('──'))
    }
    for (const row of this.#head) lines.push(this.#line(row, true))
    this.#head = []
    await this.#output.write(`${lines.join('\n')}\n`)
  }

  #line(texts: readonly string[], isRow: boolean): string {
    const cells = texts.map((text, index) => {
      const width = this.#widths![index]!
      const oneLine = text.replace(/[\r\n\t]/g, ' ')
      const short = oneLine.length > width ? `${oneLine.slice(0, width - 1)}…` : oneLine
      return isRow && isRightAligned(this.#schema, index) ? short.padStart(width) : short.padEnd(width)
    })
    return cells.join('  ').trimEnd()
  }
}

/** Characters of the longest text of a column, its name included. */
function widest(name: string, rows: readonly (readonly string[])[], index: number): number {
  return rows.reduce((width, row) => Math.max(width, row[index]!.length), name.length)
}

function isRightAligned(schema: Schema, index: number): boolean {
  const { kind } = schema.fields[index]!.type
  return kind.startsWith('int') || kind.startsWith('float') || kind === 'decimal'
}

/** A header line, then one line a row; NULL is empty, timestamps `YYYY-MM-DD HH:MM:SS[.ffffff]`. */
class CsvSink implements RowSink {
  readonly #output: ByteOutput
  readonly #zone: string
  #format: ((batch: RecordBatch) => Uint8Array) | null = null

  constructor(output: ByteOutput, zone: string) {
    this.#output = output
    this.#zone = zone
  }

  async begin(schema: Schema): Promise<void> {
    if (schema.fields.length === 0) return
    const settings = { timeZone: this.#zone, nowMicros: 0n, randomSeed: 0 }
    const writer = csvWriter(schema, { header: 'true' }, settings)
    this.#format = (batch) => writer.format(batch)
    await this.#output.write(writer.header())
  }

  async batch(batch: RecordBatch): Promise<void> {
    await this.#output.write(this.#format!(batch))
  }

  async end(): Promise<void> {
    await this.#output.end()
  }
}

/** One JSON object a line, with every column. */
class JsonLinesSink implements RowSink {
  readonly #output: ByteOutput
  readonly #toLocal: (micros: bigint) => bigint
  #schema: Schema = { fields: [] }

  constructor(output: ByteOutput, zone: string) {
    this.#output = output
    this.#toLocal = localClock(zone)
  }

  begin(schema: Schema): void {
    this.#schema = schema
  }

  async batch(batch: RecordBatch): Promise<void> {
    const lines = jsonRows(this.#schema, batch, this.#toLocal).map((row) =>
      JSON.stringify(Object.fromEntries(row.map((value, index) => [this.#schema.fields[index]!.name, value]))),
    )
    await this.#output.write(lines.length === 0 ? '' : `${lines.join('\n')}\n`)
  }

  async end(): Promise<void> {
    await this.#output.end()
  }
}
