import type { ErrorData } from '../../engine/errors.ts'
import type { PlanMetrics } from '../../engine/run/index.ts'

/** One node of a stage's plan, for people. */
export interface PlanNodeRecord {
  readonly nodeId: number
  /** As EXPLAIN writes it. */
  readonly text: string
  readonly inputs: readonly PlanNodeRecord[]
}

export interface StageRecord {
  readonly stageId: number
  readonly taskCount: number
  /** Stages whose output it reads. */
  readonly inputs: readonly number[]
  /** How its rows leave it: `hash`, `broadcast`, `table` …; `result` for the last stage. */
  readonly output: string
  readonly plan: PlanNodeRecord
}

/** Which attempt of which task of which job. */
export interface AttemptRecord {
  readonly jobId: string
  readonly stageId: number
  readonly partition: number
  readonly attempt: number
  readonly attemptId: number
  readonly executorId: string
}

/**
 * What happened in the cluster, for logs, history and pages. Plain data without secrets: it can be written as
 * JSON. Of one job the records come in the order in which things happened.
 */
export type ClusterRecord =
  | { readonly kind: 'driverStarted'; readonly build: string }
  | {
      readonly kind: 'workerJoined'
      readonly workerId: string
      readonly host: string
      readonly slots: number
      readonly memoryBytes: number
    }
  | { readonly kind: 'workerLost'; readonly workerId: string; readonly reason: string }
  | { readonly kind: 'workerDraining'; readonly workerId: string }
  | { readonly kind: 'sessionOpened'; readonly sessionId: string; readonly name: string }
  | { readonly kind: 'sessionClosed'; readonly sessionId: string; readonly reason: string }
  | {
      readonly kind: 'executorStarted'
      readonly executorId: string
      readonly workerId: string
      readonly sessionId: string
      readonly threads: number
      readonly memoryBytes: number
    }
  | { readonly kind: 'executorReady'; readonly executorId: string }
  | { readonly kind: 'executorLost'; readonly executorId: string; readonly reason: string }
  | { readonly kind: 'excluded'; readonly holderId: string; readonly forMs: number; readonly reason: string }
  | { readonly kind: 'wantWorkers'; readonly count: number }
  | JobRecord

/** What happened to one job. */
export type JobRecord =
  | {
      readonly kind: 'jobSubmitted'
      readonly jobId: string
      readonly sessionId: string
      readonly label: string
      readonly pool: string
      readonly stages: readonly StageRecord[]
    }
  | { readonly kind: 'stageStarted'; readonly jobId: string; readonly stageId: number }
  | {
      readonly kind: 'stageEnded'
      readonly jobId: string
      readonly stageId: number
      /** Sums of the tasks that count. */
      readonly rows: number
      readonly bytes: number
    }
  | {
      readonly kind: 'stageAdapted'
      readonly jobId: string
      readonly stage: StageRecord
      readonly text: string
    }
  | { readonly kind: 'outputsLost'; readonly jobId: string; readonly stageId: number; readonly count: number }
  | ({ readonly kind: 'taskLaunched' } & AttemptRecord)
  | ({ readonly kind: 'taskSpeculated' } & AttemptRecord)
  | ({
      readonly kind: 'taskEnded'
      /** Milliseconds on its thread; 0 if it never ran. */
      readonly runMs: number
      readonly threadId: number
      readonly rows: number
      readonly bytes: number
      readonly error: ErrorData | null
      readonly metrics: PlanMetrics
    } & AttemptRecord)
  | ({
      readonly kind: 'taskRetries'
      readonly inMs: number | null
      readonly error: ErrorData
    } & AttemptRecord)
  | {
      readonly kind: 'jobEnded'
      readonly jobId: string
      readonly state: 'done' | 'failed' | 'cancelled'
      readonly error: ErrorData | null
      readonly metrics: PlanMetrics
      readonly tasksDone: number
      readonly tasksFailed: number
    }

/** A record with its time: milliseconds since 1970 by the driver's wall clock. */
export type TimedRecord = ClusterRecord & { readonly atMs: number }

/** Hears of everything, in order. It must not throw, and must not take long: the event loop waits for it. */
export type ClusterObserver = (record: TimedRecord) => void
