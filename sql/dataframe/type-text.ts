import type {
  DayTimeInterval,
  Decimal,
  LocalDate,
  LocalTimestamp,
  MonthInterval,
  Timestamp,
} from '../../engine/types/index.ts'
import type { Double, DynamicRow, Int, Int64 } from './row-types.ts'

/** SQL types without parameters and the types of their values. */
interface SimpleTypes {
  readonly boolean: boolean
  readonly tinyint: Int
  readonly byte: Int
  readonly smallint: Int
  readonly short: Int
  readonly int: Int
  readonly integer: Int
  readonly bigint: Int64
  readonly long: Int64
  readonly float: Double
  readonly real: Double
  readonly double: Double
  readonly decimal: Decimal
  readonly string: string
  readonly binary: Uint8Array
  readonly date: LocalDate
  readonly timestamp: Timestamp
  readonly timestamp_ntz: LocalTimestamp
  readonly 'interval year to month': MonthInterval
  readonly 'interval day to second': DayTimeInterval
}

/** A SQL type as text, such as `int`, `decimal(12,3)`, `array<string>`, `struct<a:int>`. */
export type TypeText =
  | keyof SimpleTypes
  | `decimal(${number})`
  | `decimal(${number},${number})`
  | `decimal(${number}, ${number})`
  | `varchar(${number})`
  | `char(${number})`
  | `array<${string}>`
  | `map<${string},${string}>`
  | `struct<${string}>`

/** The type of the values of a SQL type. Fields of structs are only known at run time. */
export type SqlValue<S> = S extends keyof SimpleTypes
  ? SimpleTypes[S]
  : S extends `decimal(${string})`
    ? Decimal
    : S extends `varchar(${string})` | `char(${string})`
      ? string
      : S extends `array<${infer E}>`
        ? readonly (SqlValue<E> | null)[]
        : S extends `map<${infer K},${infer V}>`
          ? ReadonlyMap<SqlValue<Trim<K>>, SqlValue<Trim<V>> | null>
          : S extends `struct<${string}>`
            ? DynamicRow
            : unknown

type Trim<S extends string> = S extends ` ${infer T}` ? T : S

/** A column of a declared schema: nullable unless it says `not null`. */
export type ColumnText = TypeText | `${TypeText} not null`

/** The type of the values of a declared column. */
export type DeclaredValue<S> = S extends `${infer T} not null` ? SqlValue<T> : SqlValue<S> | null

/** The row type of a declared schema. */
export type DeclaredRow<S> = { readonly [K in keyof S]: DeclaredValue<S[K]> }
