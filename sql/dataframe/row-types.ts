import type { Decimal, LocalDate, LocalTimestamp, Timestamp } from '../../engine/types/index.ts'
import type { Column, DynamicColumn, NamedColumn } from './column-types.ts'

declare const sqlType: unique symbol

/** The type of a `tinyint`, `smallint` or `int` column. Its values arrive as numbers. */
export interface Int {
  readonly [sqlType]: 'int'
}

/** The type of a `bigint` column. Its values arrive as numbers, or as bigint with `{ int64: 'bigint' }`. */
export interface Int64 {
  readonly [sqlType]: 'bigint'
}

/** The type of a `float` or `double` column. Its values arrive as numbers. */
export interface Double {
  readonly [sqlType]: 'double'
}

/**
 * Column names and the types of their values. `number` is an int or a double, the compiler does not know
 * which.
 */
export type RowType = object

/** The row of a table whose columns are only known at run time: every name compiles. */
export interface DynamicRow {
  readonly [name: string]: unknown
}

/** Whether any name compiles. */
export type IsDynamic<R> = string extends keyof R ? true : false

/** Numbers of all kinds, as columns hold them. */
export type Numeric = number | Int | Int64 | Double | Decimal

/** Dates and timestamps. */
export type Temporal = LocalDate | Timestamp | LocalTimestamp

/** The names of columns. */
export type Names<R> = keyof R & string

/** The value type of a column; `unknown` if only known at run time. */
export type ValueOf<C> = C extends Column<infer T> ? ([T] extends [never] ? unknown : T) : unknown

/** The same with one column added or replaced. */
export type WithColumn<R, N extends string, T> =
  IsDynamic<R> extends true
    ? DynamicRow
    : { readonly [K in keyof R | N]: K extends N ? T : K extends keyof R ? R[K] : never }

/** The row that an object of columns gives. */
export type RowOfColumns<C> = { readonly [K in keyof C]: ValueOf<C[K]> }

/** The same with several columns added or replaced. */
export type WithColumns<R, C> =
  IsDynamic<R> extends true
    ? DynamicRow
    : {
        readonly [K in keyof R | keyof C]: K extends keyof C
          ? ValueOf<C[K]>
          : K extends keyof R
            ? R[K]
            : never
      }

/** The same without some columns. */
export type WithoutColumns<R, K> =
  IsDynamic<R> extends true ? DynamicRow : { readonly [N in keyof R as N extends K ? never : N]: R[N] }

/** The same with a column under another name. */
export type RenamedColumn<R, K, N extends string> =
  IsDynamic<R> extends true ? DynamicRow : { readonly [P in keyof R as P extends K ? N : P]: R[P] }

/** What one argument of `select` adds to the row: names and value types, or nothing that is known. */
type Selection<R, S> =
  S extends NamedColumn<infer N, infer T>
    ? { readonly [K in N]: [T] extends [never] ? unknown : T }
    : S extends string
      ? S extends keyof R
        ? { readonly [K in S]: R[K] }
        : DynamicRow
      : S extends DynamicColumn | Column<unknown>
        ? DynamicRow
        : S extends (...args: never[]) => infer C
          ? RowOfColumns<C>
          : RowOfColumns<S>

type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (
  value: infer I,
) => void
  ? I
  : never

/** One flat object type. */
export type Flat<T> = { readonly [K in keyof T]: T[K] }

/** The row that the arguments of `select` or `groupBy` give. A column without a name makes it dynamic. */
export type Selected<R, S extends readonly unknown[]> = S extends readonly []
  ? object
  : S[number] extends string
    ? IsDynamic<R> extends true
      ? DynamicRow
      : { readonly [K in S[number] & keyof R]: R[K] }
    : AsRow<Flat<UnionToIntersection<Selection<R, S[number]>>>>

type AsRow<T> = IsDynamic<T> extends true ? DynamicRow : T

/** Both rows, the second winning; dynamic if one is. */
export type Merged<A, B> =
  IsDynamic<A> extends true
    ? DynamicRow
    : IsDynamic<B> extends true
      ? DynamicRow
      : { readonly [K in keyof A | keyof B]: K extends keyof B ? B[K] : K extends keyof A ? A[K] : never }

/** All values may be NULL. */
type Nullable<T, Condition> = Condition extends true ? T | null : T

/** How two tables are joined. */
export type JoinHow =
  | 'inner'
  | 'cross'
  | 'left'
  | 'leftOuter'
  | 'right'
  | 'rightOuter'
  | 'full'
  | 'outer'
  | 'fullOuter'
  | 'semi'
  | 'leftSemi'
  | 'anti'
  | 'leftAnti'

