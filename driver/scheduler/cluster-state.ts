import type { ClusterEffect, LaunchedTask } from './cluster-events.ts'
import type { JobMachine } from './job-machine.ts'
import type { SchedulerSettings } from './scheduler-settings.ts'
import type { KeptOutputs } from './stage-run.ts'
import type { TaskQueue } from './task-queue.ts'
import { TimeHeap } from './time-heap.ts'

/** A machine that gives slots. */
export interface WorkerState {
  readonly id: string
  /** What job machines know it by, as a holder of outputs. */
  readonly number: number
  readonly host: string
  readonly slots: number
  readonly memoryBytes: number
  usedSlots: number
  usedMemoryBytes: number
  isDraining: boolean
  excludedUntilMs: number
  /** Times of failures, the latest ones. */
  readonly failures: number[]
  /** Those that run or start, by session. */
  readonly executors: Map<string, ExecutorState>
  /** Those that end; they still take memory. */
  readonly stopping: Set<ExecutorState>
}

/** A process of a session on a worker. */
export interface ExecutorState {
  readonly id: string
  readonly number: number
  readonly worker: WorkerState
  readonly session: SessionState
  readonly threads: number
  readonly memoryBytes: number
  state: 'starting' | 'ready' | 'stopping'
  sinceMs: number
  /** Attempts that have a slot. */
  readonly running: Set<AttemptState>
  /** Attempts that wait there for one, first come first. */
  readonly ahead: Set<AttemptState>
  /** By job: what was sent of it. */
  readonly sent: Map<string, SentOfJob>
  /** To be launched when the event has been dealt with. */
  launches: LaunchedTask[]
}

export interface SentOfJob {
  readonly stages: Set<number>
  /** Versions of locations, by stage. */
  readonly outputs: Map<number, number>
}

export interface SessionState {
  readonly id: string
  readonly executorMemoryBytes: number
  readonly maxSlots: number
  readonly settings: ReadonlyMap<string, string>
  readonly jobs: Set<JobState>
  readonly kept: Map<string, KeptState>
  readonly executors: Set<ExecutorState>
  /** Those that are not ready yet. */
  readonly starting: Set<ExecutorState>
  usedSlots: number
  startedExecutors: number
  /** Starts that have failed since the last that did not. */
  startFailures: number
  /** By worker id: no start there before. */
  readonly startAfterMs: Map<string, number>
}

/** Outputs that outlive their job. */
export interface KeptState extends KeptOutputs {
  readonly users: Set<JobState>
  isDropped: boolean
}

export interface JobState {
  readonly id: string
  readonly session: SessionState
  readonly pool: string
  readonly order: number
  readonly machine: JobMachine
  readonly queues: Map<number, StageQueue>
  readonly attempts: Map<number, AttemptState>
  /** Executors that were told of it. */
  readonly executors: Set<ExecutorState>
  /** Until when it does without a worker. */
  readonly excluded: Map<WorkerState, number>
  readonly failures: Map<WorkerState, number>
  /** By partition of the result: the attempt that gave it. */
  readonly results: Map<number, AttemptState>
  /** Running tasks that are slow, to be tried elsewhere. */
  readonly slow: Set<AttemptState>
  /** Since when it has had work but no attempt; null: it is well. */
  stuckSinceMs: number | null
}

/** What the scheduler knows of a stage beyond its machine. */
export interface StageQueue {
  readonly queue: TaskQueue
  /** Attempts by task and number. */
  readonly attempts: Map<number, AttemptState>
  /** Times that tasks took, of the latest thousand. */
  readonly durations: number[]
  durationCount: number
  /** Mean of the latest tasks from their launch to their end; 0: none has ended. */
  meanMs: number
  /** When the last check for slow tasks was. */
  checkedMs: number
}

export interface AttemptState {
  readonly id: number
  readonly job: JobState
  readonly task: LaunchedTask
  readonly executor: ExecutorState
  readonly isSpare: boolean
  readonly launchedMs: number
  begunMs: number
  /** Beats of its executor, one after the other, that did not name it. */
  missedBeats: number
  /** It waits at the executor and has no slot yet. */
  isAhead: boolean
}

/** Everything the cluster scheduler knows. */
export class ClusterState {
  readonly settings: SchedulerSettings
  readonly workers: Map<string, WorkerState> = new Map()
  readonly sessions: Map<string, SessionState> = new Map()
  readonly executors: Map<string, ExecutorState> = new Map()
  /** Running ones, in the order they came. */
  readonly jobs: Map<string, JobState> = new Map()
  readonly attempts: Map<number, AttemptState> = new Map()
  /** Executors and workers by number. */
  readonly holders: Map<number, ExecutorState | WorkerState> = new Map()
  /** Workers that have room they did not have before. */
  readonly freed: Set<WorkerState> = new Set()
  /** Every worker is to be looked at. */
  offersAll = false
  /** When tasks that wait for a better place are to be looked at; null: there are none. */
  localityAlarmMs: number | null = null
  /** Of the failure just heard: when its task runs again; null: never. */
  retriesInMs: number | null = null
  /** Counts looks at all workers. */
  turn = 0
  /** Executors with launches to send. */
  readonly launched: Set<ExecutorState> = new Set()
  readonly alarms: TimeHeap<() => void> = new TimeHeap()
  effects: ClusterEffect[] = []
  nowMs = 0
  lastAttemptId = 0
  jobOrder = 0
  #holderNumber = 0

  constructor(settings: SchedulerSettings) {
    this.settings = settings
  }

  nextHolderNumber(): number {
    return this.#holderNumber++
  }

  emit(effect: ClusterEffect): void {
    this.effects.push(effect)
  }

  /** Calls back after a while, a millisecond at least, when a tick comes. */
  after(delayMs: number, run: () => void): void {
    this.alarms.push(this.nowMs + Math.max(1, delayMs), run)
  }
}

/** Whether new tasks may go there. */
export function isUsable({ isDraining, excludedUntilMs }: WorkerState, nowMs: number): boolean {
  return !isDraining && excludedUntilMs <= nowMs
}

export function attemptKey(partition: number, attempt: number): number {
  return partition * 65_536 + attempt
}
