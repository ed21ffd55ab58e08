import { constantVector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import {
  type DataType,
  daysOf,
  decimalType,
  floorDiv,
  isValidDate,
  MICROS_PER_DAY,
  types,
} from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { exactly, int32, int64, numeric, type Parameter, signature, string } from '../signature.ts'
import { datetimeOverflow } from './arithmetic-error.ts'
import { asDate } from './datetime-fields.ts'
import { timeZone, toInstant, toLocal } from './time-zone.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const
const ntz: Parameter = exactly(types.timestampNtz)
const timestamp: Parameter = {
  text: 'a timestamp',
  accept: ({ kind }) =>
    kind === 'timestamp' ||
    kind === 'timestamp_ntz' ||
    kind === 'date' ||
    kind === 'string' ||
    kind === 'null'
      ? types.timestamp
      : undefined,
}
const seconds: Parameter = exactly(decimalType(16, 6))

/** Making dates, timestamps and intervals out of numbers, and the reverse. */
export const datetimeMakeFunctions: readonly ScalarFunction[] = [
  now(
    'current_date',
    types.date,
    'current_date() - the day when the query began, in the time zone of the session',
    ['curdate'],
  ),
  now('current_timestamp', types.timestamp, 'current_timestamp() - when the query began', ['now']),
  now('localtimestamp', types.timestampNtz, 'localtimestamp() - when the query began, as local time'),
  {
    ...plain,
    name: 'make_date',
    usage: 'make_date(year, month, day) - the date',
    mayFail: true,
    resolve: signature('make_date', [int32, int32, int32], types.date),
    bind: () => (year: number, month: number, day: number) => checkedDays(year, month, day),
  },
  makeTimestamp('make_timestamp', types.timestamp),
  makeTimestamp('make_timestamp_ltz', types.timestamp),
  makeTimestamp('make_timestamp_ntz', types.timestampNtz),
  {
    ...plain,
    name: 'make_ym_interval',
    usage: 'make_ym_interval([years[, months]]) - the interval',
    mayFail: true,
    resolve: signature('make_ym_interval', [int32, int32], types.intervalYm, { min: 0 }),
    bind:
      () =>
      (years = 0, months = 0) => {
        const total = years * 12 + months
        if (total !== (total | 0)) throw datetimeOverflow('interval')
        return total
      },
  },
  {
    ...plain,
    name: 'make_dt_interval',
    usage: 'make_dt_interval([days[, hours[, minutes[, seconds]]]]) - the interval',
    mayFail: true,
    resolve: signature('make_dt_interval', [int32, int32, int32, seconds], types.intervalDt, { min: 0 }),
    bind:
      () =>
      (days = 0, hours = 0, minutes = 0, micros = 0n) => {
        const total =
          BigInt(days) * MICROS_PER_DAY +
          BigInt(hours) * 3_600_000_000n +
          BigInt(minutes) * 60_000_000n +
          micros
        if (BigInt.asIntN(64, total) !== total) throw datetimeOverflow('interval')
        return total
      },
  },
  {
    ...plain,
    name: 'date_from_unix_date',
    usage: 'date_from_unix_date(days) - the date so many days after 1970-01-01',
    resolve: signature('date_from_unix_date', [int32], types.date),
    bind: () => (days: number) => days,
  },
  {
    ...plain,
    name: 'unix_date',
    usage: 'unix_date(date) - days since 1970-01-01',
    resolve: signature('unix_date', [asDate], types.int32),
    bind: () => (days: number) => days,
  },
  {
    ...plain,
    name: 'timestamp_seconds',
    usage: 'timestamp_seconds(seconds) - the timestamp so many seconds after 1970',
    mayFail: true,
    resolve: signature('timestamp_seconds', [numeric], types.timestamp),
    bind: ({ argTypes }) => fromSeconds(argTypes[0]!),
  },
  fromUnits('timestamp_millis', 1000n, 'milliseconds'),
  fromUnits('timestamp_micros', 1n, 'microseconds'),
  toUnits('unix_seconds', 1_000_000n, 'seconds'),
  toUnits('unix_millis', 1000n, 'milliseconds'),
  toUnits('unix_micros', 1n, 'microseconds'),
  {
    ...plain,
    name: 'from_utc_timestamp',
    usage: 'from_utc_timestamp(timestamp, zone) - takes the clock time as UTC and shows it in the zone',
    mayFail: true,
    resolve: signature('from_utc_timestamp', [timestamp, string], types.timestamp),
    bind: ({ settings }) => {
      const session = timeZone(settings.timeZone)
      return (micros: bigint, zone: string) =>
        toInstant(toLocal(toLocal(micros, session), timeZone(zone)), session)
    },
  },
  {
    ...plain,
    name: 'to_utc_timestamp',
    usage: 'to_utc_timestamp(timestamp, zone) - takes the clock time as that of the zone and shows it in UTC',
    mayFail: true,
    resolve: signature('to_utc_timestamp', [timestamp, string], types.timestamp),
    bind: ({ settings }) => {
      const session = timeZone(settings.timeZone)
      return (micros: bigint, zone: string) =>
        toInstant(toInstant(toLocal(micros, session), timeZone(zone)), session)
    },
  },
  {
    ...plain,
    name: 'convert_timezone',
    usage: 'convert_timezone([from, ]to, timestamp) - a local time of one zone as local time of another',
    mayFail: true,
    resolve: (args) => {
      const parameters = args.length === 2 ? [string, ntz] : [string, string, ntz]
      return signature('convert_timezone', parameters, types.timestampNtz)(args, [])
    },
    bind: ({ settings, argTypes }) => {
      if (argTypes.length === 2)
        return (to: string, local: bigint) =>
          toLocal(toInstant(local, timeZone(settings.timeZone)), timeZone(to))
      return (from: string, to: string, local: bigint) =>
        toLocal(toInstant(local, timeZone(from)), timeZone(to))
    },
  },
  {
    ...plain,
    name: 'current_timezone',
    volatility: 'stable',
    usage: 'current_timezone() - the time zone of the session',
    resolve: signature('current_timezone', [], types.string),
    bind:
      ({ settings }) =>
      () =>
        settings.timeZone,
  },
]

function now(
  name: string,
  returns: DataType,
  usage: string,
  aliases: readonly string[] = [],
): ScalarFunction {
  return {
    name,
    aliases,
    usage,
    volatility: 'stable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature(name, [], returns),
    evaluate: (_args, { rowCount, region, settings }) => {
      const local = toLocal(settings.nowMicros, timeZone(settings.timeZone))
      const value =
        returns.kind === 'date'
          ? Number(floorDiv(local, MICROS_PER_DAY))
          : returns.kind === 'timestamp'
            ? settings.nowMicros
            : local
      return constantVector(returns, value, rowCount, region)
    },
  }
}

function checkedDays(year: number, month: number, day: number): number {
  if (!isValidDate(year, month, day))
    throw new EngineError(
      'DATETIME_FIELD_OUT_OF_BOUNDS',
      `there is no date with year ${year}, month ${month} and day ${day}`,
      {
        hint: 'Months go from 1 to 12 and days from 1 to the last of the month.',
      },
    )
  return daysOf(year, month, day)
}

function makeTimestamp(name: string, returns: DataType): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(year, month, day, hour, minute, second[, zone]) - the timestamp`,
    mayFail: true,
    resolve: signature(name, [int32, int32, int32, int32, int32, seconds, string], returns, { min: 6 }),
    bind:
      ({ settings }) =>
      (
        year: number,
        month: number,
        day: number,
        hour: number,
        minute: number,
        micros: bigint,
        zone?: string,
      ) => {
        const valid =
          hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && micros >= 0n && micros <= 60_000_000n
        if (!valid)
          throw new EngineError(
            'DATETIME_OVERFLOW',
            `there is no time of day ${hour}:${minute} with those seconds`,
          )
        const ofDay = BigInt(hour * 3600 + minute * 60) * 1_000_000n + micros
        const local = BigInt(checkedDays(year, month, day)) * MICROS_PER_DAY + ofDay
        return returns.kind === 'timestamp' ? toInstant(local, timeZone(zone ?? settings.timeZone)) : local
      },
  }
}

function fromSeconds(type: DataType): (value: number | bigint) => bigint | null {
  const scale = type.kind === 'decimal' ? type.scale : 0
  return (value) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return null
    const micros =
      typeof value === 'number'
        ? BigInt(Math.trunc(value * 1e6))
        : (value * 1_000_000n) / 10n ** BigInt(scale)
    if (BigInt.asIntN(64, micros) !== micros) throw datetimeOverflow('timestamp')
    return micros
  }
}

function fromUnits(name: string, length: bigint, unit: string): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(${unit}) - the timestamp so many ${unit} after 1970`,
    mayFail: true,
    resolve: signature(name, [int64], types.timestamp),
    bind: () => (value: bigint) => {
      const micros = value * length
      if (BigInt.asIntN(64, micros) !== micros) throw datetimeOverflow('timestamp')
      return micros
    },
  }
}

function toUnits(name: string, length: bigint, unit: string): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(timestamp) - whole ${unit} since 1970`,
    resolve: signature(name, [timestamp], types.int64),
    bind: () => (micros: bigint) => floorDiv(micros, length),
  }
}
