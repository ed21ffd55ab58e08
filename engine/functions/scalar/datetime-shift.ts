import { EngineError } from '../../errors.ts'
import {
  addMonths,
  civilOf,
  type DataType,
  daysInMonth,
  daysOf,
  floorDiv,
  isoDayOfWeek,
  MICROS_PER_DAY,
  splitMicros,
  types,
} from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { int32, signature, string } from '../signature.ts'
import { datetimeOverflow } from './arithmetic-error.ts'
import { asDate, asTimestamp } from './datetime-fields.ts'
import { resolveTimestampAdd, resolveTimestampDiff, timestampAdd, timestampDiff } from './datetime-units.ts'
import { type TimeZone, timeZone, toInstant, toLocal } from './time-zone.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Moving, cutting and comparing dates and timestamps. */
export const datetimeShiftFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'date_add',
    aliases: ['dateadd'],
    usage:
      'date_add(date, days) - the date so many days later; dateadd(unit, amount, timestamp) as timestampadd',
    mayFail: true,
    resolve: (args, literals) => {
      if (args.length === 3) return resolveTimestampAdd('date_add', args, literals)
      return signature('date_add', [asDate, int32], types.date)(args, literals)
    },
    bind: (call) => {
      if (call.argTypes.length === 3) return timestampAdd(call)
      return (days: number, amount: number) => within32(days + amount)
    },
  },
  {
    ...plain,
    name: 'date_sub',
    usage: 'date_sub(date, days) - the date so many days earlier',
    mayFail: true,
    resolve: signature('date_sub', [asDate, int32], types.date),
    bind: () => (days: number, amount: number) => within32(days - amount),
  },
  {
    ...plain,
    name: 'datediff',
    aliases: ['date_diff'],
    usage: 'datediff(end, start) - days from start to end; datediff(unit, start, end) as timestampdiff',
    resolve: (args, literals) => {
      if (args.length === 3) return resolveTimestampDiff('datediff', args, literals)
      return signature('datediff', [asDate, asDate], types.int32)(args, literals)
    },
    bind: (call) => {
      if (call.argTypes.length === 3) return timestampDiff(call)
      return (end: number, start: number) => end - start
    },
  },
  {
    ...plain,
    name: 'add_months',
    usage: 'add_months(date, months) - the date so many months later, at most the last day of the month',
    mayFail: true,
    resolve: signature('add_months', [asDate, int32], types.date),
    bind: () => (days: number, months: number) => within32(addMonths(days, months)),
  },
  {
    ...plain,
    name: 'months_between',
    usage:
      'months_between(a, b[, roundOff]) - months from b to a, rounded to 8 digits unless roundOff is FALSE',
    resolve: signature(
      'months_between',
      [asTimestamp, asTimestamp, { text: 'a boolean', accept: () => types.boolean }],
      types.float64,
      { min: 2 },
    ),
    bind: ({ argTypes, settings }) => {
      const zone = timeZone(settings.timeZone)
      const local = (value: bigint, type: DataType) =>
        type.kind === 'timestamp' ? toLocal(value, zone) : value
      return (a: bigint, b: bigint, roundOff = true) =>
        monthsBetween(local(a, argTypes[0]!), local(b, argTypes[1]!), roundOff)
    },
  },
  {
    ...plain,
    name: 'last_day',
    usage: 'last_day(date) - the last day of the month',
    resolve: signature('last_day', [asDate], types.date),
    bind: () => (days: number) => {
      const { year, month } = civilOf(days)
      return daysOf(year, month, daysInMonth(year, month))
    },
  },
  {
    ...plain,
    name: 'next_day',
    usage: 'next_day(date, weekday) - the first such weekday after the date',
    mayFail: true,
    resolve: signature('next_day', [asDate, string], types.date),
    bind: () => (days: number, weekday: string) => {
      const wanted = WEEKDAYS.get(weekday.trim().toLowerCase())
      if (wanted === undefined)
        throw new EngineError('ILLEGAL_DAY_OF_WEEK', `"${weekday}" is not a day of the week`, {
          hint: 'Use MON, TUE ... or full names.',
        })
      return days + ((wanted - isoDayOfWeek(days) + 6) % 7) + 1
    },
  },
  {
    ...plain,
    name: 'trunc',
    usage: 'trunc(date, unit) - the first day of the year, quarter, month or week',
    resolve: signature('trunc', [asDate, string], types.date),
    bind: () => (days: number, unit: string) => truncateDay(days, unit),
  },
  {
    ...plain,
    name: 'date_trunc',
    usage: 'date_trunc(unit, timestamp) - the start of the year, month, day, hour, minute ...',
    resolve: signature('date_trunc', [string, asTimestamp], (args) => args[1]!),
    bind: ({ argTypes, settings }) => {
      const zone = argTypes[1]!.kind === 'timestamp' ? timeZone(settings.timeZone) : timeZone('UTC')
      return (unit: string, micros: bigint) => truncateMicros(micros, unit, zone)
    },
  },
  {
    ...plain,
    name: 'timestampadd',
    usage: 'timestampadd(unit, amount, timestamp) - the timestamp so many units later',
    mayFail: true,
    resolve: (args, literals) => resolveTimestampAdd('timestampadd', args, literals),
    bind: timestampAdd,
  },
  {
    ...plain,
    name: 'timestampdiff',
    usage: 'timestampdiff(unit, start, end) - whole units from start to end',
    resolve: (args, literals) => resolveTimestampDiff('timestampdiff', args, literals),
    bind: timestampDiff,
  },
]

