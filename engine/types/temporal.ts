import { EngineError } from '../errors.ts'

const DAY_MS = 86_400_000
const MICROS_PER_DAY = 86_400_000_000n

/** A day without time or zone, as a program gives and receives it: `LocalDate.of('2011-12-09')`. */
export class LocalDate {
  /** Days since 1970-01-01. */
  readonly days: number

  constructor(days: number) {
    this.days = days
  }

  /** From `YYYY-MM-DD`; INVALID_ARGUMENT for anything else. */
  static of(text: string): LocalDate {
    const match = /^(-?\d{4,6})-(\d{2})-(\d{2})$/.exec(text)
    const ms = match === null ? Number.NaN : utcMs(Number(match[1]), Number(match[2]), Number(match[3]))
    if (Number.isNaN(ms)) throw new EngineError('INVALID_ARGUMENT', `"${text}" is not a date YYYY-MM-DD`)
    return new LocalDate(ms / DAY_MS)
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

/** Milliseconds of a UTC day, NaN if there is no such day. */
function utcMs(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : Number.NaN
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
    const micros = this.micros < 0n ? -this.micros : this.micros
    return `${this.micros < 0n ? '-' : ''}${micros / MICROS_PER_DAY} ${timeOfDay(micros % MICROS_PER_DAY)}`
  }

  toJSON(): string {
    return this.toString()
  }
}

/** Days since 1970 as `YYYY-MM-DD`. */
export function formatDays(days: number): string {
  const iso = new Date(days * DAY_MS).toISOString()
  const date = iso.slice(0, iso.indexOf('T'))
  return date.startsWith('+0') ? date.slice(2) : date
}

/** Microseconds since 1970 as `YYYY-MM-DD HH:MM:SS[.ffffff]`, without trailing zeros of the fraction. */
export function formatMicros(micros: bigint): string {
  let days = micros / MICROS_PER_DAY
  let rest = micros % MICROS_PER_DAY
  if (rest < 0n) {
    days -= 1n
    rest += MICROS_PER_DAY
  }
  return `${formatDays(Number(days))} ${timeOfDay(rest)}`
}

function timeOfDay(micros: bigint): string {
  const seconds = Number(micros / 1_000_000n)
  const fraction = (micros % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '')
  const two = (value: number): string => String(value).padStart(2, '0')
  const text = `${two(Math.trunc(seconds / 3600))}:${two(Math.trunc(seconds / 60) % 60)}:${two(seconds % 60)}`
  return fraction === '' ? text : `${text}.${fraction}`
}
