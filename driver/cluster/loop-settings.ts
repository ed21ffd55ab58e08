/** Times and bounds of the event loop. */
export interface LoopSettings {
  /** How often workers and executors send a sign of life. */
  readonly heartbeatMs: number
  /** Who is silent for so long is lost. */
  readonly silenceMs: number
  /** How long a worker whose stream broke may take to come back while executors of it are there. */
  readonly reconnectMs: number
  /**
   * How long to wait for the worker to say why an executor ended, and what it left; and for a worker of which
   * no stream is left.
   */
  readonly exitMs: number
  /** An executor that has not said hello by then has failed to start. */
  readonly executorStartMs: number
  /** How often a client hears how far its job is. */
  readonly progressMs: number
  /** A task's rows of the result travel with its end if they are no more than this … */
  readonly inlineBytes: number
  /** … and all of a job no more than this. */
  readonly inlineBytesOfJob: number
  /** Rows of a job that may wait in the driver's memory for its client before more are fetched. */
  readonly heldRowBytes: number
  readonly maxSessions: number
  /** Jobs of a session that run or wait. */
  readonly maxJobsOfSession: number
  readonly maxGraphBytes: number
  /** Of all stages together. */
  readonly maxTasksOfJob: number
  /** All functions and modules of a session. */
  readonly maxCodeBytes: number
  /** Ended jobs that `status` still knows. */
  readonly endedJobs: number
}

const MEGABYTE = 1024 * 1024

export const defaultLoopSettings: LoopSettings = {
  heartbeatMs: 1000,
  silenceMs: 10_000,
  reconnectMs: 5000,
  exitMs: 1000,
  executorStartMs: 60_000,
  progressMs: 100,
  inlineBytes: MEGABYTE / 4,
  inlineBytesOfJob: 32 * MEGABYTE,
  heldRowBytes: 16 * MEGABYTE,
  maxSessions: 1000,
  maxJobsOfSession: 256,
  maxGraphBytes: 256 * MEGABYTE,
  maxTasksOfJob: 2_000_000,
  maxCodeBytes: 256 * MEGABYTE,
  endedJobs: 500,
}
