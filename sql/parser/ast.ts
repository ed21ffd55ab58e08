/**
 * The syntax tree: what a SQL text says, before anything is looked up. Plain frozen-by-convention data with a
 * `kind`. This page holds types and expressions, ast-query.ts queries, ast-statement.ts statements. DataFrame columns are
 * built from the same expressions by hand, so positions are optional everywhere.
 */

import type { Query } from './ast-query.ts'

export type * from './ast-query.ts'
export type * from './ast-statement.ts'

/** Where a node starts. Lines and columns count from 1, the offset (UTF-16 units) from 0. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly offset: number
}

/** What every node may have. The parser always sets it; nodes built by hand have none. */
export interface Located {
  readonly position?: Position | undefined
}

/** A type as Spark's simple string starts: aliases are resolved (`long` is `bigint`, `varchar(3)` is `string`). */
export type TypeNameId =
  | 'void' | 'boolean' | 'tinyint' | 'smallint' | 'int' | 'bigint' | 'float' | 'double' | 'decimal'
  | 'string' | 'binary' | 'date' | 'timestamp' | 'timestamp_ntz'
  | 'interval year' | 'interval month' | 'interval year to month'
  | 'interval day' | 'interval hour' | 'interval minute' | 'interval second'
  | 'interval day to hour' | 'interval day to minute' | 'interval day to second'
  | 'interval hour to minute' | 'interval hour to second' | 'interval minute to second'
  | 'array' | 'map' | 'struct'

/**
 * A written type. `args` is `[precision, scale]` for decimal (10, 0 by default) and empty otherwise. `element` is
 * set for array, `key` and `value` for map, `fields` for struct.
 */
export interface TypeName extends Located {
  readonly kind: 'type'
  readonly name: TypeNameId
  readonly args: readonly number[]
  readonly element?: TypeName | undefined
  readonly key?: TypeName | undefined
  readonly value?: TypeName | undefined
  readonly fields?: readonly TypeField[] | undefined
}

export interface TypeField {
  readonly name: string
  readonly type: TypeName
  readonly nullable: boolean
  readonly comment?: string | undefined
}

export type Expression =
  | Literal | ColumnRef | Star | FieldAccess | IndexAccess | Call | NamedArgument | Cast | Case
  | Unary | Binary | And | Or | Between | InList | InSubquery | Like | LikeQuantified | IsNull | IsUnknown
  | Exists | ScalarSubquery | Lambda | Tuple | Parameter

/**
 * A constant. The value by `type.name`:
 * void: null · boolean: boolean · tinyint, smallint, int, float, double: number · bigint: bigint ·
 * decimal: the unscaled bigint (`1.50` is 150n with args [3, 2]) · string: string · binary: Uint8Array ·
 * date, timestamp, timestamp_ntz: the text between the quotes, for the analyzer to read in the session's zone ·
 * interval of years and months: bigint months · interval of days to seconds: bigint microseconds.
 */
export interface Literal extends Located {
  readonly kind: 'literal'
  readonly type: TypeName
  readonly value: LiteralValue
}

export type LiteralValue = null | boolean | number | bigint | string | Uint8Array

/** `a`, `t.a`, `db.t.a` or `t.s.field`: the analyzer tells qualifier, column and fields apart. Case is as written. */
export interface ColumnRef extends Located {
  readonly kind: 'column'
  readonly parts: readonly string[]
}

/** `*`, `t.*`, `* EXCEPT (a, t.b)`. The qualifier is empty for a bare star. Also the argument of `count(*)`. */
export interface Star extends Located {
  readonly kind: 'star'
  readonly qualifier: readonly string[]
  readonly except: readonly (readonly string[])[]
}

/** `(expression).name` */
export interface FieldAccess extends Located {
  readonly kind: 'field'
  readonly input: Expression
  readonly name: string
}

/** `array[index]` or `map[key]` */
export interface IndexAccess extends Located {
  readonly kind: 'index'
  readonly input: Expression
  readonly index: Expression
}

/**
 * A function call. `name` is as written (lower it to look it up; `db.f` keeps its dot). Special forms arrive as
 * calls too: `extract(YEAR FROM x)` is `extract('YEAR', x)`, `trim(LEADING a FROM b)` is `ltrim(b, a)` (BOTH: `btrim`), and `a || b`
 * is `concat(a, b)` (a chain of them is one call). `current_date` without parentheses is a call too.
 */
