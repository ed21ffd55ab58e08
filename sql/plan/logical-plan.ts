import type {
  Bucketing,
  ColumnPredicate,
  SourceOptions,
  TableStatistics,
} from '../../engine/connect/index.ts'
import type { AggregateCall, Expr, SortKey } from '../../engine/expr/index.ts'
import type { WindowCall, WriteRequestData } from '../../engine/plan/index.ts'
import type { DataType, Schema, Value } from '../../engine/types/index.ts'

/**
 * A column that a node gives. `id` is unique in the process: a column keeps its id from where it arises
 * through all nodes that pass it on, so rules move expressions about without renumbering. In expressions of a
 * logical plan, `ColumnExpr.index` is this id; the planner turns ids into positions.
 */
export interface Column {
  readonly id: number
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
}

/** An expression and the column it becomes. A plain column passed on keeps its own id. */
export interface NamedExpr {
  readonly column: Column
  readonly expr: Expr
}

/**
 * What is to be computed, resolved and typed: the output of the analyzer and of DataFrame methods, the input
 * and output of optimizer rules.
 * Plain data. No node or column id appears twice in one tree (`freshColumns` renumbers a plan used a second
 * time).
 */
export type LogicalPlan =
  | Scan
  | Values
  | Range
  | Project
  | Filter
  | Aggregate
  | Window
  | Join
  | Apply
  | Sort
  | Limit
  | Union
  | Expand
  | Generate
  | Sample
  | Repartition
  | Watermark
  | Write
  | UserCode

/** A table as the catalog or a reader knows it. */
export interface TableRef {
  /** For people: `orders`, `parquet./data/x`. */
  readonly name: string
  /** Name of the connector: `parquet`, `csv`, `json`, `text`, `memory`. */
  readonly source: string
  readonly options: SourceOptions
  readonly schema: Schema
  readonly statistics: TableStatistics
  readonly partitionColumns: readonly string[]
  readonly bucketing?: Bucketing | undefined
  /** It is read as a stream: its options get the range of each batch. */
  readonly isStream?: true
}

/**
 * Rows of a table. `columns` names the wanted columns of `table.schema` by `name`; predicates are hints for
 * pruning.
 */
export interface Scan {
  readonly kind: 'Scan'
  readonly table: TableRef
  readonly columns: readonly Column[]
  readonly predicates: readonly ColumnPredicate[]
}

/** Rows that stand in the query. No columns and one row: SELECT without FROM. */
export interface Values {
  readonly kind: 'Values'
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Value[])[]
}

export interface Range {
  readonly kind: 'Range'
  readonly column: Column
  readonly start: bigint
  readonly end: bigint
  readonly step: bigint
  /** 0: as the planner thinks best. */
  readonly partitionCount: number
}

export interface Project {
  readonly kind: 'Project'
  readonly input: LogicalPlan
  readonly exprs: readonly NamedExpr[]
}

export interface Filter {
  readonly kind: 'Filter'
  readonly input: LogicalPlan
  readonly predicate: Expr
}

/** Groups by keys; none: one row. DISTINCT is an Aggregate without calls. */
export interface Aggregate {
  readonly kind: 'Aggregate'
  readonly input: LogicalPlan
  readonly keys: readonly NamedExpr[]
  readonly calls: readonly { readonly column: Column; readonly call: AggregateCall }[]
  /**
   * It gives the first row of each key, all columns of it. Over a stream keys are forgotten when they are
   * older than the watermark by more than the horizon; null: never.
   */
  readonly deduplicates?: { readonly horizonMicros: bigint | null }
}

/** The input's columns, then one a call; calls of one node share partition and order. */
export interface Window {
  readonly kind: 'Window'
  readonly input: LogicalPlan
  readonly partitionBy: readonly Expr[]
  readonly orderBy: readonly SortKey[]
  readonly calls: readonly { readonly column: Column; readonly call: WindowCall }[]
}

export type LogicalJoinType =
  | 'inner'
  | 'left'
  | 'right'
  | 'full'
  | 'semi'
  | 'anti'
  | 'nullAwareAnti'
  | 'existence'

