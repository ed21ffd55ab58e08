import type { RecordBatch } from '../batch/index.ts'
import type { Schema } from '../types/index.ts'
import type { Bucketing, SourceContext, SourceOptions } from './source.ts'
import type { StreamBatch } from './stream.ts'

/** What to do when the place already holds data. */
export type WriteMode = 'error' | 'append' | 'overwrite' | 'ignore'

/** What is written, and where: plain data. */
export interface WriteRequest {
  readonly options: SourceOptions
  readonly schema: Schema
  readonly mode: WriteMode
  /** Columns that become folders `name=value/` and are left out of the files. */
  readonly partitionColumns: readonly string[]
  readonly bucketing?: Bucketing | undefined
  /** Unique for the write: names temporary places. */
  readonly jobId: string
  /** Set if it is a batch of a stream. */
  readonly stream?: StreamBatch | undefined
}

/** What a task of a streaming query tells the query besides what its sink wrote. */
export type StreamNote =
  | { readonly kind: 'state'; readonly operator: number; readonly partition: number; readonly path: string }
  /** Rows that came too late, in a sink of their own. */
  | { readonly kind: 'late'; readonly request: WriteRequest; readonly sink: string }
  /** The newest event time, in microseconds, by partition of the source. */
  | {
      readonly kind: 'eventTime'
      readonly watermark: number
      readonly newest: Readonly<Record<string, bigint>>
    }

/** What a task wrote; plain data, given to `commit`. */
export interface WrittenPart {
  readonly rowCount: number
  readonly sizeBytes: number
  readonly data: unknown
  /** Set if it is no part of a sink's, but for the streaming query. */
  readonly note?: StreamNote
}

/**
 * A place rows go to. Output is committed once though attempts race: tasks write where readers do not look,
 * and the driver's `commit` makes the parts it was given visible.
 */
export interface TableSink {
  readonly name: string
  readonly options: Readonly<Record<string, { readonly usage: string; readonly default?: string }>>
  /** What a streaming query may rely on when it is restarted; absent: batches only. */
  readonly guarantee?: 'exactly once' | 'at least once'
  /**
   * Checks the mode and prepares; `false` if there is nothing to do (`ignore`, or a batch of a stream that
   * was committed before). Runs on the driver.
   */
  begin(request: WriteRequest, context: SourceContext): Promise<boolean>
  /** Writes the rows of one task. Runs in a task; on an error it removes what it wrote. */
  write(
    batches: AsyncIterable<RecordBatch>,
    request: WriteRequest,
    task: { readonly partition: number; readonly attempt: number },
    context: SourceContext,
  ): Promise<WrittenPart>
  commit(request: WriteRequest, parts: readonly WrittenPart[], context: SourceContext): Promise<void>
  abort(request: WriteRequest, context: SourceContext): Promise<void>
}
