import type { RecordBatch } from '../engine/batch/index.ts'
import { csvWriter } from '../engine/formats/csv/index.ts'
import { type BatchFormatter, writeLines } from '../engine/formats/text/index.ts'
import type { Region } from '../engine/memory/index.ts'
import type { Schema } from '../engine/types/index.ts'
import type { ByteOutput } from './byte-output.ts'
import { JSON_LINES, jsonColumn } from './json-columns.ts'
import type { RowSink } from './run-statement.ts'

/**
 * A header line, then one line a row; NULL is empty, timestamps are `YYYY-MM-DD HH:MM:SS[.ffffff]`, nested
 * values as a cast to string prints them. A statement without a result writes nothing.
 */
export class CsvSink implements RowSink {
  readonly #output: ByteOutput
  readonly #timeZone: string
  #writer: BatchFormatter | null = null

  constructor(output: ByteOutput, timeZone: string) {
    this.#output = output
    this.#timeZone = timeZone
  }

  async begin(schema: Schema): Promise<void> {
    if (schema.fields.length === 0) return
    const writer = csvWriter(schema, { header: 'true' }, { timeZone: this.#timeZone, nestedAsText: true })
    this.#writer = writer
    await this.#output.write(writer.header())
  }

  async batch(batch: RecordBatch, scratch: Region): Promise<void> {
    if (this.#writer === null) return
    for (const piece of this.#writer.format(batch, scratch)) await this.#output.write(piece)
  }

  end(): Promise<void> {
    return this.#output.end()
  }

  abort(): Promise<void> {
    return this.#output.abort()
  }
}

/** One JSON object a line, with every column; values as the jsonl protocol has them. */
export class JsonLinesSink implements RowSink {
  readonly #output: ByteOutput
  readonly #timeZone: string
  #schema: Schema = { fields: [] }

  constructor(output: ByteOutput, timeZone: string) {
    this.#output = output
    this.#timeZone = timeZone
  }

  begin(schema: Schema): void {
    this.#schema = schema
  }

  async batch(batch: RecordBatch, scratch: Region): Promise<void> {
    const { fields } = this.#schema
    if (fields.length === 0) return
    const columns = fields.map((field, index) => jsonColumn(field, batch.columns[index]!, this.#timeZone))
    for (const piece of writeLines(JSON_LINES, columns, batch, scratch)) await this.#output.write(piece)
  }

  end(): Promise<void> {
    return this.#output.end()
  }

  abort(): Promise<void> {
    return this.#output.abort()
  }
}
