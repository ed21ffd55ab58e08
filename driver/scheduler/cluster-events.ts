import type { ErrorData } from '../../engine/errors.ts'
import type { JobGraph, Stage } from '../stages/index.ts'

/** The whole output of one task that outlives its executor, because it lies on a worker's disk. */
export interface DurableOutput {
  readonly sessionId: string
  readonly jobId: string
  readonly stageId: number
  readonly partition: number
  readonly attempt: number
}

/** What an attempt left, or why it failed. */
export type AttemptResult =
  | {
      readonly ok: true
      /** By output partition. */
      readonly partitionBytes: readonly number[]
      readonly partitionRows: readonly number[]
      /** Whether the output outlives its executor. */
      readonly durable: boolean
      /** The rows came with the message: nobody need fetch them. */
      readonly inline: boolean
    }
  | {
      readonly ok: false
      readonly error: ErrorData
      /** Of SHUFFLE_FETCH_FAILED: the output that could not be had. */
      readonly missing: MissingOutput | null
    }

export interface MissingOutput {
  readonly stageId: number
  readonly partition: number
  readonly attempt: number
  readonly executorId: string
}

/** What happens in a cluster, as the scheduler hears it; each with the time of a monotonic clock. */
export type ClusterEvent =
  | {
      readonly kind: 'workerJoined'
      readonly workerId: string
      readonly host: string
      readonly slots: number
      readonly memoryBytes: number
      /** Outputs on its disk, of before it started. */
      readonly outputs: readonly DurableOutput[]
    }
  | { readonly kind: 'workerLost'; readonly workerId: string; readonly reason: string }
  | { readonly kind: 'workerDraining'; readonly workerId: string }
  | {
      readonly kind: 'sessionOpened'
      readonly sessionId: string
      /** 0: the worker's default. */
      readonly executorMemoryBytes: number
      /** 0: all there are. */
      readonly maxSlots: number
      readonly settings: ReadonlyMap<string, string>
    }
  | { readonly kind: 'sessionClosed'; readonly sessionId: string }
  | { readonly kind: 'executorReady'; readonly executorId: string }
  | {
      readonly kind: 'executorLost'
      readonly executorId: string
      readonly reason: string
      /** Outputs of it that its worker serves from now on. */
      readonly outputs: readonly DurableOutput[]
    }
  | {
      readonly kind: 'jobSubmitted'
      readonly jobId: string
      readonly sessionId: string
      readonly graph: JobGraph
      readonly pool: string
    }
  | { readonly kind: 'jobCancelled'; readonly jobId: string }
  /** The client has all rows of a partition of the result. */
  | { readonly kind: 'resultTaken'; readonly jobId: string; readonly partition: number }
  /** The rows of a partition of the result could not be had from its executor. */
  | {
      readonly kind: 'resultLost'
      readonly jobId: string
      readonly partition: number
      readonly missing: MissingOutput
    }
  | { readonly kind: 'keptDropped'; readonly sessionId: string; readonly key: string }
  | { readonly kind: 'tasksBegun'; readonly attemptIds: readonly number[] }
  | { readonly kind: 'taskEnded'; readonly attemptId: number; readonly result: AttemptResult }
  /** The attempts an executor has, running or waiting, so that what was lost on the way is found. */
  | {
      readonly kind: 'executorBeat'
      readonly executorId: string
      readonly running: readonly number[]
    }
  /** Time has passed; the scheduler says when it wants this next. */
  | { readonly kind: 'tick' }

/** Some partitions of a stage's output, from some of its maps; bounds as in `slice`. */
export interface InputSlice {
  readonly stageId: number
  readonly fromPartition: number
  readonly toPartition: number
  readonly fromMap: number
  readonly toMap: number
}

/** One attempt of a task, on its way to an executor. */
export interface LaunchedTask {
  readonly attemptId: number
  readonly jobId: string
  readonly stageId: number
  readonly partition: number
  readonly attempt: number
  /**
   * Set where adaptive execution changed what the task reads of stages that its plan reads rows of, each of
   * which then is named; null: partition `partition` of each input. What tables are built from is read whole.
   */
  readonly slices: readonly InputSlice[] | null
}

