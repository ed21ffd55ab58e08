import { fixedVector, type Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import {
  civilOf,
  type DataType,
  dayOfYear,
  decimalType,
  floorDiv,
  isDatetime,
  isoDayOfWeek,
  isoWeek,
  MICROS_PER_DAY,
  splitMicros,
  types,
  type Value,
  yearOf,
} from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { checkCount, mismatch, type Parameter, signature, string } from '../signature.ts'
import { operandOf } from './operand.ts'
import { timeZone, toLocal } from './time-zone.ts'

/** A date; timestamps lose their time of day. */
export const asDate: Parameter = {
  text: 'a date or timestamp',
  accept: (type) =>
    isDatetime(type) || type.kind === 'string' || type.kind === 'null' ? types.date : undefined,
}

/** A timestamp of either kind; dates and strings become timestamps. */
export const asTimestamp: Parameter = {
  text: 'a timestamp',
  accept: (type) => {
    if (type.kind === 'timestamp' || type.kind === 'timestamp_ntz') return type
    return type.kind === 'date' || type.kind === 'string' || type.kind === 'null'
      ? types.timestamp
      : undefined
  },
}

type DayField = (days: number) => number

const DAY_FIELDS: Readonly<Record<string, DayField>> = {
  year: yearOf,
  yearofweek: (days) => isoWeek(days).year,
  quarter: (days) => Math.floor((civilOf(days).month - 1) / 3) + 1,
  month: (days) => civilOf(days).month,
  weekofyear: (days) => isoWeek(days).week,
  day: (days) => civilOf(days).day,
  dayofweek: (days) => (isoDayOfWeek(days) % 7) + 1,
  dayofweek_iso: isoDayOfWeek,
  weekday: (days) => isoDayOfWeek(days) - 1,
  dayofyear: dayOfYear,
}

/** Parts of dates and timestamps. */
export const datetimeFieldFunctions: readonly ScalarFunction[] = [
  dayField('year', 'year(date) - the year'),
  dayField('quarter', 'quarter(date) - the quarter, 1 to 4'),
  dayField('month', 'month(date) - the month, 1 to 12'),
  dayField('day', 'day(date) - the day of the month', ['dayofmonth']),
  dayField('dayofweek', 'dayofweek(date) - the day of the week, Sunday 1 to Saturday 7'),
  dayField('weekday', 'weekday(date) - the day of the week, Monday 0 to Sunday 6'),
  dayField('dayofyear', 'dayofyear(date) - the day of the year, from 1'),
  dayField('weekofyear', 'weekofyear(date) - the ISO week of the year'),
  clockField('hour', 3_600, 24),
  clockField('minute', 60, 60),
  clockField('second', 1, 60),
  {
    name: 'extract',
    aliases: ['date_part', 'datepart'],
    usage: 'extract(field FROM source) - a part of a date, timestamp or interval: year, month, day, hour ...',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: resolveExtract,
    evaluate: ([field, source], call) => extract(fieldName(field!), source!, call),
  },
  {
    name: 'dayname',
    usage: 'dayname(date) - the day of the week in three letters',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature('dayname', [asDate], types.string),
    bind: () => (days: number) => ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][isoDayOfWeek(days) - 1]!,
  },
  {
    name: 'monthname',
    usage: 'monthname(date) - the month in three letters',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature('monthname', [asDate], types.string),
    bind: () => (days: number) =>
      'JanFebMarAprMayJunJulAugSepOctNovDec'.substr(civilOf(days).month * 3 - 3, 3),
  },
]

function dayField(name: string, usage: string, aliases: readonly string[] = []): ScalarFunction {
  return {
    name,
    aliases,
    usage,
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature(name, [asDate], types.int32),
    evaluate: ([days], call) => mapDays(days!, DAY_FIELDS[name]!, call),
  }
}

function mapDays(days: Vector, field: DayField, { rowCount, region }: CallContext): Vector {
  const { values, step } = operandOf<Int32Array>(days)
  const out = region.int32(rowCount)
  for (let row = 0; row < rowCount; row++) out[row] = field(values[row * step]!)
  return fixedVector(types.int32, rowCount, out)
}

function clockField(name: string, unitSeconds: number, modulus: number): ScalarFunction {
  return {
    name,
    usage: `${name}(timestamp) - the ${name} of the time of day`,
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature(name, [asTimestamp], types.int32),
    evaluate: ([input], call) => clock(input!, unitSeconds, modulus, call),
  }
}

function clock(
  input: Vector,
  unitSeconds: number,
  modulus: number,
  { rowCount, region, settings }: CallContext,
): Vector {
  const micros = localMicros(input, settings.timeZone)
  const out = region.int32(rowCount)
  for (let row = 0; row < rowCount; row++) {
    const second = Math.floor(splitMicros(micros(row)).microsOfDay / 1_000_000)
    out[row] = Math.floor(second / unitSeconds) % modulus
  }
  return fixedVector(types.int32, rowCount, out)
}

