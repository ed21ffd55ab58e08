import type { AggregateCall, Expr, SortKey } from '../expr/index.ts'
import type { Field, Schema, Value } from '../types/index.ts'
import type { Distribution } from './distribution.ts'
import type { RuntimeFilter } from './runtime-filter.ts'
import type { ScanRequestData, SplitData } from './scan-request.ts'
import type { StreamPlan } from './stream-plan.ts'
import type { WindowCall } from './window-call.ts'
import type { WriteRequestData } from './write-request.ts'

/**
 * What runs: a tree of operators over batches. Plain data; `id` is unique in a plan and names the node in
 * metrics.
 * Expressions refer to columns of the input by index. A plan is cut into stages at its exchanges.
 */
export type PhysicalPlan =
  | ScanExec
  | ValuesExec
  | RangeExec
  | FilterExec
  | ProjectExec
  | LimitExec
  | UnionExec
  | ExpandExec
  | GenerateExec
  | SampleExec
  | SortExec
  | TopNExec
  | WindowExec
  | WindowGroupLimitExec
  | HashAggregateExec
  | HashJoinExec
  | JoinBuildExec
  | TableReadExec
  | NestedLoopJoinExec
  | ExchangeExec
  | ShuffleReadExec
  | WriteExec
  | UserCodeExec
  | StreamPlan

export interface NodeBase {
  readonly id: number
  /** Columns the operator gives. */
  readonly schema: Schema
}

/** Rows of a source. Partition p reads the splits `partitions[p]`, one after the other. */
export interface ScanExec extends NodeBase {
  readonly kind: 'ScanExec'
  /** Name of the connector. */
  readonly source: string
  /** Name of the table for people. */
  readonly table: string
  readonly request: ScanRequestData
  /** Over the request's columns by index: only rows for which it is TRUE are given; null: all. */
  readonly filter: Expr | null
  /** Which of the request's columns are given, by index, in order; null: all. */
  readonly output: readonly number[] | null
  readonly partitions: readonly (readonly SplitData[])[]
  /** What pruning did, for EXPLAIN. */
  readonly notes: readonly string[]
  /** Rows that do not pass find no match in a join above, and may be left out. */
  readonly runtimeFilters: readonly RuntimeFilter[]
}

/** Rows that stand in the plan; one partition. */
export interface ValuesExec extends NodeBase {
  readonly kind: 'ValuesExec'
  readonly rows: readonly (readonly Value[])[]
}

/** start, start + step, … before end, as one int64 column, in `partitionCount` parts. */
export interface RangeExec extends NodeBase {
  readonly kind: 'RangeExec'
  readonly start: bigint
  readonly end: bigint
  readonly step: bigint
  readonly partitionCount: number
}

/** Rows for which the predicate is TRUE. */
export interface FilterExec extends NodeBase {
  readonly kind: 'FilterExec'
  readonly input: PhysicalPlan
  readonly predicate: Expr
}

/** One expression a column. */
export interface ProjectExec extends NodeBase {
  readonly kind: 'ProjectExec'
  readonly input: PhysicalPlan
  readonly exprs: readonly Expr[]
}

/** Skips `skip` rows, then gives at most `fetch` (null = all), of each partition. */
export interface LimitExec extends NodeBase {
  readonly kind: 'LimitExec'
  readonly input: PhysicalPlan
  readonly skip: number
  readonly fetch: number | null
}

/**
 * The partitions of all inputs, side by side: its partitions are those of the first input, then of the second
 * …
 */
export interface UnionExec extends NodeBase {
  readonly kind: 'UnionExec'
  readonly inputs: readonly PhysicalPlan[]
}

/** Every row once per projection (grouping sets). */
export interface ExpandExec extends NodeBase {
  readonly kind: 'ExpandExec'
  readonly input: PhysicalPlan
  readonly projections: readonly (readonly Expr[])[]
}

/**
 * The input's columns, then those of `generator` over a list or map, one row an element: `explode`,
 * `posexplode` (position first), `inline` (the fields of structs), `stack` (args: row count, values…).
 * `outer` keeps rows without elements, with NULLs.
 */
export interface GenerateExec extends NodeBase {
  readonly kind: 'GenerateExec'
  readonly input: PhysicalPlan
  readonly generator: 'explode' | 'posexplode' | 'inline' | 'stack' | 'json_tuple'
  readonly args: readonly Expr[]
  readonly outer: boolean
  /** The generated columns; schema = those of the input, then these. */
  readonly fields: readonly Field[]
}

/** Each row with the given probability, chosen by a seeded hash of partition and position. */
export interface SampleExec extends NodeBase {
  readonly kind: 'SampleExec'
  readonly input: PhysicalPlan
  readonly fraction: number
  readonly seed: number
}

/**
 * Rows of each partition, sorted; stable. With `rangeCount` every partition reads all rows (its exchange is a
 * broadcast) and sorts one range of keys, so that the partitions after each other are in order; keys are then
 * plain columns.
 */
export interface SortExec extends NodeBase {
  readonly kind: 'SortExec'
  readonly input: PhysicalPlan
  readonly keys: readonly SortKey[]
  readonly rangeCount?: number
}

/** The first `fetch` rows of each partition by the keys, after skipping `skip`. */
export interface TopNExec extends NodeBase {
  readonly kind: 'TopNExec'
  readonly input: PhysicalPlan
  readonly keys: readonly SortKey[]
  readonly skip: number
  readonly fetch: number
}

