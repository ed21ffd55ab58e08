import { timeZone, valueFormatter } from '../../functions/index.ts'
import { civilOf, type DataType, floorDiv, type Value } from '../../types/index.ts'
import { DateTimeFields } from './datetime-fields.ts'
import type { DateTimePattern } from './datetime-pattern.ts'

/** Text of values of a plain type as Spark's cast to string gives it. Values are not NULL. */
export function textFormatter(
  type: DataType,
  settings: { readonly timeZone: string },
): (value: Value) => string {
  return valueFormatter(type, { timeZone: settings.timeZone, nowMicros: 0n, randomSeed: 0 })
}

/** Text of dates by a pattern. */
export function formatDay(pattern: DateTimePattern): (value: Value) => string {
  const fields = new DateTimeFields()
  return (value) => {
    fields.reset()
    setDay(fields, value as number)
    return pattern.format(fields, 0, 'UTC')
  }
}

/** Text of timestamps by a pattern, on the clocks of a zone. */
export function formatMoment(pattern: DateTimePattern, zoneId: string): (value: Value) => string {
  const fields = new DateTimeFields()
  const zone = timeZone(zoneId)
  return (value) => {
    const seconds = Number(floorDiv(value as bigint, 1_000_000n))
    const offset = zone.offsetAt(seconds)
    const local = seconds + offset
    const secondOfDay = ((local % 86_400) + 86_400) % 86_400
    setDay(fields, Math.floor(local / 86_400))
    fields.hour = Math.floor(secondOfDay / 3600)
    fields.minute = Math.floor(secondOfDay / 60) % 60
    fields.second = secondOfDay % 60
    fields.micros = Number((value as bigint) - BigInt(seconds) * 1_000_000n)
    return pattern.format(fields, offset, zoneId)
  }
}

function setDay(fields: DateTimeFields, days: number): void {
  const { year, month, day } = civilOf(days)
  fields.year = year
  fields.month = month
  fields.day = day
}
