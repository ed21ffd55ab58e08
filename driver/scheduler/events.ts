import type { ErrorData } from '../../engine/errors.ts'

/** What happens to a job. */
export type JobEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'taskSucceeded'; readonly stageId: number; readonly partition: number }
  | {
      readonly kind: 'taskFailed'
      readonly stageId: number
      readonly partition: number
      readonly error: ErrorData
      /** Whether running it again may help and does no harm. */
      readonly retryable: boolean
    }

/** What the event loop is to do about it. */
export type Effect =
  | {
      readonly kind: 'launch'
      readonly stageId: number
      readonly partition: number
      readonly attempt: number
    }
  /** Nobody reads this stage's output any more. */
  | { readonly kind: 'releaseOutput'; readonly stageId: number }
  | { readonly kind: 'finish' }
  | { readonly kind: 'fail'; readonly error: ErrorData }
