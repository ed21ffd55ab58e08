import { daysOf, isValidDate, MICROS_PER_DAY } from '../../types/index.ts'
import { findTimeZone, type TimeZone, toInstant } from './time-zone.ts'

const DATE = /^([+-]?\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$/s

const TIMESTAMP =
  /^([+-]?\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?\s*([A-Za-z+-].*)?)?)?)?)?$/s

/** Days of a text `yyyy[-[m]m[-[d]d[ T...]]]`; undefined if it is no date. */
export function parseDate(text: string): number | undefined {
  const match = DATE.exec(text.trim())
  if (match === null) return undefined
  const year = Number(match[1])
  const month = Number(match[2] ?? 1)
  const day = Number(match[3] ?? 1)
  if (!isValidDate(year, month, day)) return undefined
  const days = daysOf(year, month, day)
  return days === (days | 0) ? days : undefined
}

/** A text as a local time, and the zone that it names if it does. */
export interface ParsedTimestamp {
  readonly localMicros: bigint
  readonly zone: TimeZone | undefined
}

/** A text `yyyy-[m]m-[d]d[ T][h]h:[m]m:[s]s.ffffff[zone]`, from the end on optional; undefined if it is none. */
export function parseLocalTimestamp(text: string): ParsedTimestamp | undefined {
  const match = TIMESTAMP.exec(text.trim())
  if (match === null) return undefined
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '', zoneText] =
    match
  if (!isValidDate(Number(year), Number(month), Number(day))) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const zone = zoneText === undefined ? undefined : findTimeZone(zoneText.trim())
  if (zoneText !== undefined && zone === undefined) return undefined
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'))
  const secondOfDay = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  const days = daysOf(Number(year), Number(month), Number(day))
  return {
    localMicros: BigInt(days) * MICROS_PER_DAY + BigInt(secondOfDay) * 1_000_000n + BigInt(micros),
    zone,
  }
}

/** The instant that a text names; a text without zone is local time in `zone`. */
export function parseTimestamp(text: string, zone: TimeZone): bigint | undefined {
  const parsed = parseLocalTimestamp(text)
  if (parsed === undefined) return undefined
  const micros = toInstant(parsed.localMicros, parsed.zone ?? zone)
  return BigInt.asIntN(64, micros) === micros ? micros : undefined
}

/** The local time that a text names; a zone in it is ignored, as Spark does. */
export function parseTimestampNtz(text: string): bigint | undefined {
  const micros = parseLocalTimestamp(text)?.localMicros
  return micros !== undefined && BigInt.asIntN(64, micros) === micros ? micros : undefined
}

const YEAR_MONTH = /^([+-]?)(\d+)-(\d+)$/
const DAY_TIME = /^([+-]?)(\d+)(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?$/
const LITERAL = /^interval\s+([+-]?)\s*'([^']*)'\s+(year to month|day to second|\w+)$/i

/** Months of `[+-]y-m`, `INTERVAL 'y-m' YEAR TO MONTH`, `INTERVAL 'n' YEAR` or `MONTH`; undefined for others. */
export function parseYearMonth(text: string): number | undefined {
  const literal = LITERAL.exec(text.trim())
  const body = literal === null ? text.trim() : literal[2]!
  const sign = literal?.[1] === '-' ? -1 : 1
  const unit = literal?.[3]?.toLowerCase()
  if (unit === 'year' || unit === 'month') {
    if (!/^[+-]?\d+$/.test(body)) return undefined
    return within32(sign * Number(body) * (unit === 'year' ? 12 : 1))
  }
  const match = YEAR_MONTH.exec(body)
  if (match === null || Number(match[3]) > 11 || (unit !== undefined && unit !== 'year to month'))
    return undefined
  return within32(sign * (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 12 + Number(match[3])))
}

function within32(months: number): number | undefined {
  return months === (months | 0) ? months : undefined
}

const UNIT_MICROS: Readonly<Record<string, bigint>> = {
  day: MICROS_PER_DAY,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
}

/** Microseconds of `[+-]d h:m:s.f` or such an INTERVAL literal; undefined for others. */
export function parseDayTime(text: string): bigint | undefined {
  const literal = LITERAL.exec(text.trim())
  const body = literal === null ? text.trim() : literal[2]!
  const sign = literal?.[1] === '-' ? -1n : 1n
  const unit = literal?.[3]?.toLowerCase()
  if (unit !== undefined && UNIT_MICROS[unit] !== undefined)
    return /^[+-]?\d+$/.test(body) ? sign * BigInt(body.replace('+', '')) * UNIT_MICROS[unit] : undefined
  const match = DAY_TIME.exec(body)
  if (match === null) return undefined
  const [, minus, day, hour = '0', minute = '0', second = '0', fraction = ''] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const seconds = BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second))
  const micros =
    BigInt(day!) * MICROS_PER_DAY + seconds * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
  return (minus === '-' ? -sign : sign) * micros
}