function within32(days: number): number {
  if (days !== (days | 0)) throw datetimeOverflow('date')
  return days
}

const WEEKDAYS = new Map(
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].flatMap((name, index) =>
    [name, name.slice(0, 2), name.slice(0, 3)].map((word) => [word, index + 1] as const),
  ),
)

/** Whole months if both lie on the same day of the month or on the last, else with days as parts of 31. */
function monthsBetween(a: bigint, b: bigint, roundOff: boolean): number {
  const left = splitMicros(a)
  const right = splitMicros(b)
  const from = civilOf(left.days)
  const to = civilOf(right.days)
  const months = (from.year - to.year) * 12 + from.month - to.month
  const bothLast =
    from.day === daysInMonth(from.year, from.month) && to.day === daysInMonth(to.year, to.month)
  if (from.day === to.day || bothLast) return months
  const seconds =
    (from.day - to.day) * 86_400 + Math.floor(left.microsOfDay / 1e6) - Math.floor(right.microsOfDay / 1e6)
  const value = months + seconds / (31 * 86_400)
  return roundOff ? Math.round(value * 1e8) / 1e8 : value
}

/** The first day of the unit that holds the day; NULL for a unit that is none or smaller than a week. */
function truncateDay(days: number, unit: string): number | null {
  const { year, month } = civilOf(days)
  switch (unit.toLowerCase()) {
    case 'year':
    case 'yyyy':
    case 'yy':
      return daysOf(year, 1, 1)
    case 'quarter':
      return daysOf(year, month - ((month - 1) % 3), 1)
    case 'month':
    case 'mon':
    case 'mm':
      return daysOf(year, month, 1)
    case 'week':
      return days - isoDayOfWeek(days) + 1
    default:
      return null
  }
}

const CLOCK_UNITS: Readonly<Record<string, bigint>> = {
  microsecond: 1n,
  millisecond: 1000n,
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
}

function truncateMicros(micros: bigint, unit: string, zone: TimeZone): bigint | null {
  const lower = unit.toLowerCase()
  const clock = CLOCK_UNITS[lower]
  const local = toLocal(micros, zone)
  // Cutting back by the local remainder keeps the offset that is in force.
  if (clock !== undefined) return micros - (local - floorDiv(local, clock) * clock)
  const { days } = splitMicros(local)
  const first = lower === 'day' || lower === 'dd' ? days : truncateDay(days, lower)
  return first === null ? null : toInstant(BigInt(first) * MICROS_PER_DAY, zone)
}
