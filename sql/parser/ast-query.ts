import type { Expression, SortItem } from './ast.ts'
import type { Located } from './ast-type.ts'

/**
 * A whole query: WITH, a body, and what applies to the body's rows, in this order: sort (or distribute),
 * offset, limit. A query in parentheses is a body of its own.
 */
export interface Query extends Located {
  readonly kind: 'query'
  readonly with: readonly CommonTable[]
  readonly body: QueryBody
  readonly orderBy: readonly SortItem[]
  /** ORDER BY ALL: every output column, in this direction; `orderBy` is empty then. */
  readonly orderByAll?: { readonly descending: boolean; readonly nullsFirst: boolean } | undefined
  readonly sortBy: readonly SortItem[]
  readonly distributeBy: readonly Expression[]
  readonly clusterBy: readonly Expression[]
  /** undefined also for LIMIT ALL. */
  readonly limit?: Expression | undefined
  readonly offset?: Expression | undefined
}

export type QueryBody = Select | SetOperation | Values | TableQuery | Query

/** One entry of WITH. `columns` is empty when not given. */
export interface CommonTable extends Located {
  readonly kind: 'commonTable'
  readonly name: string
  readonly columns: readonly string[]
  readonly query: Query
}

/** SELECT … . `from` is empty without FROM (one row); several entries are comma joins, left to right. */
export interface Select extends Located {
  readonly kind: 'select'
  readonly distinct: boolean
  readonly hints: readonly Hint[]
  readonly items: readonly SelectItem[]
  readonly from: readonly TableRef[]
  /** Applied in order to the rows of `from`. */
  readonly lateralViews: readonly LateralView[]
  readonly where?: Expression | undefined
  readonly groupBy?: GroupBy | undefined
  readonly having?: Expression | undefined
  readonly qualify?: Expression | undefined
  readonly windows: readonly NamedWindow[]
}

/** `aliases` is empty without alias, and has several names for `explode(m) AS (k, v)`. */
export interface SelectItem extends Located {
  readonly kind: 'selectItem'
  readonly expression: Expression
  readonly aliases: readonly string[]
}

/**
 * `BROADCAST(a, b)` of a hint comment. Names are as written; unknown hints are for the analyzer to ignore.
 */
export interface Hint extends Located {
  readonly kind: 'hint'
  readonly name: string
  readonly args: readonly Expression[]
}

/** `all` is GROUP BY ALL. Otherwise the grouping sets are the cross product of the items' sets. */
export interface GroupBy extends Located {
  readonly kind: 'groupBy'
  readonly all: boolean
  readonly items: readonly GroupingItem[]
}

/**
 * `groupingSet` is a plain expression or `(a, b)`. Each entry of rollup and cube is a list: `ROLLUP ((a, b),
 * c)`. `GROUP BY a, b WITH ROLLUP` is one rollup; `GROUP BY a, b GROUPING SETS (…)` keeps only the sets.
 */
export type GroupingItem =
  | ({ readonly kind: 'groupingSet'; readonly expressions: readonly Expression[] } & Located)
  | ({ readonly kind: 'rollup' | 'cube'; readonly sets: readonly (readonly Expression[])[] } & Located)
  | ({ readonly kind: 'groupingSets'; readonly items: readonly GroupingItem[] } & Located)

/** WINDOW name AS (…) */
export interface NamedWindow extends Located {
  readonly kind: 'namedWindow'
  readonly name: string
  readonly window: WindowSpec
}

/** MINUS is `except`. UNION DISTINCT is the default (`all` false). */
export interface SetOperation extends Located {
  readonly kind: 'setOperation'
  readonly operator: 'union' | 'intersect' | 'except'
  readonly all: boolean
  readonly left: QueryBody
  readonly right: QueryBody
}

/**
 * VALUES (1, 'a'), (2, 'b'): every row is a list; `VALUES 1, 2` has rows of one. `columns` are the names of
 * `VALUES … AS t (a, b)`; without them they are col1, col2 and so on.
 */
export interface Values extends Located {
  readonly kind: 'values'
  readonly rows: readonly (readonly Expression[])[]
  readonly columns?: readonly string[] | undefined
}

/** TABLE name */
export interface TableQuery extends Located {
  readonly kind: 'tableQuery'
  readonly parts: readonly string[]
}

/** LATERAL VIEW [OUTER] name(args) alias AS columns */
export interface LateralView extends Located {
  readonly kind: 'lateralView'
  readonly outer: boolean
  readonly name: string
  readonly args: readonly Expression[]
  readonly alias?: string | undefined
  readonly columns: readonly string[]
}

export type JoinType = 'inner' | 'cross' | 'left' | 'right' | 'full' | 'leftSemi' | 'leftAnti'

/** What most entries of FROM may have: `AS alias (columns)`. */
interface Aliased extends Located {
  readonly alias?: string | undefined
  readonly columns: readonly string[]
}

/**
 * An entry of FROM. `fileTable` is parquet.`/path`. `lateral` entries see the columns of what stands left of
 * them. `aliased` names a whole join: `(a JOIN b) AS t`. A join has `natural`, or `using` (not empty), or
 * `on`, or none.
 */
export type TableRef =
  | (Aliased & { readonly kind: 'table'; readonly parts: readonly string[] })
  | (Aliased & { readonly kind: 'fileTable'; readonly format: string; readonly path: string })
  | (Aliased & { readonly kind: 'derivedTable'; readonly query: Query; readonly lateral: boolean })
  | (Aliased & { readonly kind: 'valuesTable'; readonly rows: readonly (readonly Expression[])[] })
  | (Aliased & {
      readonly kind: 'tableFunction'
      readonly name: string
      readonly args: readonly Expression[]
      readonly lateral: boolean
    })
  | (Aliased & { readonly kind: 'aliased'; readonly input: TableRef })
  | ({ readonly kind: 'sampled'; readonly input: TableRef; readonly sample: Sample } & Located)
  | ({
      readonly kind: 'join'
      readonly joinType: JoinType
      readonly left: TableRef
      readonly right: TableRef
      readonly natural: boolean
      readonly using: readonly string[]
      readonly on?: Expression | undefined
    } & Located)

/** TABLESAMPLE (10 PERCENT | 5 ROWS | BUCKET 1 OUT OF 4) [REPEATABLE (seed)] */
export type Sample = (
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'rows'; readonly rows: Expression }
  | { readonly kind: 'bucket'; readonly bucket: number; readonly of: number }
) & { readonly seed?: number | undefined }

/** A window. `base` names a window of the WINDOW clause: `OVER w`, or `OVER (w ORDER BY a)`. */
export interface WindowSpec extends Located {
  readonly kind: 'window'
  readonly base?: string | undefined
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortItem[]
  readonly frame?: WindowFrame | undefined
}

/** ROWS or RANGE. `ROWS n PRECEDING` has CURRENT ROW as its end. */
export interface WindowFrame extends Located {
  readonly kind: 'frame'
  readonly unit: 'rows' | 'range'
  readonly start: FrameBound
  readonly end: FrameBound
}

export type FrameBound =
  | { readonly kind: 'unboundedPreceding' | 'currentRow' | 'unboundedFollowing' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: Expression }
