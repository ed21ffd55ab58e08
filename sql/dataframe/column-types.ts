import type { DayTimeInterval, MonthInterval } from '../../engine/types/index.ts'
import type {
  BytesMark,
  ConditionMark,
  IntervalMark,
  ListMark,
  MapMark,
  NumberMark,
  StructMark,
  TextMark,
  TimeMark,
} from './column-marks.ts'
import type {
  BooleanOr,
  ConditionOf,
  ElementOf,
  IntervalOperand,
  KeyOf,
  MapValueOf,
  NullOf,
  NumberOperand,
  Of,
  Operand,
  Quotient,
  Sum,
  TextOperand,
} from './operand-types.ts'
import type { Int64, Numeric, Temporal } from './row-types.ts'
import type { SqlValue, TypeText } from './type-text.ts'
import type { WindowSpecification } from './window.ts'

declare const valueType: unique symbol
declare const columnName: unique symbol

/**
 * An expression over the columns of a table, with values of type T (null included where NULL can be). Nothing
 * is computed by it: it describes. What can be done with it depends on T: see ColumnOf.
 */
export interface Column<out T = unknown> {
  /** Only for the compiler. */
  readonly [valueType]: T
}

/** Orders and tests that every column has. */
interface CommonMethods {
  isNull(): BooleanColumn<boolean>
  isNotNull(): BooleanColumn<boolean>
  asc(): SortColumn
  desc(): SortColumn
  ascNullsFirst(): SortColumn
  ascNullsLast(): SortColumn
  descNullsFirst(): SortColumn
  descNullsLast(): SortColumn
  /** The SQL text that names the column if it gets no other name. */
  toString(): string
}

/** The methods of columns of every type. */
export interface ValueColumn<T> extends Column<T>, CommonMethods {
  /** `=`: NULL if either side is. */
  eq(other: Operand<T>): BooleanColumn<BooleanOr<T>>
  /** `<>` */
  notEq(other: Operand<T>): BooleanColumn<BooleanOr<T>>
  /** `<=>`: NULL equals NULL, and the result is never NULL. */
  eqNullSafe(other: Operand<T> | null): BooleanColumn<boolean>
  lt(other: Operand<T>): BooleanColumn<BooleanOr<T>>
  le(other: Operand<T>): BooleanColumn<BooleanOr<T>>
  gt(other: Operand<T>): BooleanColumn<BooleanOr<T>>
  ge(other: Operand<T>): BooleanColumn<BooleanOr<T>>
  /** `low <= this AND this <= high` */
  between(low: Operand<T>, high: Operand<T>): BooleanColumn<BooleanOr<T>>
  isIn(...values: readonly (Operand<T> | readonly Operand<T>[])[]): BooleanColumn<BooleanOr<T>>
  /** Gives the column a name. */
  as<const N extends string>(name: N): NamedColumn<N, T>
  /** The same as `as`. */
  alias<const N extends string>(name: N): NamedColumn<N, T>
  /** A value that does not fit the type is an error. */
  cast<const S extends TypeText>(type: S): ColumnOf<SqlValue<S> | NullOf<T>>
  /** A value that does not fit the type gives NULL. */
  tryCast<const S extends TypeText>(type: S): ColumnOf<SqlValue<S> | null>
  /** An aggregate or ranking function over a window of rows. */
  over(window: WindowSpecification): ColumnOf<T>
}

/** A column with a name that the compiler knows. */
export interface NamedColumn<out N extends string, out T> extends Column<T> {
  readonly [columnName]: N
}

/** A direction to sort by. */
export interface SortColumn {
  readonly sort: 'asc' | 'desc'
}

/** Numbers. The results' types follow Spark: int with double is double, with decimal is decimal. */
export interface NumericColumn<T> extends ValueColumn<T>, NumberMark {
  plus<U extends NumberOperand>(other: U): ColumnOf<Sum<T, Of<U>>>
  minus<U extends NumberOperand>(other: U): ColumnOf<Sum<T, Of<U>>>
  times<U extends NumberOperand>(other: U): ColumnOf<Sum<T, Of<U>>>
  /** `/`: a double for integers, DIVIDE_BY_ZERO for zero. */
  dividedBy<U extends NumberOperand>(other: U): ColumnOf<Quotient<T, Of<U>>>
  /** `div`: whole number, cut towards zero. */
  div<U extends NumberOperand>(other: U): ColumnOf<Int64 | NullOf<T> | NullOf<Of<U>>>
  /** `%`: has the sign of the left side. */
  mod<U extends NumberOperand>(other: U): ColumnOf<Sum<T, Of<U>>>
  negate(): ColumnOf<T>
  bitwiseAnd<U extends NumberOperand>(other: U): ColumnOf<Sum<T, Of<U>>>
  bitwiseOr<U extends NumberOperand>(other: U): ColumnOf<Sum<T, Of<U>>>
  bitwiseXor<U extends NumberOperand>(other: U): ColumnOf<Sum<T, Of<U>>>
}

/** Strings. */
export interface StringColumn<T> extends ValueColumn<T>, TextMark {
  like(pattern: string): BooleanColumn<BooleanOr<T>>
  /** Like `like`, whatever the case. */
  ilike(pattern: string): BooleanColumn<BooleanOr<T>>
  /** Whether a regular expression matches somewhere. */
  rlike(pattern: string): BooleanColumn<BooleanOr<T>>
  startsWith(prefix: TextOperand): BooleanColumn<BooleanOr<T>>
  endsWith(suffix: TextOperand): BooleanColumn<BooleanOr<T>>
  contains(part: TextOperand): BooleanColumn<BooleanOr<T>>
  /** From `start`, which counts from 1; negative counts from the end. */
  substr(start: number, length?: number): StringColumn<string | NullOf<T>>
}

