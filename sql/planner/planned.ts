import type { SplitPlan } from '../../engine/connect/index.ts'
import type { LateRows, PhysicalPlan, ScanRequestData } from '../../engine/plan/index.ts'
import type { Column, LogicalPlan } from '../plan/index.ts'
import type { Partitioning } from './partitioning.ts'

/** A batch of a streaming query, as far as its plan depends on it; see decision 0022. */
export interface StreamingContext {
  readonly queryId: string
  readonly batchId: number
  readonly outputMode: 'append' | 'update' | 'complete'
  /** Event time in microseconds up to which windows are closed; null: none yet. */
  readonly watermarkMicros: bigint | null
  /** The same for the batch before: state that it closed is not read any more. */
  readonly previousMicros: bigint | null
  readonly statePartitions: number
  /** All of the state is written, not what changed. */
  readonly isSnapshot: boolean
  /** Where rows that come too late go; null: nowhere. */
  readonly late: Omit<LateRows, 'schema'> | null
  /** Folder of the state's files. */
  readonly statePath: string
  /** Files of an operator's state before this batch, by partition, oldest first. */
  stateFiles(operator: number): readonly (readonly string[])[]
  /** Numbers of stateful operators and watermarks, in the order of planning. */
  nextOperator(): number
  nextWatermark(): number
}

/** What planning may use. */
export interface PlanContext {
  /** Threads that run tasks. */
  readonly threads: number
  /** Partitions after an exchange by hash. */
  readonly shufflePartitions: number
  /**
   * Whether every process that runs tasks has a copy of its own of a shared table: no task then knows which
   * rows of it found a match anywhere.
   */
  readonly copiesTables?: boolean
  /** Largest side of a join that may lie in memory whole. */
  readonly buildBytes?: number
  /** Whether a source applies the filter of a scan while it reads; if the session does not say, none does. */
  readonly appliesFilters?: (source: string) => boolean
  /** Set if the plan is a batch of a streaming query. */
  readonly streaming?: StreamingContext
  /** The pieces of a source, after pruning. */
  readonly planSplits: (scan: {
    readonly source: string
    readonly request: ScanRequestData
  }) => Promise<SplitPlan>
}

/** A physical plan, the columns it gives by id, and how its rows are spread. */
export interface Planned {
  readonly plan: PhysicalPlan
  readonly columns: readonly Column[]
  readonly partitioning: Partitioning
}

/** What the parts of the planner share while they plan one query. */
export interface Planner {
  readonly context: PlanContext
  readonly buildBytes: number
  nextId(): number
  /** Plans an input. */
  plan(plan: LogicalPlan): Promise<Planned>
  /** Sets of columns by which joins, groups and windows want equal rows together; for bucketed scans. */
  readonly clusterings: readonly ReadonlySet<number>[]
}
