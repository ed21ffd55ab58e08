import {
  civilOf,
  dayOfYear,
  daysOf,
  isoDayOfWeek,
  isValidDate,
  MICROS_PER_DAY,
  splitMicros,
} from '../../types/index.ts'
import { type LocalClock, type TimeZone, toInstantSeconds, toLocal } from './time-zone.ts'

/**
 * The parts of a date and time that a text names, or that one is written from. Reused from row to row.
 * Months, days and days of the week (Monday 1) count from 1.
 */
export class DatetimeParts {
  year = 1970
  month = 1
  day = 1
  /** 0 if not read. */
  dayOfYear = 0
  dayOfWeek = 0
  hour = 0
  minute = 0
  second = 0
  micros = 0
  isAfternoon = false
  /** Whether the hour was read on a 12-hour clock. */
  isHalfDay = false
  isBeforeChrist = false
  /** Undefined if the text names none. */
  zone: TimeZone | undefined = undefined
  offsetSeconds = 0
  epochSeconds = 0

  /** 1970-01-01 00:00:00 without a zone. */
  reset(): void {
    this.year = 1970
    this.month = 1
    this.day = 1
    this.dayOfYear = 0
    this.dayOfWeek = 0
    this.hour = 0
    this.minute = 0
    this.second = 0
    this.micros = 0
    this.isAfternoon = false
    this.isHalfDay = false
    this.isBeforeChrist = false
    this.zone = undefined
    this.offsetSeconds = 0
    this.epochSeconds = 0
  }

  /** The parts of an instant, for writing it as the clocks of a zone show it. */
  setInstant(instant: bigint, zone: TimeZone): void {
    const local = toLocal(instant, zone)
    const { days, microsOfDay } = splitMicros(local)
    const { year, month, day } = civilOf(days)
    const secondOfDay = Math.floor(microsOfDay / 1_000_000)
    this.year = year
    this.month = month
    this.day = day
    this.dayOfYear = dayOfYear(days)
    this.dayOfWeek = isoDayOfWeek(days)
    this.hour = Math.floor(secondOfDay / 3600)
    this.minute = Math.floor(secondOfDay / 60) % 60
    this.second = secondOfDay % 60
    this.micros = microsOfDay % 1_000_000
    this.isAfternoon = secondOfDay >= 43_200
    this.isBeforeChrist = year <= 0
    this.zone = zone
    this.offsetSeconds = Number(local - instant) / 1_000_000
    this.epochSeconds = Number(instant / 1_000_000n)
  }

  /** Whether the parts name a day and a time of day that exist. */
  get isValid(): boolean {
    return (
      this.hour < 24 && this.minute < 60 && this.second < 60 && isValidDate(this.year, this.month, this.day)
    )
  }

  /** Days since 1970-01-01. */
  get days(): number {
    return daysOf(this.year, this.month, this.day)
  }

  /** Seconds since 1970-01-01 00:00:00 on the clock of the text. */
  get localSeconds(): number {
    return this.days * 86_400 + this.hour * 3600 + this.minute * 60 + this.second
  }

  /** Microseconds since 1970-01-01 00:00:00 on the clock of the text. */
  get localMicros(): bigint {
    const ofDay = (this.hour * 3600 + this.minute * 60 + this.second) * 1e6 + this.micros
    return BigInt(this.days) * MICROS_PER_DAY + BigInt(ofDay)
  }

  /** Seconds since the epoch: by the zone of the text, else by `clock`. */
  instantSeconds(clock: LocalClock): number {
    const local = this.localSeconds
    return this.zone === undefined ? clock.toInstant(local) : toInstantSeconds(local, this.zone)
  }
}
