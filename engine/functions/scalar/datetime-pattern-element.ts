import type { TimeZone } from './time-zone.ts'

/** What a pattern reads and writes. Months, days and days of the week (Monday 1) count from 1. */
export interface DatetimeFields {
  year: number
  month: number
  day: number
  /** 0 if not read. */
  dayOfYear: number
  dayOfWeek: number
  hour: number
  minute: number
  second: number
  nanos: number
  isAfternoon: boolean | undefined
  /** Whether the hour was read on a 12-hour clock. */
  isHalfDay: boolean
  isBeforeChrist: boolean
  zone: TimeZone | undefined
  offsetSeconds: number
  epochSeconds: number
}

/** One piece of a pattern: text as it stands, a field, or an optional section. */
export interface PatternElement {
  /** Whether it reads digits, so that a number before it must not take them. */
  readonly isNumeric: boolean
  readonly format: (fields: DatetimeFields) => string
  /** Reads at `at` into `fields`; gives where it ended, or -1. */
  readonly parse: (text: string, at: number, fields: DatetimeFields) => number
}