type PadsLeft<H> = H extends 'right' | 'rightOuter' | 'full' | 'outer' | 'fullOuter' ? true : false
type PadsRight<H> = H extends 'left' | 'leftOuter' | 'full' | 'outer' | 'fullOuter' ? true : false

/** The names that `on` gives, `never` for a condition. */
export type JoinNames<O> = O extends string ? O : O extends readonly (infer N extends string)[] ? N : never

/**
 * The row of a join. Columns of `on` names come once. Other columns that both sides have are left out,
 * because their name would be ambiguous: rename or drop one before.
 */
export type Joined<L, R, O, H> = H extends 'semi' | 'leftSemi' | 'anti' | 'leftAnti'
  ? L
  : IsDynamic<L> extends true
    ? DynamicRow
    : IsDynamic<R> extends true
      ? DynamicRow
      : {
          readonly [K in keyof L | keyof R as K extends keyof L & keyof R
            ? K extends JoinNames<O>
              ? K
              : never
            : K]: K extends JoinNames<O>
            ? JoinKey<L, R, K, H>
            : K extends keyof L
              ? Nullable<L[K], PadsLeft<H>>
              : K extends keyof R
                ? Nullable<R[K], PadsRight<H>>
                : never
        }

type JoinKey<L, R, K, H> = K extends keyof L & keyof R
  ? H extends 'right' | 'rightOuter'
    ? R[K]
    : H extends 'full' | 'outer' | 'fullOuter'
      ? L[K] | R[K]
      : L[K]
  : never

/** How int64 values arrive. */
export type Int64Mode = 'number' | 'bigint'

type Opaque =
  | Decimal
  | Temporal
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | { readonly micros: bigint }
  | { readonly months: number }

/** A value as it arrives in the program. */
export type Arriving<T, M extends Int64Mode> = unknown extends T
  ? T
  : T extends Int64
    ? M extends 'bigint'
      ? bigint
      : number
    : T extends Int | Double | number
      ? number
      : T extends Opaque
        ? T
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<Arriving<K, M>, Arriving<V, M>>
          : T extends readonly (infer E)[]
            ? Arriving<E, M>[]
            : { [K in keyof T]: Arriving<T[K], M> }

/** A row as it arrives in the program: a plain object. */
export type RowObject<R, M extends Int64Mode = 'number'> = { [K in keyof R]: Arriving<R[K], M> }

/** The columns that objects of the program make: bigint is `bigint`, Date is `timestamp`. */
export type RowOfObject<T> = { readonly [K in keyof T]: FromObject<T[K]> }

type FromObject<T> = T extends bigint
  ? Int64
  : T extends Date
    ? Timestamp
    : T extends undefined
      ? null
      : T extends boolean
        ? boolean
        : T extends string
          ? string
          : T

/** Keys of rollup and cube: NULL where they are left out. */
export type OrNull<R> = { readonly [K in keyof R]: R[K] | null }

/** The rows of `describe`: `summary` and a column of text for each described one. */
export interface DescribedRow {
  readonly summary: string
  readonly [name: string]: unknown
}

/** After `fillna`: columns that were filled hold no NULL. */
export type Filled<R, V> =
  IsDynamic<R> extends true ? DynamicRow : { readonly [K in keyof R]: FilledValue<R[K], K, V> }

type FilledValue<T, K, V> = V extends string
  ? NonNullable<T> extends string
    ? NonNullable<T>
    : T
  : V extends boolean
    ? NonNullable<T> extends boolean
      ? NonNullable<T>
      : T
    : V extends number
      ? NonNullable<T> extends Numeric
        ? NonNullable<T>
        : T
      : K extends keyof V
        ? NonNullable<T>
        : T

/** After `dropna`: the columns that were looked at hold no NULL, unless rows with some NULLs stay. */
export type NotNull<R, O> = O extends { readonly how: 'all' }
  ? R
  : IsDynamic<R> extends true
    ? DynamicRow
    : O extends { readonly columns: readonly (infer N)[] }
      ? { readonly [K in keyof R]: K extends N ? NonNullable<R[K]> : R[K] }
      : { readonly [K in keyof R]: NonNullable<R[K]> }

/**
 * No demand if two tables have the same columns of the same types, or if one of them is only known at run
 * time.
 */
export type SameRow<R, R2> =
  IsDynamic<R> extends true
    ? unknown
    : IsDynamic<R2> extends true
      ? unknown
      : [R2] extends [R]
        ? [keyof R2] extends [keyof R]
          ? unknown
          : 'a table with the same columns'
        : 'a table with the same columns'