export interface Call extends Located {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
  readonly distinct?: boolean | undefined
  readonly filter?: Expression | undefined
  /** IGNORE NULLS or RESPECT NULLS */
  readonly nulls?: 'ignore' | 'respect' | undefined
  /** WITHIN GROUP (ORDER BY …) */
  readonly withinGroup?: readonly SortItem[] | undefined
  readonly over?: WindowSpec | undefined
  /** Written as `TRIM(BOTH a FROM b)`, or as `a || b`: Spark's automatic names show it. */
  readonly form?: 'trim' | 'operator' | undefined
}

/** `name => value` among the arguments of a call. */
export interface NamedArgument extends Located {
  readonly kind: 'namedArgument'
  readonly name: string
  readonly value: Expression
}

/** CAST, TRY_CAST (`try`) and `x::type`. */
export interface Cast extends Located {
  readonly kind: 'cast'
  readonly input: Expression
  readonly type: TypeName
  readonly try: boolean
}

/** CASE; with `operand` each `when` is compared with it by `=`. */
export interface Case extends Located {
  readonly kind: 'case'
  readonly operand?: Expression | undefined
  readonly branches: readonly CaseBranch[]
  readonly otherwise?: Expression | undefined
}

export interface CaseBranch {
  readonly when: Expression
  readonly then: Expression
}

export interface Unary extends Located {
  readonly kind: 'unary'
  readonly operator: '-' | '+' | '~' | 'not'
  readonly operand: Expression
}

export type BinaryOperator =
  | '=' | '<=>' | '<>' | '<' | '<=' | '>' | '>='
  | '+' | '-' | '*' | '/' | '%' | 'div' | '&' | '|' | '^' | '<<' | '>>' | '>>>'

/** `a IS NOT DISTINCT FROM b` is `<=>`, `a IS TRUE` is `a <=> true`. Long chains are deep on the left side. */
export interface Binary extends Located {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
}

/** Two operands or more; chains are flat. */
export interface And extends Located {
  readonly kind: 'and'
  readonly operands: readonly Expression[]
}

/** Two operands or more; chains are flat. */
export interface Or extends Located {
  readonly kind: 'or'
  readonly operands: readonly Expression[]
}

export interface Between extends Located {
  readonly kind: 'between'
  readonly input: Expression
  readonly low: Expression
  readonly high: Expression
  readonly negated: boolean
}

/** `input` and the items may be tuples. */
export interface InList extends Located {
  readonly kind: 'inList'
  readonly input: Expression
  readonly items: readonly Expression[]
  readonly negated: boolean
}

/** `input` may be a tuple, against a query of as many columns. */
export interface InSubquery extends Located {
  readonly kind: 'inSubquery'
  readonly input: Expression
  readonly query: Query
  readonly negated: boolean
}

/** `escape` is one character; undefined means Spark's default, the backslash. `rlike` (also REGEXP) has none. */
export interface Like extends Located {
  readonly kind: 'like'
  readonly operator: 'like' | 'ilike' | 'rlike'
  readonly input: Expression
  readonly pattern: Expression
  readonly escape?: string | undefined
  readonly negated: boolean
}

/** `input [NOT] LIKE ANY|ALL (patterns)`; NOT applies to each pattern. */
export interface LikeQuantified extends Located {
  readonly kind: 'likeQuantified'
  readonly operator: 'like' | 'ilike'
  readonly quantifier: 'any' | 'all'
  readonly input: Expression
  readonly patterns: readonly Expression[]
  readonly negated: boolean
}

export interface IsNull extends Located {
  readonly kind: 'isNull'
  readonly input: Expression
  readonly negated: boolean
}

/** IS [NOT] UNKNOWN: IS NULL of a boolean. */
export interface IsUnknown extends Located {
  readonly kind: 'isUnknown'
  readonly input: Expression
  readonly negated: boolean
}

export interface Exists extends Located {
  readonly kind: 'exists'
  readonly query: Query
}

export interface ScalarSubquery extends Located {
  readonly kind: 'scalarSubquery'
  readonly query: Query
}

/** `x -> body`, `(x, y) -> body`; only as an argument of a call. */
export interface Lambda extends Located {
  readonly kind: 'lambda'
  readonly parameters: readonly string[]
  readonly body: Expression
}

/** `(a, b)`: two items or more; a struct outside IN. */
export interface Tuple extends Located {
  readonly kind: 'tuple'
  readonly items: readonly Expression[]
}

/** `:name`, or the `index`-th `?` of the statement, counted from 0. */
export interface Parameter extends Located {
  readonly kind: 'parameter'
  readonly name?: string | undefined
  readonly index?: number | undefined
}

/** One ORDER BY item, with Spark's defaults filled in: ASC puts NULLs first, DESC last. */
export interface SortItem extends Located {
  readonly kind: 'sortItem'
  readonly expression: Expression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

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