/** Conditions. */
export interface BooleanColumn<T = boolean | null> extends ValueColumn<T>, ConditionMark {
  and<U extends ConditionMark>(other: U): BooleanColumn<T | ConditionOf<U>>
  or<U extends ConditionMark>(other: U): BooleanColumn<T | ConditionOf<U>>
  not(): BooleanColumn<T>
}

/** Dates and timestamps. */
export interface TemporalColumn<T> extends ValueColumn<T>, TimeMark {
  /** A number of days may be added to a date, an interval to any. */
  plus(other: number | IntervalOperand): ColumnOf<T>
  minus(other: number | IntervalOperand): ColumnOf<T>
}

/** Bytes. */
export interface BytesColumn<T> extends ValueColumn<T>, BytesMark {}

/** Intervals. */
export interface IntervalColumn<T> extends ValueColumn<T>, IntervalMark {
  plus(other: IntervalOperand): ColumnOf<T>
  minus(other: IntervalOperand): ColumnOf<T>
  times(other: number | NumberMark): ColumnOf<T>
  negate(): ColumnOf<T>
}

/** Arrays. */
export interface ArrayColumn<T> extends ValueColumn<T>, ListMark {
  /** The element at an index from 0. */
  getItem(index: number | NumberMark): ColumnOf<ElementOf<T> | null>
}

/** Maps. */
export interface MapColumn<T> extends ValueColumn<T>, MapMark {
  /** The value under a key, NULL if there is none. */
  getItem(key: Operand<KeyOf<T>>): ColumnOf<MapValueOf<T> | null>
}

/** Structs. */
export interface StructColumn<T> extends ValueColumn<T>, StructMark {
  getField<K extends keyof NonNullable<T> & string>(name: K): ColumnOf<NonNullable<T>[K] | NullOf<T>>
}

/** A column whose type is only known at run time: it has all methods. */
export interface DynamicColumn
  extends Column<never>,
    CommonMethods,
    NumberMark,
    TextMark,
    ConditionMark,
    TimeMark,
    IntervalMark,
    BytesMark,
    ListMark,
    MapMark,
    StructMark {
  over(window: WindowSpecification): DynamicColumn
  tryCast<const S extends TypeText>(type: S): ColumnOf<SqlValue<S> | null>
  eq(other: unknown): BooleanColumn
  notEq(other: unknown): BooleanColumn
  eqNullSafe(other: unknown): BooleanColumn<boolean>
  lt(other: unknown): BooleanColumn
  le(other: unknown): BooleanColumn
  gt(other: unknown): BooleanColumn
  ge(other: unknown): BooleanColumn
  between(low: unknown, high: unknown): BooleanColumn
  isIn(...values: readonly unknown[]): BooleanColumn
  as<const N extends string>(name: N): NamedColumn<N, never> & DynamicColumn
  alias<const N extends string>(name: N): NamedColumn<N, never> & DynamicColumn
  cast<const S extends TypeText>(type: S): ColumnOf<SqlValue<S> | null>
  plus(other: unknown): DynamicColumn
  minus(other: unknown): DynamicColumn
  times(other: unknown): DynamicColumn
  dividedBy(other: unknown): DynamicColumn
  div(other: unknown): DynamicColumn
  mod(other: unknown): DynamicColumn
  negate(): DynamicColumn
  bitwiseAnd(other: unknown): DynamicColumn
  bitwiseOr(other: unknown): DynamicColumn
  bitwiseXor(other: unknown): DynamicColumn
  like(pattern: string): BooleanColumn
  ilike(pattern: string): BooleanColumn
  rlike(pattern: string): BooleanColumn
  startsWith(prefix: unknown): BooleanColumn
  endsWith(suffix: unknown): BooleanColumn
  contains(part: unknown): BooleanColumn
  substr(start: number, length?: number): DynamicColumn
  and(other: ConditionMark): BooleanColumn
  or(other: ConditionMark): BooleanColumn
  not(): BooleanColumn
  getItem(key: unknown): DynamicColumn
  getField(name: string): DynamicColumn
}

/** The kind of column that holds values of a type. */
export type ColumnOf<T> = unknown extends T
  ? DynamicColumn
  : [NonNullable<T>] extends [never]
    ? DynamicColumn
    : [NonNullable<T>] extends [Numeric]
      ? NumericColumn<T>
      : [NonNullable<T>] extends [string]
        ? StringColumn<T>
        : [NonNullable<T>] extends [boolean]
          ? BooleanColumn<T>
          : [NonNullable<T>] extends [Temporal]
            ? TemporalColumn<T>
            : [NonNullable<T>] extends [Uint8Array]
              ? BytesColumn<T>
              : [NonNullable<T>] extends [MonthInterval | DayTimeInterval]
                ? IntervalColumn<T>
                : [NonNullable<T>] extends [readonly unknown[]]
                  ? ArrayColumn<T>
                  : [NonNullable<T>] extends [ReadonlyMap<unknown, unknown>]
                    ? MapColumn<T>
                    : StructColumn<T>

/** The columns of a row, by name: what callbacks get. */
export type Columns<R> = { readonly [K in keyof R]-?: ColumnOf<R[K]> }

export type * from './column-marks.ts'
export type * from './operand-types.ts'
