import type {
  DayTimeInterval,
  Decimal,
  LocalDate,
  LocalTimestamp,
  MonthInterval,
  Timestamp,
} from '../../engine/types/index.ts'
import type {
  BytesMark,
  ConditionMark,
  IntervalMark,
  ListMark,
  NumberMark,
  StructMark,
  TextMark,
  TimeMark,
} from './column-marks.ts'
import type { Column } from './column-types.ts'
import type { Double, Int, Int64, Numeric, Temporal } from './row-types.ts'

/** `null` if T has it. */
export type NullOf<T> = Extract<T, null>

/** boolean, or NULL where T can be. */
export type BooleanOr<T> = boolean | NullOf<T>

/** The values of a condition. */
export type ConditionOf<C> =
  C extends Column<infer T>
    ? [T] extends [never]
      ? boolean | null
      : Extract<T, boolean | null>
    : boolean | null

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

/** Right sides of text methods. */
export type TextOperand = string | TextMark
/** What is added to times and intervals. */
export type IntervalOperand = MonthInterval | DayTimeInterval | IntervalMark | NumberMark

/** The column type of a right side: a column's own, or that of the literal. */
export type Of<U> =
  U extends Column<infer T>
    ? T
    : U extends bigint
      ? Int64
      : U extends Decimal
        ? Decimal
        : U extends number
          ? OfNumber<U>
          : never

type OfNumber<N extends number> = number extends N ? number : `${N}` extends `${bigint}` ? Int : Double

type Has<T, K> = [Extract<T, K>] extends [never] ? false : true

type Wider<T> =
  Has<T, Double> extends true
    ? Double
    : Has<T, Decimal> extends true
      ? Decimal | Extract<T, number>
      : Has<T, Int64> extends true
        ? Int64 | Extract<T, number>
        : Has<T, number> extends true
          ? number
          : Int

/** The type of `+`, `-`, `*` and `%`. */
export type Sum<A, B> = [A] extends [never]
  ? unknown
  : [B] extends [never]
    ? unknown
    : Wider<NonNullable<A | B>> | NullOf<A | B>

/** The type of `/`. */
export type Quotient<A, B> = [A] extends [never]
  ? unknown
  : [B] extends [never]
    ? unknown
    :
        | (Has<A | B, Double> extends true
            ? Double
            : Has<A | B, Decimal> extends true
              ? Decimal | (Has<A | B, number> extends true ? Double : never)
              : Double)
        | NullOf<A | B>

/** The type of the elements of an array. */
export type ElementOf<T> = NonNullable<T> extends readonly (infer E)[] ? E : never
/** The type of the keys of a map. */
export type KeyOf<T> = NonNullable<T> extends ReadonlyMap<infer K, unknown> ? K : never
/** The type of the values of a map. */
export type MapValueOf<T> = NonNullable<T> extends ReadonlyMap<unknown, infer V> ? V : never
