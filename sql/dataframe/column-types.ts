import type { Decimal, LocalDate, LocalTimestamp, MonthInterval, DayTimeInterval, Timestamp } from '../../engine/types/index.ts'
import type { Double, Int, Int64, Numeric, Temporal } from './row-types.ts'
import type { SqlValue, TypeText } from './type-text.ts'
import type { WindowSpecification } from './window.ts'

declare const valueType: unique symbol
declare const columnName: unique symbol
declare const isNumber: unique symbol
declare const isText: unique symbol
declare const isCondition: unique symbol
declare const isTime: unique symbol
declare const isInterval: unique symbol
declare const isBytes: unique symbol
declare const isList: unique symbol
declare const isMap: unique symbol
declare const isStruct: unique symbol

/** A column of numbers. These marks, only for the compiler, keep its errors to two or three lines. */
export interface NumberMark {
  readonly [isNumber]: true
}

/** A column of strings. */
export interface TextMark {
  readonly [isText]: true
}

/** A column of booleans. */
export interface ConditionMark {
  readonly [isCondition]: true
}

/** A column of dates or timestamps. */
export interface TimeMark {
  readonly [isTime]: true
}

/** A column of intervals. */
export interface IntervalMark {
  readonly [isInterval]: true
}

/** A column of bytes. */
export interface BytesMark {
  readonly [isBytes]: true
}

/** A column of arrays. */
export interface ListMark {
  readonly [isList]: true
}

/** A column of maps. */
export interface MapMark {
  readonly [isMap]: true
}

/** A column of structs. */
export interface StructMark {
  readonly [isStruct]: true
}

/**
 * An expression over the columns of a table, with values of type T (null included where NULL can be). Nothing is
 * computed by it: it describes. What can be done with it depends on T: see ColumnOf.
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

/** `null` if T has it. */
export type NullOf<T> = Extract<T, null>

/** boolean, or NULL where T can be. */
export type BooleanOr<T> = boolean | NullOf<T>

/** The values of a condition. */
export type ConditionOf<C> = C extends Column<infer T> ? ([T] extends [never] ? boolean | null : Extract<T, boolean | null>) : boolean | null

/** What a column of T may be compared with: columns and values of the same family. */
export type Operand<T> = [T] extends [never] ? unknown : MarkOf<NonNullable<T>> | Plain<NonNullable<T>>

/** The mark of columns of a type. */
type MarkOf<T> = [T] extends [Numeric]
  ? NumberMark
  : [T] extends [string]
    ? TextMark
    : [T] extends [boolean]
      ? ConditionMark
      : [T] extends [Temporal]
        ? TimeMark
        : [T] extends [Uint8Array]
          ? BytesMark
          : [T] extends [MonthInterval | DayTimeInterval]
            ? IntervalMark
            : [T] extends [readonly unknown[]]
              ? ListMark
              : StructMark

type Plain<T> = T extends Numeric
  ? number | bigint | Decimal
  : T extends LocalDate | Timestamp | LocalTimestamp
    ? Temporal | Date | string
    : T extends string
      ? string
      : T extends boolean
        ? boolean
        : T

/** Right sides of arithmetic. */
export type NumberOperand = number | bigint | Decimal | NumberMark

type TextOperand = string | TextMark
type IntervalOperand = MonthInterval | DayTimeInterval | IntervalMark | NumberMark

/** The column type of a right side: a column's own, or that of the literal. */
export type Of<U> = U extends Column<infer T> ? T : U extends bigint ? Int64 : U extends Decimal ? Decimal : U extends number ? OfNumber<U> : never

type OfNumber<N extends number> = number extends N ? number : `${N}` extends `${bigint}` ? Int : Double

type Has<T, K> = [Extract<T, K>] extends [never] ? false : true

type Wider<T> = Has<T, Double> extends true
  ? Double
  : Has<T, Decimal> extends true
    ? Decimal | Extract<T, number>
    : Has<T, Int64> extends true
      ? Int64 | Extract<T, number>
      : Has<T, number> extends true ? number : Int

/** The type of `+`, `-`, `*` and `%`. */
export type Sum<A, B> = [A] extends [never] ? unknown : [B] extends [never] ? unknown : Wider<NonNullable<A | B>> | NullOf<A | B>

/** The type of `/`. */
export type Quotient<A, B> = [A] extends [never]
  ? unknown
  : [B] extends [never]
    ? unknown
    : (Has<A | B, Double> extends true ? Double : Has<A | B, Decimal> extends true ? Decimal | (Has<A | B, number> extends true ? Double : never) : Double) | NullOf<A | B>

type ElementOf<T> = NonNullable<T> extends readonly (infer E)[] ? E : never
type KeyOf<T> = NonNullable<T> extends ReadonlyMap<infer K, unknown> ? K : never
type MapValueOf<T> = NonNullable<T> extends ReadonlyMap<unknown, infer V> ? V : never
