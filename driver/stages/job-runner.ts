import type { RecordBatch } from '../../engine/batch/index.ts'
import type { WrittenPart } from '../../engine/connect/index.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import type { PlanMetrics } from '../../engine/run/index.ts'
import type { CodeMessage } from '../../proto/messages/index.ts'
import type { JobGraph } from './job-graph.ts'

/** How far a job is, for progress bars. */
export interface JobProgress {
  readonly tasksDone: number
  readonly taskCount: number
  readonly stageCount: number
  readonly stagesDone: number
}

/** A batch of the result. It lies in the session's memory until `release` is called. */
export interface ResultBatch {
  readonly batch: RecordBatch
  release(): void
}

/** What goes with one job. */
export interface JobRequest {
  readonly settings: QuerySettings
  /** Cancels the job. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: JobProgress) => void) | undefined
  /** SQL text or name of the action, for people. */
  readonly label?: string | undefined
}

/** A job on its way. Nothing runs until the batches are asked for. */
export interface RunningJob {
  /**
   * Batches in the order of partitions; stop iterating and the job is cancelled. When the iteration has
   * ended, however it did, nothing of the job is left anywhere.
   */
  readonly batches: AsyncGenerator<ResultBatch, void, void>
  /** What operators counted; whole when the batches have ended. */
  readonly metrics: PlanMetrics
  /** What tasks wrote, of the attempts that count; whole when the batches have ended. */
  readonly parts: readonly WrittenPart[]
  /** What was changed of the plan while it ran, for EXPLAIN ANALYZE. */
  readonly adaptations: readonly string[]
}

/** Where a session's jobs run: on the threads of its own process, or on a cluster. */
export interface JobRunner {
  /**
   * `local`: tasks see the session's memory. `cluster`: everything that a plan needs must stand in it.
   */
  readonly kind: 'local' | 'cluster'
  /** Tasks that run at a time, as far as is known; planners take it for the number of partitions. */
  readonly slots: number
  /** Bytes for rows that the tasks of one process share. */
  readonly processBytes: number
  /** Whether `stop` was called: no job runs any more. */
  readonly isStopped: boolean
  /** Whether somebody wants to hear of every job, however small. */
  readonly isObserved: boolean
  run(graph: JobGraph, request: JobRequest): RunningJob
  /** Makes user code known to all tasks that begin later. */
  ship(code: CodeMessage): void
  /** Rows that jobs kept under this key (`ExchangeExec.keep`) are not needed any more. */
  dropKept(key: string): void
  /** Begins to get ready, without waiting. */
  start(): void
  /** Resolves when `slots` is known; fails if there is nobody to run tasks. */
  ready(): Promise<void>
  /** Resolves when the first task need not wait for anything to start. */
  warmUp(): Promise<void>
  /** Ends the jobs that run, and gives back what they held. */
  stop(): Promise<void>
}
