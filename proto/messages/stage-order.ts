import type { QuerySettings } from '../../engine/functions/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import type { TaskOutput } from './thread.ts'

/** A stage, as an executor gets it before its first task. Plain data. */
export interface StageOrder {
  readonly plan: PhysicalPlan
  readonly settings: QuerySettings
  readonly output: TaskOutput
  /** An output no larger than this travels in the message of the task's end, and is not kept; 0: never. */
  readonly inlineBytes: number
  /**
   * The tables that its joins and scans need, by stage; each executor builds them from that stage's inputs.
   */
  readonly tables: readonly { readonly stageId: number; readonly plan: PhysicalPlan }[]
  /** Under what job and stage the outputs are stored and fetched, if not those of the order (kept rows). */
  readonly storeAs: { readonly jobId: string; readonly stageId: number } | null
  /** `disk`: the output is written to the local folder before the task ends, and so outlives the executor. */
  readonly storage: 'memory' | 'disk'
}
