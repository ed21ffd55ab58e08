/**
 * The syntax tree: what a SQL text says, before anything is looked up. Plain frozen-by-convention data with
 * a `kind`. This page holds expressions; ast-type.ts holds types, ast-query.ts queries, ast-statement.ts
 * statements. DataFrame columns are built from the same expressions by hand, so positions are optional
 * everywhere.
 */

import type { Query, WindowSpec } from './ast-query.ts'
import type { Located, TypeName } from './ast-type.ts'

export type * from './ast-query.ts'
export type * from './ast-statement.ts'
export type * from './ast-type.ts'

export type Expression =
  | Literal
  | ColumnRef
  | Star
  | FieldAccess
  | IndexAccess
  | Call
  | NamedArgument
  | Cast
  | Case
  | Unary
  | Binary
  | And
  | Or
  | Between
  | InList
  | InSubquery
  | Like
  | LikeQuantified
  | IsNull
  | IsUnknown
  | Exists
  | ScalarSubquery
  | Lambda
  | Tuple
  | Parameter

/**
 * A constant. The value by `type.name`: void: null · boolean: boolean · tinyint, smallint, int, float,
 * double: number · bigint: bigint · decimal: the unscaled bigint (`1.50` is 150n with args [3, 2]) · string:
 * string · binary: Uint8Array · date, timestamp, timestamp_ntz: the text between the quotes, for the
 * analyzer to read in the session's zone · interval of years and months: bigint months · interval of days to
 * seconds: bigint microseconds.
 */
export interface Literal extends Located {
  readonly kind: 'literal'
  readonly type: TypeName
  readonly value: LiteralValue
}

export type LiteralValue = null | boolean | number | bigint | string | Uint8Array

/**
 * `a`, `t.a`, `db.t.a` or `t.s.field`: the analyzer tells qualifier, column and fields apart. Case is as
 * written.
 */
export interface ColumnRef extends Located {
  readonly kind: 'column'
  readonly parts: readonly string[]
}

/**
 * `*`, `t.*`, `* EXCEPT (a, t.b)`. The qualifier is empty for a bare star. Also the argument of `count(*)`.
 */
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
 * A function call. `name` is as written (lower it to look it up; `db.f` keeps its dot). Special forms arrive
 * as calls too: `extract(YEAR FROM x)` is `extract('YEAR', x)`, `trim(LEADING a FROM b)` is `ltrim(b, a)`
 * (BOTH: `btrim`), and `a || b` is `concat(a, b)` (a chain of them is one call). `current_date` without
 * parentheses is a call too.
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

/** `name => value` among the arguments of a call, or `value AS name`. */
export interface NamedArgument extends Located {
  readonly kind: 'namedArgument'
  readonly name: string
  readonly value: Expression
  readonly form?: 'as'
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
  | '='
  | '<=>'
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | 'div'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '>>>'

/**
 * `a IS NOT DISTINCT FROM b` is `<=>`, `a IS TRUE` is `a <=> true`. Long chains are deep on the left side.
 */
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

/**
 * `escape` is one character; undefined means Spark's default, the backslash. `rlike` (also REGEXP) has none.
 */
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
