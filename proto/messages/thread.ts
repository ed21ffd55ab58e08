import type { RecordBatch } from '../../engine/batch/index.ts'
import type { WrittenPart } from '../../engine/connect/index.ts'
import type { ErrorData } from '../../engine/errors.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import type { MemoryPoolHandle } from '../../engine/memory/index.ts'
import type { BuildSide } from '../../engine/operators/index.ts'
import type { Distribution, PhysicalPlan } from '../../engine/plan/index.ts'
import type { PlanMetrics, ThreadProfile } from '../../engine/run/index.ts'
import type { ShuffleBlock, ShuffleOutput } from '../../engine/shuffle/index.ts'
import type { ShippedFunction, ShippedModule } from '../../engine/user-code/index.ts'

/** What a worker thread is started with. */
export interface ThreadInit {
  readonly pool: MemoryPoolHandle
  /**
   * Words of int32. The first: the id of the task that should stop, 0 = none; checked by the running task.
   * Others: see WaitingTask.
   */
  readonly control: SharedArrayBuffer
  /** Built file of the user's program, for functions that a query calls; null if none. */
  readonly program: string | null
  /** The thread samples itself, until a ProfileMessage asks for what it saw. */
  readonly profile: boolean
}

/** What becomes of a task's rows: they go to the client, or to the next stage; or it leaves a table. */
export type TaskOutput =
  | { readonly kind: 'result' }
  | { readonly kind: 'table' }
  | { readonly kind: 'shuffle'; readonly distribution: Distribution }

/**
 * A stage, for the tasks of it that follow. A thread gets it once, and keeps it until it is told to forget
 * it.
 */
export interface StageMessage {
  readonly kind: 'stage'
  /** Its number in this process: no other stage of any job has it. */
  readonly stageNumber: number
  /** With what all tasks read; each takes what its partition reads. */
  readonly plan: PhysicalPlan
  readonly settings: QuerySettings
  readonly output: TaskOutput
}

/** No more tasks of these stages come. */
export interface ForgetMessage {
  readonly kind: 'forget'
  readonly stageNumbers: readonly number[]
}

/** One task: a partition of a stage that the thread knows. */
export interface TaskMessage {
  readonly taskId: number
  /** The job, for the regions the task makes. */
  readonly tag: number
  readonly stageNumber: number
  readonly partition: number
  readonly attempt: number
  /** By stage: the blocks of that stage's output that this task reads, in the shared arena or in files. */
  readonly shuffleInputs?: ReadonlyMap<number, readonly ShuffleBlock[]>
  /** By stage: the tables that joins of this task probe. They lie in the shared arena too. */
  readonly tables?: ReadonlyMap<number, BuildSide>
}

/**
 * A task that waits at a thread. It begins by taking its id out of word `claimAt` of the control words: if
 * that is no longer there, another thread has the task.
 */
export interface WaitingTask {
  readonly task: TaskMessage
  readonly claimAt: number
}

/** Tasks to run after those before them, in this order. */
export interface RunMessage {
  readonly kind: 'run'
  readonly tasks: readonly WaitingTask[]
}

/** The client has taken one result batch of a task. */
export interface AckMessage {
  readonly kind: 'ack'
  readonly taskId: number
}

/** User code that later tasks may call: a function by id, or a module that functions import. */
export type CodeMessage =
  | { readonly kind: 'function'; readonly fn: ShippedFunction }
  | { readonly kind: 'module'; readonly module: ShippedModule }

/** The thread shall stop sampling itself and tell what it saw. */
export interface ProfileMessage {
  readonly kind: 'profile'
}

export type ToThread = StageMessage | ForgetMessage | RunMessage | AckMessage | CodeMessage | ProfileMessage

/** One batch of the result. The receiver frees region `regionId` and answers with an ack. */
export interface BatchMessage {
  readonly kind: 'batch'
  readonly taskId: number
  readonly batch: RecordBatch
  readonly regionId: number
}

/** When an attempt of a task ran, in microseconds of `monotonicUs`, and on which thread. */
export interface TaskTiming {
  readonly threadId: number
  readonly startUs: number
  readonly endUs: number
}

export interface DoneMessage {
  readonly kind: 'done'
  readonly taskId: number
  /** What it left in the arena: batches for the next stage, or a table (and no batches). */
  readonly shuffle: ShuffleOutput | null
  readonly table: BuildSide | null
  readonly parts: readonly WrittenPart[]
  readonly metrics: PlanMetrics
  readonly timing: TaskTiming
}

export interface FailedMessage {
  readonly kind: 'failed'
  readonly taskId: number
  readonly error: ErrorData
  readonly metrics: PlanMetrics
  readonly timing: TaskTiming
}

export interface ReadyMessage {
  readonly kind: 'ready'
}

/** What the thread saw of itself. */
export interface ProfiledMessage {
  readonly kind: 'profiled'
  readonly profile: ThreadProfile
}

/** What a thread tells of a task. */
export type TaskReply = BatchMessage | DoneMessage | FailedMessage

/**
 * What a thread tells of its tasks, in order; of several at once where they are short. The metrics of some
 * tasks of a job may then stand with another of them.
 */
export interface RepliesMessage {
  readonly kind: 'replies'
  readonly replies: readonly TaskReply[]
}

export type FromThread = ReadyMessage | ProfiledMessage | RepliesMessage

/** Result batches that may wait for the client, per task. */
export const RESULT_WINDOW = 4
