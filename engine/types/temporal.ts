import { EngineError } from '../errors.ts'
import { civilOf, daysOf, isValidDate, splitMicros } from './calendar.ts'

const DAY_MS = 86_400_000

/** A day without time or zone, as a program gives and receives it: `LocalDate.of('2011-12-09')`. */
export class LocalDate {
  /** Days since 1970-01-01. */
  readonly days: number

  constructor(days: number) {
    this.days = days
  }

  /** From `YYYY-MM-DD`; INVALID_ARGUMENT for anything else. */
  static of(text: string): LocalDate {
    const [, year, month, day] = (/^(-?\d{4,6})-(\d{2})-(\d{2})$/.exec(text) ?? []).map(Number)
    if (year === undefined || !isValidDate(year, month!, day!))
      throw new EngineError('INVALID_ARGUMENT', `"${text}" is not a date YYYY-MM-DD`)
    return new LocalDate(daysOf(year, month!, day!))
  }

  toString(): string {
    return formatDays(this.days)
  }

  toJSON(): string {
    return this.toString()
  }

  /** Midnight UTC of the day. */
  toDate(): Date {
    return new Date(this.days * DAY_MS)
  }
}

/** A point in time with microseconds: what a `timestamp` column holds. */
export class Timestamp {
  /** Microseconds since 1970-01-01 00:00:00 UTC. */
  readonly micros: bigint
  /** Only for the compiler: classes of the same shape are different types. */
  declare protected readonly nominal: 'Timestamp'

  constructor(micros: bigint) {
    this.micros = micros
  }

  static fromDate(date: Date): Timestamp {
    return new Timestamp(BigInt(date.getTime()) * 1000n)
  }

  /** ISO 8601 in UTC: `2011-12-09T12:50:00.000123Z`. */
  toString(): string {
    return `${formatMicros(this.micros).replace(' ', 'T')}Z`
  }

  toJSON(): string {
    return this.toString()
  }

  /** Milliseconds are kept, microseconds cut. */
  toDate(): Date {
    return new Date(Number(this.micros / 1000n))
  }
}

/** A wall-clock time without zone: what a `timestamp_ntz` column holds. */
export class LocalTimestamp {
  /** Microseconds since 1970-01-01 00:00:00 on the same wall clock. */
  readonly micros: bigint
  /** Only for the compiler: classes of the same shape are different types. */
  declare protected readonly nominal: 'LocalTimestamp'

  constructor(micros: bigint) {
    this.micros = micros
  }

  /** `2011-12-09 12:50:00`, with a fraction if there is one. */
  toString(): string {
    return formatMicros(this.micros)
  }

  toJSON(): string {
    return this.toString()
  }
}

/** An interval of years and months. */
export class MonthInterval {
  readonly months: number

  constructor(months: number) {
    this.months = months
  }

  /** `1-2` for one year and two months. */
  toString(): string {
    const months = Math.abs(this.months)
    return `${this.months < 0 ? '-' : ''}${Math.trunc(months / 12)}-${months % 12}`
  }

  toJSON(): string {
    return this.toString()
  }
}

/** An interval of days to microseconds. */
export class DayTimeInterval {
  readonly micros: bigint
  /** Only for the compiler: classes of the same shape are different types. */
  declare protected readonly nominal: 'DayTimeInterval'

  constructor(micros: bigint) {
    this.micros = micros
  }

  /** `3 04:05:06.000007`: days, then time. */
  toString(): string {
    const { days, microsOfDay } = splitMicros(this.micros < 0n ? -this.micros : this.micros)
    return `${this.micros < 0n ? '-' : ''}${days} ${formatTimeOfDay(microsOfDay)}`
  }

  toJSON(): string {
    return this.toString()
  }
}

/** Days since 1970 as `2024-01-31`; years beyond four digits carry a sign. */
export function formatDays(days: number): string {
  const { year, month, day } = civilOf(days)
  return `${formatYear(year)}-${twoDigits(month)}-${twoDigits(day)}`
}

function formatYear(year: number): string {
  if (year > 9999) return `+${year}`
  return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0')
}

/** Microseconds since 1970 as `2024-01-31 12:00:00[.ffffff]`, without trailing zeros of the fraction. */
export function formatMicros(micros: bigint): string {
  const { days, microsOfDay } = splitMicros(micros)
  return `${formatDays(days)} ${formatTimeOfDay(microsOfDay)}`
}

function formatTimeOfDay(micros: number): string {
  const second = Math.floor(micros / 1_000_000)
  const rest = micros % 1_000_000
  const hourMinute = `${twoDigits(Math.floor(second / 3600))}:${twoDigits(Math.floor(second / 60) % 60)}`
  const clock = `${hourMinute}:${twoDigits(second % 60)}`
  return rest === 0 ? clock : `${clock}.${String(rest).padStart(6, '0').replace(/0+$/, '')}`
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
