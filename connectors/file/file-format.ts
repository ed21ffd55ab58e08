import type { RecordBatch } from '../../engine/batch/index.ts'
import type { FileWriter, SourceContext, TableSink, WriteRequest } from '../../engine/connect/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { Schema } from '../../engine/types/index.ts'

/** Writes batches of one schema into one file. */
export interface FormatWriter {
  /** `scratch` may be used until the next batch comes. */
  append(batch: RecordBatch, scratch: Region): Promise<void>
  /** Writes what is left; the file itself is closed by the caller. */
  finish(scratch: Region): Promise<unknown>
  /** Bytes that wait on the heap to be written; absent: next to none. */
  readonly heldBytes?: number
  /** Writes them, because their memory is wanted. */
  flush?(scratch: Region): Promise<void>
}

/** How one format becomes files. */
export interface FileFormat {
  readonly name: string
  readonly options: TableSink['options']
  /** Ending of its file names: `.snappy.parquet`. */
  extension(options: WriteRequest['options']): string
  open(
    schema: Schema,
    options: WriteRequest['options'],
    out: FileWriter,
    context: SourceContext,
  ): FormatWriter
}
