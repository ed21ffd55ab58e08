import type { Expr } from '../expr/index.ts'
import type { Schema } from '../types/index.ts'
import type { NodeBase, PhysicalPlan } from './physical-plan.ts'

/** What plans of streaming queries have besides; see decision 0022. */
export type StreamPlan = TogetherExec | EventTimeExec | LateFilterExec | StateReadExec | StateWriteExec

/** Partition p: the rows of partition p of each input, one input after the other. */
export interface TogetherExec extends NodeBase {
  readonly kind: 'TogetherExec'
  readonly inputs: readonly PhysicalPlan[]
}

/** Passes its rows on, and notes the newest event time of each partition of the source, for the watermark. */
export interface EventTimeExec extends NodeBase {
  readonly kind: 'EventTimeExec'
  readonly input: PhysicalPlan
  /** A timestamp column of the input. */
  readonly column: number
  /** Columns that tell the source's partition: a topic, a number; none: all rows are of one. */
  readonly partition: readonly number[]
  /** Which watermark of the query: its place in the plan. */
  readonly watermark: number
}

/** Leaves out rows for which the predicate is not TRUE, counts them as late, and may write them elsewhere. */
export interface LateFilterExec extends NodeBase {
  readonly kind: 'LateFilterExec'
  readonly input: PhysicalPlan
  readonly predicate: Expr
  readonly late: LateRows | null
}

/** The sink of late rows, and which batch of which query they are of. */
export interface LateRows {
  readonly sink: string
  readonly options: Readonly<Record<string, string>>
  readonly schema: Schema
  readonly queryId: string
  readonly batchId: number
}

/**
 * The state of an operator as files have it: per partition a snapshot, then changes. Of rows with equal keys,
 * the first `keyCount` columns, the last one counts. The order of rows is not fixed.
 */
export interface StateReadExec extends NodeBase {
  readonly kind: 'StateReadExec'
  readonly operator: number
  readonly keyCount: number
  /** Paths, oldest first. */
  readonly partitions: readonly (readonly string[])[]
}

/**
 * Passes its rows on, and writes those for which the predicate is TRUE (null: all) into a file of the
 * operator's state, whose name is left as the task's written part.
 */
export interface StateWriteExec extends NodeBase {
  readonly kind: 'StateWriteExec'
  readonly input: PhysicalPlan
  readonly operator: number
  readonly predicate: Expr | null
  /** Folder of the operator's files. */
  readonly path: string
  readonly batchId: number
  readonly isSnapshot: boolean
}