/**
 * Left columns then right columns; semi, anti, nullAwareAnti: left only; existence: left, then `mark`.
 * `condition` null is a cross join. For nullAwareAnti (NOT IN) the condition is `left = right` alone.
 */
export interface Join {
  readonly kind: 'Join'
  readonly left: LogicalPlan
  readonly right: LogicalPlan
  readonly joinType: LogicalJoinType
  readonly condition: Expr | null
  /** The boolean column of an existence join. */
  readonly mark: Column | null
  /** BROADCAST hint: the side that every task gets whole. */
  readonly broadcast: 'left' | 'right' | null
}

/**
 * A dependent join: for every row of `left`, the rows of `right`, whose expressions may use columns of `left`
 * (ids that `right` does not make itself: outer references). What the analyzer makes of subqueries;
 * decorrelation turns all of them into joins.
 * - `scalar`: left columns, then `output`: the one value of right's only column, NULL without row; two rows
 * are an error.
 * - `exists`: left columns, then boolean `output`, never NULL.
 * - `in`: left columns, then boolean `output`: three-valued `needle IN (right)`; needle i is compared with
 * right's column i.
 * - `inner`, `left`: LATERAL: left columns, then right columns.
 */
export interface Apply {
  readonly kind: 'Apply'
  readonly left: LogicalPlan
  readonly right: LogicalPlan
  readonly applyType: 'scalar' | 'exists' | 'in' | 'inner' | 'left'
  readonly needles: readonly Expr[]
  readonly output: Column | null
}

/** All rows in order (`global`), or only the rows of each partition (SORT BY). */
export interface Sort {
  readonly kind: 'Sort'
  readonly input: LogicalPlan
  readonly keys: readonly SortKey[]
  readonly global: boolean
}

/** `fetch` null: all. */
export interface Limit {
  readonly kind: 'Limit'
  readonly input: LogicalPlan
  readonly skip: number
  readonly fetch: number | null
}

/** UNION ALL: columns by position; every input has the same types. */
export interface Union {
  readonly kind: 'Union'
  readonly inputs: readonly LogicalPlan[]
  readonly columns: readonly Column[]
}

/** Each row once per projection: grouping sets. */
export interface Expand {
  readonly kind: 'Expand'
  readonly input: LogicalPlan
  readonly projections: readonly (readonly Expr[])[]
  readonly columns: readonly Column[]
}

/** The input's columns, then `columns`, one row an element; see GenerateExec. */
export interface Generate {
  readonly kind: 'Generate'
  readonly input: LogicalPlan
  readonly generator: 'explode' | 'posexplode' | 'inline' | 'stack' | 'json_tuple'
  readonly args: readonly Expr[]
  readonly outer: boolean
  readonly columns: readonly Column[]
}

export interface Sample {
  readonly kind: 'Sample'
  readonly input: LogicalPlan
  readonly fraction: number
  readonly seed: number
}

/**
 * DISTRIBUTE BY and repartition(n): by the hash of `keys`, or in turn when there are none. 0 partitions: as
 * the session says.
 */
export interface Repartition {
  readonly kind: 'Repartition'
  readonly input: LogicalPlan
  readonly keys: readonly Expr[]
  readonly partitionCount: number
}

/**
 * Passes its rows on and says which column of a stream is the time of the event: rows that are older than the
 * newest by more than the delay may be late. Nothing in a batch query.
 */
export interface Watermark {
  readonly kind: 'Watermark'
  readonly input: LogicalPlan
  readonly eventTime: Expr
  /** What tells the partition of the source that a row is of, its topic and number; none: all are of one. */
  readonly partition: readonly Expr[]
  readonly delayMicros: bigint
}

/** Gives one row: `rows`, `bytes`. */
export interface Write {
  readonly kind: 'Write'
  readonly input: LogicalPlan
  readonly sink: string
  readonly request: WriteRequestData
  readonly columns: readonly Column[]
}

/** The values of an RDD as rows. */
export interface UserCode {
  readonly kind: 'UserCode'
  readonly input: LogicalPlan | null
  readonly program: unknown
  readonly partitionCount: number
  readonly columns: readonly Column[]
  /** If it is known. */
  readonly rowCount?: number | undefined
}
