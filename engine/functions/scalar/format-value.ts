import {
  type DataType,
  DayTimeInterval,
  formatDays,
  formatMicros,
  formatUnscaled,
  MonthInterval,
  type Value,
} from '../../types/index.ts'
import type { QuerySettings } from '../scalar-function.ts'
import { timeZone, toLocal } from './time-zone.ts'

/**
 * Text of one value as Spark's cast to string gives it; NULL is `NULL`. For many values make a
 * `valueFormatter` once.
 */
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
      return (value) => formatDays(value as number)
    case 'timestamp': {
      const zone = timeZone(settings.timeZone)
      return (value) => formatMicros(toLocal(value as bigint, zone))
    }
    case 'timestamp_ntz':
      return (value) => formatMicros(value as bigint)
    case 'interval_ym':
      return (value) => `INTERVAL '${new MonthInterval(value as number)}' YEAR TO MONTH`
    case 'interval_dt':
      return (value) => `INTERVAL '${new DayTimeInterval(value as bigint)}' DAY TO SECOND`
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
      return (value) => `{${(value as Entries).map(([k, v]) => `${key(k)} -> ${item(v)}`).join(', ')}}`
    }
    default:
      return String
  }
}

/** A map as a value: its keys and values in order. */
type Entries = readonly (readonly [Value, Value])[]

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

/** A double as Java prints it: `1.0`, `1.0E10`. */
export function formatFloat64(value: number): string {
  return formatFloat(value, String)
}