/** Reads local microseconds of timestamps of either kind; values under NULL may be anything. */
export function localMicros(input: Vector, zoneId: string): (row: number) => bigint {
  const { values, step } = operandOf<BigInt64Array>(input)
  if (input.type.kind === 'timestamp_ntz') return (row) => values[row * step]!
  const zone = timeZone(zoneId)
  return (row) => toLocal(values[row * step]!, zone)
}

const FIELD_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    year: 'year y years yr yrs',
    yearofweek: 'yearofweek',
    quarter: 'quarter qtr',
    month: 'month mon mons months',
    weekofyear: 'week w weeks',
    day: 'day d days',
    dayofweek: 'dayofweek dow',
    dayofweek_iso: 'dayofweek_iso dow_iso',
    dayofyear: 'doy',
    hour: 'hour h hours hr hrs',
    minute: 'minute m min mins minutes',
    second: 'second s sec seconds secs',
  }).flatMap(([field, words]) => words.split(' ').map((word) => [word, field])),
)

function fieldName(field: Vector): string {
  const value = field.encoding === 'constant' ? readText(field.value) : readText(field)
  return FIELD_NAMES[value.toLowerCase()] ?? ''
}

function readText(vector: Vector): string {
  if (vector.encoding !== 'bytes') return ''
  return Buffer.from(vector.bytes.subarray(vector.offsets[0], vector.offsets[1])).toString('utf8')
}

function resolveExtract(args: readonly DataType[], literals: readonly (Value | undefined)[]) {
  checkCount('extract', args.length, 2)
  const source = args[1]!
  const word = literals[0]
  const field = typeof word === 'string' ? FIELD_NAMES[word.toLowerCase()] : undefined
  if (field === undefined)
    throw new EngineError(
      'INVALID_EXTRACT_FIELD',
      `"${String(word ?? 'a value')}" is not a field that can be extracted`,
      {
        hint: 'Fields are year, quarter, month, week, day, dayofweek, doy, hour, minute, second.',
      },
    )
  const isInterval = source.kind === 'interval_ym' || source.kind === 'interval_dt'
  const allowed = source.kind === 'interval_ym' ? ['year', 'month'] : ['day', 'hour', 'minute', 'second']
  if (isInterval && !allowed.includes(field))
    throw mismatch('extract', args, `one of ${allowed.join(', ')} of an interval`)
  const isClock = field === 'hour' || field === 'minute' || field === 'second'
  const accepted = isInterval ? source : (isClock ? asTimestamp : asDate).accept(source)
  if (accepted === undefined) throw mismatch('extract', args, 'a date, timestamp or interval')
  const isSmall = isInterval && field !== 'year' && field !== 'day'
  const returns = field === 'second' ? decimalType(8, 6) : isSmall ? types.int8 : types.int32
  return { args: [string.accept(args[0]!)!, accepted], returns }
}

function extract(field: string, source: Vector, call: CallContext): Vector {
  const { rowCount, region, settings } = call
  if (source.type.kind === 'interval_ym') {
    const { values, step } = operandOf<Int32Array>(source)
    const out = field === 'year' ? region.int32(rowCount) : region.int8(rowCount)
    for (let row = 0; row < rowCount; row++) {
      const months = values[row * step]!
      out[row] = field === 'year' ? Math.trunc(months / 12) : months % 12
    }
    return fixedVector(call.returns, rowCount, out)
  }
  if (source.type.kind === 'interval_dt') return extractDayTime(field, source, call)
  if (field === 'hour') return clock(source, 3_600, 24, call)
  if (field === 'minute') return clock(source, 60, 60, call)
  if (field !== 'second') return mapDays(source, DAY_FIELDS[field]!, call)
  const micros = localMicros(source, settings.timeZone)
  const out = region.int64(rowCount)
  for (let row = 0; row < rowCount; row++) {
    const value = micros(row)
    out[row] = value - floorDiv(value, 60_000_000n) * 60_000_000n
  }
  return fixedVector(decimalType(8, 6), rowCount, out)
}

function extractDayTime(field: string, source: Vector, { rowCount, region, returns }: CallContext): Vector {
  const { values, step } = operandOf<BigInt64Array>(source)
  if (field === 'second') {
    const out = region.int64(rowCount)
    for (let row = 0; row < rowCount; row++) out[row] = values[row * step]! % 60_000_000n
    return fixedVector(decimalType(8, 6), rowCount, out)
  }
  const unit = field === 'day' ? MICROS_PER_DAY : field === 'hour' ? 3_600_000_000n : 60_000_000n
  const modulus = field === 'day' ? undefined : field === 'hour' ? 24n : 60n
  const out = field === 'day' ? region.int32(rowCount) : region.int8(rowCount)
  for (let row = 0; row < rowCount; row++) {
    const whole = values[row * step]! / unit
    out[row] = Number(modulus === undefined ? whole : whole % modulus)
  }
  return fixedVector(returns, rowCount, out)
}
