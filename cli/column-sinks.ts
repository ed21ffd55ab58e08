import { ArrowFileWriter } from '../engine/arrow/index.ts'
import type { RecordBatch } from '../engine/batch/index.ts'
import { ParquetWriter } from '../engine/formats/parquet/index.ts'
import type { Region } from '../engine/memory/index.ts'
import type { Schema } from '../engine/types/index.ts'
import type { ByteOutput } from './byte-output.ts'
import type { RowSink } from './run-statement.ts'

/** What writes the bytes of a file of columns. */
interface FileWriter {
  append(batch: RecordBatch, scratch: Region): Promise<void>
  finish(): Promise<unknown>
}

/** A file of Arrow's IPC format. */
export function arrowSink(output: ByteOutput, timeZone: string): RowSink {
  return new ColumnSink(output, (schema) => new ArrowFileWriter(schema, output, timeZone))
}

/** A Parquet file. */
export function parquetSink(output: ByteOutput): RowSink {
  return new ColumnSink(output, (schema) => new ParquetWriter(schema, output))
}

/** A file of columns. A statement without a result leaves it empty. */
class ColumnSink implements RowSink {
  readonly #output: ByteOutput
  readonly #writerOf: (schema: Schema) => FileWriter
  #writer: FileWriter | null = null

  constructor(output: ByteOutput, writerOf: (schema: Schema) => FileWriter) {
    this.#output = output
    this.#writerOf = writerOf
  }

  begin(schema: Schema): void {
    if (schema.fields.length > 0) this.#writer = this.#writerOf(schema)
  }

  async batch(batch: RecordBatch, scratch: Region): Promise<void> {
    await this.#writer?.append(batch, scratch)
  }

  async end(): Promise<void> {
    await this.#writer?.finish()
    await this.#output.end()
  }

  abort(): Promise<void> {
    return this.#output.abort()
  }
}
