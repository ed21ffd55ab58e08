import type { RecordBatch } from '../../engine/batch/index.ts'
import type { SourceOptions, WriteMode } from '../../engine/connect/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import type { AnalyzerContext, Resolved } from '../analyzer/index.ts'
import type { LogicalPlan, TableRef } from '../plan/index.ts'
import type { StreamingQuery, StreamRequest } from './streaming.ts'

/** How far a query is, for whoever wants to show it. */
export type ProgressListener = (progress: { readonly done: number; readonly total: number }) => void

/** What an action may say about its run. */
export interface RunOptions {
  /** Cancels the query. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ProgressListener | undefined
}

/**
 * Rows on their way. A batch is valid until `release`, which must be called once for each. Ending early
 * cancels.
 */
export interface RunningRows {
  readonly schema: Schema
  readonly batches: AsyncGenerator<ReleasableBatch, void, void>
}

/** A batch that its taker gives back. */
export interface ReleasableBatch {
  readonly batch: RecordBatch
  release(): void
}

/** How much EXPLAIN says. */
export type ExplainMode = 'simple' | 'extended' | 'formatted' | 'cost' | 'analyze'

/** Values for `:name` (an object) or `?` (an array) of a SQL text. */
export type SqlParameters = Readonly<Record<string, unknown>> | readonly unknown[]

/** What is written where. */
export interface WriteTarget {
  /** A folder of files, a new table of the warehouse, or rows into a table that is there. */
  readonly kind: 'path' | 'table' | 'insert'
  /** Path, or name of the table. */
  readonly name: string
  /** `parquet`, `csv`, `json`; undefined for what the table or the session says. */
  readonly format?: string | undefined
  /** Undefined: `error` for paths and tables, `append` for insert. */
  readonly mode?: WriteMode | undefined
  readonly options: SourceOptions
  readonly partitionColumns: readonly string[]
  readonly bucketing?: { readonly columns: readonly string[]; readonly bucketCount: number } | undefined
}

/** What was written. */
export interface WriteSummary {
  readonly rows: number
  readonly bytes: number
}

/**
 * Where kept rows lie. `memory` and `memory_and_disk`: in memory, and in a local file where that is scarce;
 * `disk`: on a cluster, in a local file from the beginning, so that they outlive the process that made them.
 * What a cluster loses is made again. In one process RDDs are kept in memory at all levels.
 */
export type StorageLevel = 'memory' | 'memory_and_disk' | 'disk'

/** What DataFrames need of a session. Everything is asked for when an action runs, not before. */
export interface PlanExecutor {
  /** Catalog, functions and zone for the analyzer. */
  analyzerContext(): AnalyzerContext
  /** Optimizes and starts a plan. Nothing runs until batches are asked for. */
  start(plan: LogicalPlan, options: RunOptions): Promise<RunningRows>
  /** The plan as text. */
  explain(plan: LogicalPlan, mode: ExplainMode): Promise<string>
  /** What a connector tells of a table; `declared` is the schema of the program. */
  describeSource(source: string, options: SourceOptions, declared: Schema | null): Promise<TableRef>
  /** Makes a plan a temporary view. */
  registerView(
    name: string,
    plan: LogicalPlan,
    options: { readonly replace: boolean; readonly global: boolean },
  ): void
  /** A table or view by its name. */
  table(name: string): Promise<Resolved>
  /** The result of a statement; statements without a result run now and give no rows. */
  sql(text: string, parameters: SqlParameters): Promise<Resolved>
  write(plan: LogicalPlan, target: WriteTarget, options: RunOptions): Promise<WriteSummary>
  /** Runs a plan, keeps its rows, and gives a plan with the same columns (ids too) that reads them. */
  keep(plan: LogicalPlan, level: StorageLevel): Promise<{ readonly plan: LogicalPlan; free(): void }>
  /** Begins a streaming query; `newFrame` makes the DataFrames that `foreachBatch` gives. */
  startStream(
    plan: LogicalPlan,
    request: StreamRequest,
    newFrame: (make: () => Promise<Resolved>) => unknown,
  ): Promise<StreamingQuery>
}
