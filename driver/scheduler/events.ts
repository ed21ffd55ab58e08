import type { ErrorData } from '../../engine/errors.ts'

/** What happens to a job. Attempts are named by stage, partition and their number. */
export type JobEvent =
  | { readonly kind: 'started' }
  | {
      readonly kind: 'succeeded'
      readonly stageId: number
      readonly partition: number
      readonly attempt: number
      /** Who has the output: a number of the caller's, or `DRIVER_HOLDER`. */
      readonly holder: number
      /** By output partition; empty: not known. */
      readonly partitionBytes: readonly number[]
    }
  | {
      readonly kind: 'failed'
      readonly stageId: number
      readonly partition: number
      readonly attempt: number
      readonly error: ErrorData
      readonly cause: FailureCause
      /** Of cause `fetch`: what could not be had. */
      readonly missing: TaskAttempt | null
    }
  /** The output of one attempt is not to be had any more. */
  | { readonly kind: 'outputLost'; readonly lost: TaskAttempt }
  /** An output that was thought lost is there, with this holder. */
  | { readonly kind: 'outputFound'; readonly found: TaskAttempt; readonly holder: number }
  /** Nothing is to be had from this holder any more. */
  | { readonly kind: 'holderLost'; readonly holder: number; readonly moved: MovedOutputs | null }
  /** The client has all rows of a partition of the result. */
  | { readonly kind: 'resultTaken'; readonly partition: number }
  /** Another job has made or lost kept outputs, or makes them no longer. */
  | { readonly kind: 'keptChanged' }
  /** The job shall end now. */
  | { readonly kind: 'cancelled'; readonly error: ErrorData }
  /** Time has passed. */
  | { readonly kind: 'tick' }

/**
 * Why an attempt failed: `fatal`, running it again does not help; `transient`, it may; `lost`, what ran it is
 * gone; `fetch`, an input was.
 */
export type FailureCause = 'fatal' | 'transient' | 'lost' | 'fetch'

/** One attempt of a task of a job, or the output it made. */
export interface TaskAttempt {
  readonly stageId: number
  readonly partition: number
  readonly attempt: number
}

/** Who has an output of a lost holder from now on; -1: nobody. */
export type MovedOutputs = (stageId: number, partition: number, attempt: number) => number

/** What the event loop is to do about it. */
export type JobEffect =
  /** Tasks that want an attempt: ask `begin` when there is room for one. */
  | { readonly kind: 'queue'; readonly stageId: number; readonly partitions: readonly number[] }
  /** The attempt is of no use any more. */
  | {
      readonly kind: 'cancel'
      readonly stageId: number
      readonly partition: number
      readonly attempt: number
    }
  /** Nobody reads this stage's output any more. */
  | { readonly kind: 'releaseOutput'; readonly stageId: number }
  | { readonly kind: 'resultReady'; readonly partition: number; readonly attempt: number }
  | { readonly kind: 'stageStarted'; readonly stageId: number }
  | { readonly kind: 'stageEnded'; readonly stageId: number }
  /** The stage was changed before it began. */
  | { readonly kind: 'adapted'; readonly stageId: number; readonly text: string }
  | { readonly kind: 'outputsLost'; readonly stageId: number; readonly count: number }
  /** A failed task runs again, after so long. */
  | {
      readonly kind: 'retry'
      readonly stageId: number
      readonly partition: number
      readonly attempt: number
      readonly delayMs: number
    }
  /** Other jobs with this kept stage are to hear of it. */
  | { readonly kind: 'keptChanged'; readonly stageId: number }
  | { readonly kind: 'finish' }
  | { readonly kind: 'fail'; readonly error: ErrorData }
