import type { SourceOptions, StreamLag, StreamOffset } from '../../engine/connect/index.ts'

/** When a query looks for new rows: see `DataStreamWriter.trigger`. */
export type StreamTrigger =
  | { readonly processingTime: string }
  | { readonly availableNow: true; readonly closeWindows?: boolean }
  | { readonly once: true }
  | { readonly lowLatency: true }

/** `append`: rows that will not change; `update`: groups that changed; `complete`: all groups, each time. */
export type OutputMode = 'append' | 'update' | 'complete'

/**
 * What a streaming query tells after each batch. Times are microseconds since 1970 or milliseconds of
 * duration.
 */
export interface StreamProgress {
  readonly batchId: number
  readonly wallMicros: bigint
  readonly ranges: readonly { readonly from: StreamOffset; readonly to: StreamOffset }[]
  /** Event time before which rows are late; null: no watermark, or none yet. */
  readonly watermarkMicros: bigint | null
  readonly outcome: {
    readonly rowsIn: number
    readonly rowsOut: number
    readonly rowsLate: number
    /** Records that could not be read. */
    readonly rowsBad: number
    readonly state: readonly {
      readonly operator: number
      readonly rowCount: number
      readonly bytes: number
    }[]
  }
  readonly phases: { readonly offsetsMs: number; readonly planAndRunMs: number; readonly commitMs: number }
}

/** A streaming query that runs. */
export interface StreamingQuery {
  readonly name: string
  /** The same over all restarts from one checkpoint. */
  readonly id: string
  readonly isActive: boolean
  /** What it failed with; null if it did not. */
  readonly exception: unknown
  readonly lastProgress: StreamProgress | null
  readonly recentProgress: readonly StreamProgress[]
  /** Rows that are there and not yet read, by source and partition. */
  lag(): Promise<Readonly<Record<string, StreamLag>>>
  /** Calls back after every batch; gives what ends that. */
  onProgress(listener: (progress: StreamProgress) => void): () => void
  /** Resolves when it has ended; throws what it failed with. */
  awaitTermination(): Promise<void>
  /** Resolves when everything that is there has been written. */
  processAllAvailable(): Promise<void>
  stop(): Promise<void>
}

/** What a program asks for when it starts a query. */
export interface StreamRequest {
  /** Connector, `console`, `memory` or `foreachBatch`. */
  readonly format: string
  readonly options: SourceOptions
  readonly outputMode: OutputMode
  readonly trigger: StreamTrigger | null
  readonly name: string | null
  readonly partitionColumns: readonly string[]
  /** For `foreachBatch`: takes the rows of a batch. */
  readonly onBatch: ((batch: unknown, batchId: number) => Promise<void> | void) | null
}
