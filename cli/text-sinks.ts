import type { RecordBatch } from '../engine/batch/index.ts'
import { csvWriter } from '../engine/formats/csv/index.ts'
import type { Schema } from '../engine/types/index.ts'
import type { ByteOutput } from './byte-output.ts'
import { jsonRows, localClock } from './json-value.ts'
import type { RowSink } from './run-statement.ts'

/**
 * A header line, then one line a row; NULL is empty, timestamps are `YYYY-MM-DD HH:MM:SS[.ffffff]`, nested
 * values as a cast to string prints them. A statement without a result writes nothing.
 */
export class CsvSink implements RowSink {
  readonly #output: ByteOutput
  readonly #timeZone: string
  #format: ((batch: RecordBatch) => Uint8Array) | null = null

  constructor(output: ByteOutput, timeZone: string) {
    this.#output = output
    this.#timeZone = timeZone
  }

  async begin(schema: Schema): Promise<void> {
    if (schema.fields.length === 0) return
    const writer = csvWriter(schema, { header: 'true' }, { timeZone: this.#timeZone, nestedAsText: true })
    this.#format = (batch) => writer.formatPlainly(batch)
    await this.#output.write(writer.header())
  }

  async batch(batch: RecordBatch): Promise<void> {
    if (this.#format !== null) await this.#output.write(this.#format(batch))
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
  readonly #toLocal: (micros: bigint) => bigint
  #schema: Schema = { fields: [] }

  constructor(output: ByteOutput, timeZone: string) {
    this.#output = output
    this.#toLocal = localClock(timeZone)
  }

  begin(schema: Schema): void {
    this.#schema = schema
  }

  async batch(batch: RecordBatch): Promise<void> {
    const names = this.#schema.fields.map(({ name }) => JSON.stringify(name))
    const lines = jsonRows(this.#schema, batch, this.#toLocal).map(
      (row) => `{${row.map((value, index) => `${names[index]}:${JSON.stringify(value)}`).join(',')}}`,
    )
    if (names.length > 0 && lines.length > 0) await this.#output.write(`${lines.join('\n')}\n`)
  }

  end(): Promise<void> {
    return this.#output.end()
  }

  abort(): Promise<void> {
    return this.#output.abort()
  }
}
