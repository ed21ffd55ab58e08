import { type DataType, formatUnscaled, type Value } from '../../types/index.ts'
import type { QuerySettings } from '../scalar-function.ts'
import { civilOf, MICROS_PER_DAY, splitMicros } from './civil.ts'
import { timeZone, toLocal } from './time-zone.ts'

/** Text of one value as Spark's cast to string gives it; NULL is `NULL`. For many values make a `valueFormatter` once. */
export function formatValue(value: Value, type: DataType, settings: QuerySettings): string {
  return value === null ? 'NULL' : valueFormatter(type, settings)(value)
}

/** The function that writes values of a type, none of them NULL, as Spark's cast to string does. */
export function valueFormatter(type: DataType, settings: QuerySettings): (value: Value) => string {
  switch (type.kind) {
    case 'float32':
      return (value) => formatFloat(value as number, shortestFloat32)
    case 'float64':
      return (value) => formatFloat(value as number, String)
    case 'decimal':
      return (value) => formatUnscaled(value as bigint, type.scale)
    case 'binary':
      return (value) => Buffer.from(value as Uint8Array).toString('utf8')
    case 'date':
      return (value) => formatDate(value as number)
    case 'timestamp': {
      const zone = timeZone(settings.timeZone)
      return (value) => formatLocalTimestamp(toLocal(value as bigint, zone))
    }
    case 'timestamp_ntz':
      return (value) => formatLocalTimestamp(value as bigint)
    case 'interval_ym':
      return (value) => formatYearMonth(value as number)
    case 'interval_dt':
      return (value) => formatDayTime(value as bigint)
    case 'list': {
      const element = orNull(valueFormatter(type.element, settings))
      return (value) => `[${(value as readonly Value[]).map(element).join(', ')}]`
    }
    case 'struct': {
      const members = type.fields.map((field) => orNull(valueFormatter(field.type, settings)))
      return (value) =>
        `{${members.map((format, index) => format((value as readonly Value[])[index]!)).join(', ')}}`
    }
    case 'map': {
      const key = orNull(valueFormatter(type.key, settings))
      const item = orNull(valueFormatter(type.value, settings))
      return (value) =>
        `{${(value as readonly (readonly [Value, Value])[]).map((entry) => `${key(entry[0])} -> ${item(entry[1])}`).join(', ')}}`
    }
    default:
      return String
  }
}

function orNull(format: (value: Value) => string): (value: Value) => string {
  return (value) => (value === null ? 'null' : format(value))
}

/** As Java prints floats: `1.0`, `1.0E10`, `1.0E-5`. */
function formatFloat(value: number, shortest: (value: number) => string): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [mantissa, exponentText] = shortest(value).split('e') as [string, string | undefined]
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole, fraction = ''] = mantissa.replace('-', '').split('.') as [string, string | undefined]
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const leadingZeros = `${whole}${fraction}`.length - digits.length
  const exponent = whole.length - 1 - leadingZeros + Number(exponentText ?? 0)
  const significant = digits.replace(/0+$/, '') || '0'
  if (exponent < -3 || exponent >= 7)
    return `${sign}${significant[0]}.${significant.slice(1) || '0'}E${exponent}`
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${significant}`
  const padded = significant.padEnd(exponent + 1, '0')
  return `${sign}${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1) || '0'}`
}

/** The fewest digits that name the 32-bit float. */
function shortestFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return text
  }
  return value.toPrecision(9)
}

/** `2024-01-31`; years beyond four digits carry a sign. */
export function formatDate(days: number): string {
  const { year, month, day } = civilOf(days)
  return `${formatYear(year)}-${two(month)}-${two(day)}`
}

function formatYear(year: number): string {
  if (year > 9999) return `+${year}`
  return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0')
}

/** `2024-01-31 12:00:00[.ffffff]` of local microseconds, without trailing zeros of the fraction. */
export function formatLocalTimestamp(micros: bigint): string {
  const { days, microsOfDay } = splitMicros(micros)
  const second = Math.floor(microsOfDay / 1_000_000)
  const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
  return `${formatDate(days)} ${clock}${fractionText(microsOfDay % 1_000_000)}`
}

function fractionText(micros: number): string {
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

function formatYearMonth(months: number): string {
  const absolute = Math.abs(months)
  return `INTERVAL '${months < 0 ? '-' : ''}${Math.floor(absolute / 12)}-${absolute % 12}' YEAR TO MONTH`
}

function formatDayTime(micros: bigint): string {
  const absolute = micros < 0n ? -micros : micros
  const microsOfDay = Number(absolute % MICROS_PER_DAY)
  const second = Math.floor(microsOfDay / 1_000_000)
  const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
  const fraction = fractionText(microsOfDay % 1_000_000)
  return `INTERVAL '${micros < 0n ? '-' : ''}${absolute / MICROS_PER_DAY} ${clock}${fraction}' DAY TO SECOND`
}
