import { MICROS_PER_DAY } from '../../types/index.ts'
import { DatetimeParts } from './datetime-parts.ts'
import { parseIso, parseIsoDay } from './parse-iso.ts'
import { type TimeZone, toInstant } from './time-zone.ts'

const parts = new DatetimeParts()

/** Days of a text `yyyy[-[m]m[-[d]d[ T...]]]`; undefined if it is no date. */
export function parseDate(text: string): number | undefined {
  const bytes = Buffer.from(text)
  if (!parseIsoDay(bytes, 0, bytes.length, parts)) return undefined
  const { days } = parts
  return days === (days | 0) ? days : undefined
}

/** The instant that a text names; a text without zone is local time in `zone`. */
export function parseTimestamp(text: string, zone: TimeZone): bigint | undefined {
  const bytes = Buffer.from(text)
  if (!parseIso(bytes, 0, bytes.length, parts)) return undefined
  const micros = toInstant(parts.localMicros, parts.zone ?? zone)
  return BigInt.asIntN(64, micros) === micros ? micros : undefined
}

/** The local time that a text names; a zone in it is ignored, as Spark does. */
export function parseTimestampNtz(text: string): bigint | undefined {
  const bytes = Buffer.from(text)
  if (!parseIso(bytes, 0, bytes.length, parts)) return undefined
  const micros = parts.localMicros
  return BigInt.asIntN(64, micros) === micros ? micros : undefined
}

const YEAR_MONTH = /^([+-]?)(\d+)-(\d+)$/
const DAY_TIME = /^([+-]?)(\d+)(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?$/
const LITERAL = /^interval\s+([+-]?)\s*'([^']*)'\s+(year to month|day to second|\w+)$/i

/**
 * Months of `[+-]y-m`, `INTERVAL 'y-m' YEAR TO MONTH`, `INTERVAL 'n' YEAR` or `MONTH`; undefined for others.
 */
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
