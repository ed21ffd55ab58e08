import type { Distribution, PhysicalPlan, TableOutput } from '../../engine/plan/index.ts'

/**
 * Glossary of what runs.
 *
 * - **Job**: one query or action. A DAG of stages.
 * - **Stage**: a plan without exchanges, run once per partition. Its output goes to later stages or to the
 * client.
 * - **Task**: one partition of one stage; fixed input, so that running it again gives the same rows.
 * - **Attempt**: one run of a task, from 0.
 *
 * ```
 * stage 0: Scan → Filter → partial Aggregate ──hash──▶ stage 2: ShuffleRead(0) → final Aggregate → client
 *
 * stage 0: Scan ──single──▶ stage 1: JoinBuild ──table──▶ stage 2: Scan → HashJoin with TableRead(1) → client
 * ```
 */
export interface JobGraph {
  /** In an order in which every stage stands after those it reads. The last one gives the result. */
  readonly stages: readonly Stage[]
  /** Exchanges of the plan, by node id, that read the stage of an equal one. */
  readonly reusedExchanges: ReadonlySet<number>
}

export interface Stage {
  readonly id: number
  readonly plan: PhysicalPlan
  readonly taskCount: number
  /** How its rows are spread for the reader, or that it leaves a table; null: its rows are the result. */
  readonly output: Distribution | TableOutput | null
  /** Stages whose output this one reads. */
  readonly inputs: readonly number[]
  /** All its tasks run at the same time or none does; if one fails, all begin again. */
  readonly barrier?: boolean
  /**
   * The output outlives the job, under this key, until the session drops it; other jobs of the session whose
   * graph has a stage with the same key read it instead of making it.
   */
  readonly keep?: string
  /** Where its output lies; not set: as the cluster's settings say. */
  readonly storage?: 'memory' | 'disk'
}
