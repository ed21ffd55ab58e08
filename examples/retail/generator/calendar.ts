import type { Random } from './random.ts'

/** A day the shop trades on. `share` is its part of all lines; the shares of all days sum to 1. */
export interface TradingDay {
  /** Minutes from 1970-01-01 to this day's midnight, without a time zone. */
  readonly startMinute: number
  /** `M/D/YYYY`. */
  readonly text: string
  readonly share: number
}

const MINUTES_PER_DAY = 1440
const FIRST_DAY = Date.UTC(2010, 11, 1)
const LAST_DAY = Date.UTC(2011, 11, 9)
/** How busy a month is; the trade is with gifts, so autumn is the season. January is the first entry. */
const MONTH_WEIGHTS = [36, 35, 44, 39, 43, 41, 42, 40, 58, 70, 96, 62]
/** Sunday first; Saturdays are closed. */
const WEEKDAY_WEIGHTS = [10, 15, 16, 16, 17, 13, 0]
/** From six in the morning to eight in the evening. */
const HOUR_WEIGHTS = [1, 2, 20, 66, 105, 110, 140, 125, 115, 112, 72, 42, 12, 8, 1]

/**
 * The days from 2010-12-01 to 2011-12-09 without Saturdays, the days around the new year and public holidays.
 */
export function tradingDays(): TradingDay[] {
  const days: { startMinute: number; text: string; weight: number }[] = []
  for (let time = FIRST_DAY; time <= LAST_DAY; time += MINUTES_PER_DAY * 60_000) {
    const date = new Date(time)
    const [month, day] = [date.getUTCMonth(), date.getUTCDate()]
    const weight = (MONTH_WEIGHTS[month] ?? 0) * (WEEKDAY_WEIGHTS[date.getUTCDay()] ?? 0)
    if (weight === 0 || isHoliday(month + 1, day)) continue
    days.push({ startMinute: time / 60_000, text: `${month + 1}/${day}/${date.getUTCFullYear()}`, weight })
  }
  const total = days.reduce((sum, { weight }) => sum + weight, 0)
  return days.map(({ startMinute, text, weight }) => ({ startMinute, text, share: weight / total }))
}

/** A minute of the day, from 06:00 to 20:59, as busy hours have it. */
export function minuteOfDay(random: Random): number {
  return (6 + random.weighted(HOUR_WEIGHTS)) * 60 + random.below(60)
}

/** `H:MM`, the hour without a leading zero. */
export function clockText(minute: number): string {
  const rest = minute % 60
  return `${Math.floor(minute / 60)}:${rest < 10 ? '0' : ''}${rest}`
}

/** `YYYY-MM-DD HH:MM:SS` of seconds since 1970. */
export function timestampText(second: number): string {
  return new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')
}

function isHoliday(month: number, day: number): boolean {
  if (month === 12) return day >= 24
  if (month === 1) return day <= 3
  return (
    (month === 4 && day >= 22 && day <= 25) ||
    (month === 5 && (day === 2 || day === 30)) ||
    (month === 8 && day === 29)
  )
}
