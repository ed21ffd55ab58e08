import { EngineError } from '../errors.ts'
import {
  type DataType,
  DayTimeInterval,
  Decimal,
  LocalDate,
  LocalTimestamp,
  MonthInterval,
  Timestamp,
  type Value,
} from '../types/index.ts'

/** How a program wants its values. */
export interface RowOptions {
  /**
   * `number` (the default): bigint columns arrive as numbers, and a value beyond 2^53 is INT64_OUT_OF_RANGE.
   * `bigint`: they arrive as bigint.
   */
  readonly int64?: 'number' | 'bigint'
}

/**
 * A value as a program sees it:
 *
 * | SQL type               | JavaScript                                                        |
 * |------------------------|-------------------------------------------------------------------|
 * | bigint                 | number, or bigint with `{ int64: 'bigint' }`                      |
 * | tinyint to int, floats | number                                                            |
 * | decimal                | Decimal                                                           |
 * | date                   | LocalDate                                                         |
 * | timestamp / _ntz       | Timestamp / LocalTimestamp                                        |
 * | intervals              | MonthInterval, DayTimeInterval                                    |
 * | string, boolean        | string, boolean                                                   |
 * | binary                 | Uint8Array                                                        |
 * | array                  | array                                                             |
 * | struct                 | object by field name                                              |
 * | map                    | Map                                                               |
 * | NULL                   | null                                                              |
 */
export function toPublic(type: DataType, column: string, options: RowOptions): (value: Value) => unknown {
  const convert = converterOf(type, column, options)
  return convert === null ? (value) => value : (value) => (value === null ? null : convert(value as never))
}

/** The conversion of values that are not NULL; null where values are the same inside and outside. */
function converterOf(
  type: DataType,
  column: string,
  options: RowOptions,
): ((value: never) => unknown) | null {
  switch (type.kind) {
    case 'int64':
      return options.int64 === 'bigint' ? null : (value: bigint) => safeNumber(value, column)
    case 'decimal':
      return (value: bigint) => new Decimal(value, type.scale)
    case 'date':
      return (value: number) => new LocalDate(value)
    case 'timestamp':
      return (value: bigint) => new Timestamp(value)
    case 'timestamp_ntz':
      return (value: bigint) => new LocalTimestamp(value)
    case 'interval_ym':
      return (value: number) => new MonthInterval(value)
    case 'interval_dt':
      return (value: bigint) => new DayTimeInterval(value)
    case 'list': {
      const element = toPublic(type.element, column, options)
      return (value: readonly Value[]) => value.map(element)
    }
    case 'map': {
      const [key, item] = [toPublic(type.key, column, options), toPublic(type.value, column, options)]
      return (value: readonly (readonly [Value, Value])[]) =>
        new Map(value.map(([k, v]) => [key(k), item(v)]))
    }
    case 'struct': {
      const members = type.fields.map((field) => [field.name, toPublic(field.type, column, options)] as const)
      return (value: readonly Value[]) =>
        Object.fromEntries(members.map(([name, convert], index) => [name, convert(value[index] ?? null)]))
    }
    default:
      return null
  }
}

/** A bigint as a number; INT64_OUT_OF_RANGE where that would be another one. */
export function safeNumber(value: bigint, column: string): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new EngineError(
    'INT64_OUT_OF_RANGE',
    `column "${column}" holds ${value}, which a JavaScript number cannot`,
    {
      hint: "Ask for bigint values with { int64: 'bigint' }.",
    },
  )
}
