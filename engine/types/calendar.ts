/** Day in the proleptic Gregorian calendar. Months and days count from 1. */
export interface CivilDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

export const MICROS_PER_SECOND = 1_000_000n
export const MICROS_PER_DAY = 86_400_000_000n

/** The calendar date of a count of days since 1970-01-01 (Howard Hinnant's algorithm). */
export function civilOf(days: number): CivilDate {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  }
}

/** The year of a day, without making an object: for loops over columns. */
export function yearOf(days: number): number {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const leapDays = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0)
  const yearOfEra = ((dayOfEra - leapDays) / 365) | 0
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0))
  // The shifted year begins in March; from its day 306 on it is January.
  return yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0)
}

/** Days since 1970-01-01 of a calendar date; the day may lie outside the month and then counts on. */
export function daysOf(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year
  const era = Math.floor(shiftedYear / 400)
  const yearOfEra = shiftedYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** Whether a year has 366 days. */
function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

/** Days of a month. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Whether year, month and day name a day that exists. */
export function isValidDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
}

/** The day so many months later; the last day of the month if it is shorter. */
export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilOf(days)
  const total = year * 12 + month - 1 + months
  const newYear = Math.floor(total / 12)
  const newMonth = total - newYear * 12 + 1
  return daysOf(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)))
}

/** ISO day of the week, Monday 1 to Sunday 7. */
export function isoDayOfWeek(days: number): number {
  return ((((days + 3) % 7) + 7) % 7) + 1
}

/** Day of the year, from 1. */
export function dayOfYear(days: number): number {
  return days - daysOf(civilOf(days).year, 1, 1) + 1
}

/** Week of the ISO year, and that year. */
export function isoWeek(days: number): { readonly year: number; readonly week: number } {
  const thursday = days + 4 - isoDayOfWeek(days)
  const { year } = civilOf(thursday)
  return { year, week: Math.floor((thursday - daysOf(year, 1, 1)) / 7) + 1 }
}

/** Quotient towards minus infinity. */
export function floorDiv(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}

/** Local microseconds as whole days and the microseconds of the day. */
export function splitMicros(micros: bigint): { readonly days: number; readonly microsOfDay: number } {
  const days = floorDiv(micros, MICROS_PER_DAY)
  return { days: Number(days), microsOfDay: Number(micros - days * MICROS_PER_DAY) }
}
