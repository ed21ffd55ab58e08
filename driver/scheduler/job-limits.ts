/** How a job machine deals with tables, failures and outputs that were read. */
export interface JobLimits {
  /** `virtual`: executors build a table from the outputs of its inputs; `task`: its stage has a task. */
  readonly tables: 'virtual' | 'task'
  /**
   * `eager`: outputs go once their readers are done. `end`: they stay until the job ends, since readers whose
   * own outputs are lost later would have to make them again.
   */
  readonly release: 'eager' | 'end'
  /** The job is done when its client has taken the result, not when its tasks are. */
  readonly takesResults: boolean
  /** A task is given up after this many failures of its own … */
  readonly maxFailures: number
  /** … this many losses of what ran it … */
  readonly maxLosses: number
  /** … or this many inputs that could not be had. */
  readonly maxFetchFailures: number
  /** Pause after the first failure; it doubles with each. 0: none. */
  readonly backOffMs: number
  readonly maxBackOffMs: number
}

/** Of a job on threads of this process: they share its memory, and nothing is lost without a cause. */
export const LOCAL_LIMITS: JobLimits = {
  tables: 'task',
  release: 'eager',
  takesResults: false,
  maxFailures: 4,
  maxLosses: 4,
  maxFetchFailures: 4,
  backOffMs: 0,
  maxBackOffMs: 0,
}

/** Of a job on a cluster, unless its settings say otherwise. */
export const CLUSTER_LIMITS: JobLimits = {
  tables: 'virtual',
  release: 'end',
  takesResults: true,
  maxFailures: 4,
  maxLosses: 8,
  maxFetchFailures: 32,
  backOffMs: 100,
  maxBackOffMs: 10_000,
}
