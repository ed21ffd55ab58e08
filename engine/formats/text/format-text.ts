import { type DatetimePattern, type TimeZone, UTC, valueFormatter } from '../../functions/index.ts'
import { type DataType, MICROS_PER_DAY, type Value } from '../../types/index.ts'

/** Text of values of a plain type as Spark's cast to string gives it. Values are not NULL. */
export function textFormatter(
  type: DataType,
  settings: { readonly timeZone: string },
): (value: Value) => string {
  return valueFormatter(type, { timeZone: settings.timeZone, nowMicros: 0n, randomSeed: 0 })
}

/** Text of dates by a pattern. */
export function formatDay(pattern: DatetimePattern): (value: Value) => string {
  return (value) => pattern.format(BigInt(value as number) * MICROS_PER_DAY, UTC)
}

/** Text of timestamps by a pattern, on the clocks of a zone. */
export function formatMoment(pattern: DatetimePattern, zone: TimeZone): (value: Value) => string {
  return (value) => pattern.format(value as bigint, zone)
}
