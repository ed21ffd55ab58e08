/**
 * What the driver shows of itself, over HTTP and on its page. Plain data; times are milliseconds since 1970,
 * sizes bytes; null: not yet, or not known. `api-schemas.ts` says the same as JSON Schema.
 */
export interface ClusterStatus {
  readonly build: string
  readonly startedMs: number
  readonly nowMs: number
  readonly workers: number
  readonly slots: number
  readonly slotsUsed: number
  readonly memoryBytes: number
  readonly jobsRunning: number
  readonly jobsWaiting: number
  readonly sessions: readonly SessionView[]
}

export interface SessionView {
  readonly sessionId: string
  /** The program, for people. */
  readonly name: string
  readonly openedMs: number
  readonly closedMs: number | null
  readonly jobsRunning: number
}

export interface WorkerView {
  readonly workerId: string
  readonly host: string
  readonly state: 'active' | 'excluded' | 'draining' | 'lost'
  readonly slots: number
  readonly memoryBytes: number
  readonly rssBytes: number | null
  readonly load: number | null
  readonly diskUsedBytes: number | null
  readonly lastSeenMs: number
}

export interface ExecutorView {
  readonly executorId: string
  readonly workerId: string
  readonly sessionId: string
  readonly state: 'starting' | 'ready' | 'ended'
  readonly threads: number
  readonly tasksRunning: number
  readonly tasksDone: number
  readonly tasksFailed: number
  readonly usedBytes: number | null
  readonly limitBytes: number
  readonly rssBytes: number | null
  readonly spilledBytes: number | null
  readonly startedMs: number
  readonly endedMs: number | null
  /** Why it ended. */
  readonly reason: string | null
}

export interface JobView {
  readonly jobId: string
  readonly sessionId: string
  /** SQL text or name of the action. */
  readonly label: string
  readonly pool: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly submittedMs: number
  readonly endedMs: number | null
  readonly tasksDone: number
  readonly tasksRunning: number
  readonly tasksFailed: number
  readonly taskCount: number
  readonly stagesDone: number
  readonly stageCount: number
  /** Code and message. */
  readonly error: string | null
}

export interface JobDetail extends JobView {
  readonly stages: readonly StageView[]
  /** What adaptive execution changed, lost outputs, exclusions: in the order of time. */
  readonly notes: readonly { readonly atMs: number; readonly text: string }[]
}

export interface StageView {
  readonly stageId: number
  readonly state: 'waiting' | 'running' | 'done'
  readonly inputs: readonly number[]
  /** `hash`, `broadcast`, `table` …; `result` for the last stage. */
  readonly output: string
  readonly taskCount: number
  readonly tasksDone: number
  readonly tasksRunning: number
  readonly tasksFailed: number
  readonly startedMs: number | null
  readonly endedMs: number | null
  readonly outputBytes: number
  readonly outputRows: number
  /** From the top of the stage; an input follows one deeper. */
  readonly operators: readonly OperatorView[]
}

export interface OperatorView {
  readonly id: number
  readonly kind: string
  /** Its line of EXPLAIN. */
  readonly text: string
  readonly depth: number
  readonly rows: number
  /** With and without the time of its inputs, over all tasks; null if it runs inside the operator above. */
  readonly ms: number | null
  readonly selfMs: number | null
  readonly counters: Readonly<Record<string, number>>
}

export interface TaskView {
  readonly attemptId: number
  readonly stageId: number
  readonly partition: number
  readonly attempt: number
  readonly executorId: string
  readonly state: 'launched' | 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly launchedMs: number
  readonly beganMs: number | null
  readonly endedMs: number | null
  readonly outputBytes: number | null
  readonly outputRows: number | null
  readonly error: string | null
}

/** Rows that sessions keep (CACHE TABLE, persist). */
export interface StorageView {
  readonly sessionId: string
  readonly key: string
  readonly partitions: number
  readonly partitionCount: number
  readonly bytes: number
}

/** A program that was submitted detached. */
export interface ProgramView {
  readonly programId: string
  readonly name: string
  readonly state: 'running' | 'succeeded' | 'failed' | 'killed'
  readonly submittedMs: number
  readonly endedMs: number | null
  readonly starts: number
  readonly exitCode: number | null
}

/** A page of a longer list. */
export interface Slice {
  readonly limit: number
  readonly offset: number
}

/** Where the views come from: a driver that runs, or event logs. */
export interface ClusterViews {
  status(): ClusterStatus
  workers(): readonly WorkerView[]
  executors(): readonly ExecutorView[]
  /** Newest first. */
  jobs(slice: Slice): readonly JobView[]
  /** undefined: no such job. */
  job(jobId: string): JobDetail | undefined
  tasks(jobId: string, stageId: number, slice: Slice): readonly TaskView[] | undefined
  storage(): readonly StorageView[]
  programs(): readonly ProgramView[]
}
