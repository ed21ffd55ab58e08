import type { SourceContext, SourceOptions } from './source.ts'

/**
 * A position in a stream: what comes after it has not been read. Plain JSON, such as the next offset by
 * partition.
 * Sources compare and cut it; the engine only writes it down.
 */
export type StreamOffset = Readonly<Record<string, unknown>>

/** How much of a stream one batch may take. */
export interface StreamLimits {
  /** Rows, over all partitions; null: all there are. */
  readonly maxRows: number | null
  /** Bytes; null: all there are. */
  readonly maxBytes: number | null
}

/** What a source has, for the progress of a query. */
export interface StreamLag {
  /** Rows that are there and not yet read, by partition, as far as the source knows. */
  readonly partitions: Readonly<Record<string, number>>
}

/**
 * What makes a table source a stream. A batch reads it through `TableSource.plan` and `read` with two options
 * more: `stream.from` and `stream.to`, the JSON of offsets; the same range gives the same rows, always. Runs
 * on the driver.
 */
export interface StreamingSource {
  /** Where a new query begins: by the options, the start, the end, or given offsets. */
  initialOffset(options: SourceOptions, context: SourceContext): Promise<StreamOffset>
  /** As far as one batch may read now, not before `from`. Equal to `from` if there is nothing new. */
  nextOffset(
    options: SourceOptions,
    from: StreamOffset,
    limits: StreamLimits,
    context: SourceContext,
  ): Promise<StreamOffset>
  /** Resolves when there may be rows after `from`, or after `timeoutMs`. */
  waitForMore?(
    options: SourceOptions,
    from: StreamOffset,
    timeoutMs: number,
    signal: AbortSignal,
    context: SourceContext,
  ): Promise<void>
  /** What is before `upTo` will not be asked for again. */
  release?(options: SourceOptions, upTo: StreamOffset, context: SourceContext): Promise<void>
  lag(options: SourceOptions, from: StreamOffset, context: SourceContext): Promise<StreamLag>
}

/** Names of the options that carry a batch's range. */
export const STREAM_FROM = 'stream.from'
export const STREAM_TO = 'stream.to'

/**
 * Which batch of which query a write belongs to; a sink stores it with the rows, so that it is written once.
 */
export interface StreamBatch {
  /** Stays the same over restarts: it lies in the checkpoint. */
  readonly queryId: string
  readonly batchId: number
}