/** What holders know the outputs of a stage by. */
export interface OutputName {
  readonly jobId: string
  readonly stageId: number
}

/**
 * The name of what a stage leaves. Kept outputs (`Stage.keep`) belong to no job: they have a name of their
 * own, under which executors store them (`StageOrder.storeAs`), readers fetch them, and `release` frees them.
 */
export function outputName(sessionId: string, jobId: string, stage: Stage): OutputName {
  return stage.keep === undefined
    ? { jobId, stageId: stage.id }
    : { jobId: keptJobId(sessionId, stage.keep), stageId: 0 }
}

/** The job, so to speak, that kept outputs belong to. */
export function keptJobId(sessionId: string, key: string): string {
  return `${sessionId}/kept:${key}`
}

/** Where the output of each map task of a stage lies. */
export interface OutputLocation {
  /** An executor, or a worker that serves what its executors left on disk. */
  readonly holderId: string
  readonly attempt: number
}

/** What the event loop is to do, in this order. */
export type ClusterEffect =
  | {
      readonly kind: 'startExecutor'
      readonly executorId: string
      readonly workerId: string
      readonly sessionId: string
      readonly threads: number
      readonly memoryBytes: number
    }
  | { readonly kind: 'stopExecutor'; readonly executorId: string; readonly kill: boolean }
  /** The stage of a job, as adaptive execution left it; before the first launch of it at this executor. */
  | {
      readonly kind: 'sendStage'
      readonly executorId: string
      readonly jobId: string
      readonly stageId: number
    }
  /** Before the first launch that reads it at this executor, and again when it has changed. */
  | {
      readonly kind: 'sendOutputs'
      readonly executorId: string
      readonly jobId: string
      readonly stageId: number
      readonly version: number
      /** Under what name holders have it: another one than that of the job and stage if the stage is kept. */
      readonly source: OutputName
      readonly locations: readonly OutputLocation[]
    }
  | { readonly kind: 'launch'; readonly executorId: string; readonly tasks: readonly LaunchedTask[] }
  | {
      readonly kind: 'cancelAttempts'
      readonly executorId: string
      readonly attemptIds: readonly number[]
    }
  /** Nobody reads this output any more; null: nothing of the job. To all executors that hold some of it. */
  | {
      readonly kind: 'release'
      readonly executorId: string
      readonly jobId: string
      readonly stageId: number | null
    }
  /** A partition of the result is whole, and can be given to the client. */
  | {
      readonly kind: 'resultReady'
      readonly jobId: string
      readonly partition: number
      readonly attemptId: number
      readonly location: OutputLocation
    }
  | { readonly kind: 'jobEnded'; readonly jobId: string; readonly error: ErrorData | null }
  /** More or fewer workers would be of use: how many in all. */
  | { readonly kind: 'wantWorkers'; readonly count: number }
  /** For logs, the event log and the page: something worth knowing that is no order. */
  | { readonly kind: 'note'; readonly note: SchedulerNote }

/** What the scheduler tells people. */
export type SchedulerNote =
  | { readonly kind: 'stageStarted'; readonly jobId: string; readonly stageId: number }
  | { readonly kind: 'stageEnded'; readonly jobId: string; readonly stageId: number }
  | { readonly kind: 'outputsLost'; readonly jobId: string; readonly stageId: number; readonly count: number }
  | {
      readonly kind: 'attemptFailed'
      readonly task: LaunchedTask
      readonly executorId: string
      readonly error: ErrorData
      readonly retriesInMs: number | null
    }
  | { readonly kind: 'speculated'; readonly task: LaunchedTask; readonly executorId: string }
  | {
      readonly kind: 'excluded'
      readonly holderId: string
      readonly untilMs: number
      readonly reason: string
    }
  /** A worker that was to drain has nothing left that anybody needs. */
  | { readonly kind: 'drained'; readonly workerId: string }
  | { readonly kind: 'adapted'; readonly jobId: string; readonly stageId: number; readonly text: string }