/**
 * The input's columns, then one a call. All calls share partition keys and order; equal partition keys
 * must lie in one partition of the input. It sorts by itself; output order is by keys, then order.
 */
export interface WindowExec extends NodeBase {
  readonly kind: 'WindowExec'
  readonly input: PhysicalPlan
  readonly partitionBy: readonly Expr[]
  readonly orderBy: readonly SortKey[]
  readonly calls: readonly WindowCall[]
}

/**
 * Rows that may be among the first `limit` of those with equal partition keys, by the order: a window above
 * is asked for no others. It may let more through. The first order key has a fixed width.
 */
export interface WindowGroupLimitExec extends NodeBase {
  readonly kind: 'WindowGroupLimitExec'
  readonly input: PhysicalPlan
  readonly partitionBy: readonly Expr[]
  readonly orderBy: readonly SortKey[]
  readonly limit: number
}

/**
 * Groups by the keys; columns: keys, then aggregates.
 * - `complete`: rows in, results out. Needs equal keys in one partition.
 * - `partial`: rows in; keys and the state columns of each aggregate out (functions' `signature.state`).
 * - `final`: the output of `partial` in (keys first, then states), results out; `keys` are plain columns.
 * - `merge`: the output of `partial` in, states of the same form out.
 * Without keys `complete` and `final` give one row even for no input. Args of `final` keep their types only.
 */
export interface HashAggregateExec extends NodeBase {
  readonly kind: 'HashAggregateExec'
  readonly input: PhysicalPlan
  readonly mode: 'partial' | 'final' | 'complete' | 'merge'
  readonly keys: readonly Expr[]
  readonly calls: readonly AggregateCall[]
}

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'nullAwareAnti' | 'existence'

/**
 * Equality join: `leftKeys[i] = rightKeys[i]` (`nullSafe[i]`: <=>), and the residual `condition` over left
 * columns then right columns.
 * The table is built from side `build`, the other side streams. Columns: left then right; `semi`, `anti`,
 * `nullAwareAnti`: left only; `existence`: left, then one boolean column that tells whether there is a match
 * (never NULL). `nullAwareAnti` is NOT IN: one key, no condition; no row if the right has a NULL key; a NULL
 * left key only stays if the right is empty; its table is built from the right. The build input is a
 * JoinBuildExec (in a stage, a TableReadExec) if all tasks of the stream side share one table, which lies in
 * memory whole; the stream side is then partitioned as it is. Else every partition builds a table of its own,
 * and equal keys share partitions.
 */
export interface HashJoinExec extends NodeBase {
  readonly kind: 'HashJoinExec'
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
  readonly joinType: JoinType
  readonly build: 'left' | 'right'
  readonly leftKeys: readonly Expr[]
  readonly rightKeys: readonly Expr[]
  readonly nullSafe: readonly boolean[]
  readonly condition: Expr | null
}

/**
 * The table of a join over all rows of its input, which has one partition. It ends its stage: what the stage
 * leaves is the table, not rows. `keysOnly`: the join only asks whether a key is there. `markingTasks`: that
 * many tasks note which rows found a match (0: none), so that the last of them gives the others. `filtered`:
 * the keys, by index, by which scans test their rows.
 */
export interface JoinBuildExec extends NodeBase {
  readonly kind: 'JoinBuildExec'
  readonly input: PhysicalPlan
  readonly keys: readonly Expr[]
  readonly nullSafe: readonly boolean[]
  readonly keysOnly: boolean
  readonly markingTasks: number
  readonly filtered: readonly number[]
}

/** The table that an earlier stage built. Put in by the stage splitter for a JoinBuildExec. */
export interface TableReadExec extends NodeBase {
  readonly kind: 'TableReadExec'
  readonly stageId: number
}

/**
 * Every pair of rows that meets the condition (null = all). Right side is collected. Types and columns as
 * HashJoinExec.
 */
export interface NestedLoopJoinExec extends NodeBase {
  readonly kind: 'NestedLoopJoinExec'
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
  readonly joinType: Exclude<JoinType, 'nullAwareAnti'>
  readonly condition: Expr | null
}

/**
 * The border of two stages: rows change partition. Never executed itself; the stage splitter replaces it.
 * `keep`: a cluster keeps the rows under this key beyond the job, and other jobs of the session read them;
 * `storage`: on `disk` they outlive the processes that made them.
 */
export interface ExchangeExec extends NodeBase {
  readonly kind: 'ExchangeExec'
  readonly input: PhysicalPlan
  readonly distribution: Distribution
  readonly keep?: string
  readonly storage?: 'memory' | 'disk'
}

/** What an earlier stage left for this partition. Put in by the stage splitter. */
export interface ShuffleReadExec extends NodeBase {
  readonly kind: 'ShuffleReadExec'
  readonly stageId: number
  readonly partitionCount: number
  readonly broadcast: boolean
}

/** Writes its rows through a sink; gives one row: rows and bytes written (int64, int64). */
export interface WriteExec extends NodeBase {
  readonly kind: 'WriteExec'
  readonly input: PhysicalPlan
  readonly sink: string
  readonly request: WriteRequestData
}

/**
 * Shipped functions over whole partitions (RDD). `steps` run in order on the values of one partition; see
 * user-code/.
 */
export interface UserCodeExec extends NodeBase {
  readonly kind: 'UserCodeExec'
  readonly input: PhysicalPlan | null
  readonly partitionCount: number
  readonly program: unknown
}
