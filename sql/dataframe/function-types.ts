import type { Decimal, LocalDate, Timestamp } from '../../engine/types/index.ts'
import type {
  ArrayColumn,
  BooleanColumn,
  BytesMark,
  Column,
  ColumnOf,
  ConditionMark,
  DynamicColumn,
  ListMark,
  MapMark,
  NullOf,
  NumberMark,
  NumericColumn,
  StringColumn,
  TemporalColumn,
  TextMark,
  TimeMark,
} from './column-types.ts'
import type { Double, Int, Int64 } from './row-types.ts'

/** An argument of functions: a column, or a name of one. */
export type Any = Column<unknown> | string

/** A column of strings, or a name. */
export type Text = TextMark | string

/** A column of numbers, or a name. */
export type Num = NumberMark | string

/** A column of whole numbers, a name, or a number. */
export type Whole = NumberMark | string | number

/** A column of dates or timestamps (or of text that says one), or a name. */
export type Time = TimeMark | TextMark | string

/** A column of conditions, or a name. */
export type Condition = ConditionMark | string

/** A column of bytes or text, or a name. */
export type Bytes = BytesMark | TextMark | string

/** A column of arrays, or a name. */
export type List = ListMark | string

/** A column of maps, or a name. */
export type Mapping = MapMark | string

/** The value type of an argument; `never` for a name. */
export type TypeOf<A> = A extends Column<infer T> ? T : never

/** `null` where the argument may be NULL; what is not known may be. */
export type NullIn<A> = A extends Column<infer T> ? ([T] extends [never] ? null : NullOf<T>) : null

/** A function of one argument that is NULL only where its argument is. */
export type Unary<P, R> = <A extends P>(value: A) => ColumnOf<R | NullIn<A>>

/** A function whose result has the type of its argument. */
export type Same<P> = <A extends P>(value: A) => ColumnOf<OrDynamic<TypeOf<A>>>

/** A function whose result has the type of its argument, or is NULL. */
export type SameOrNull<P> = <A extends P>(value: A) => ColumnOf<OrDynamic<TypeOf<A>, null>>

/** `unknown` for what has no type, else T or more. */
export type OrDynamic<T, More = never> = [T] extends [never] ? unknown : T | More

/** `sum`: bigint of whole numbers, double of doubles, decimal of decimals; NULL of no rows. */
export type SumOf<T> = [T] extends [never] ? unknown : Total<NonNullable<T>> | null
type Total<T> = T extends Int | Int64
  ? Int64
  : T extends Decimal
    ? Decimal
    : T extends Double
      ? Double
      : Int64 | number

/** `avg`: decimal of decimals, else double; NULL of no rows. */
export type AverageOf<T> = [T] extends [never]
  ? unknown
  : (NonNullable<T> extends Decimal ? Decimal : Double) | null

/** Columns by kind, NULL possible. */
export type StringResult = StringColumn<string | null>
export type IntResult = NumericColumn<Int | null>
export type LongResult = NumericColumn<Int64 | null>
export type DoubleResult = NumericColumn<Double | null>
export type BooleanResult = BooleanColumn<boolean | null>
export type DateResult = TemporalColumn<LocalDate | null>
export type TimestampResult = TemporalColumn<Timestamp | null>
export type StringsResult = ArrayColumn<readonly (string | null)[] | null>
export type AnyResult = DynamicColumn

/** The first type that is not NULL; NULL only if all may be. */
export type Coalesced<A extends readonly unknown[]> =
  | Present<A[number]>
  | ([Solid<A[number]>] extends [never] ? null : never)
type Present<A> = A extends Column<infer T> ? ([T] extends [never] ? unknown : NonNullable<T>) : unknown
type Solid<A> =
  A extends Column<infer T> ? ([T] extends [never] ? never : null extends T ? never : true) : never

/** `ceil` and `floor` without scale: bigint, decimals stay decimals. */
export type Rounded<T> = [T] extends [never]
  ? never
  : (NonNullable<T> extends Decimal ? Decimal : Int64) | NullOf<T>
