import {
  decimalOfFloat,
  fitsPrecision,
  parseBoolean,
  parseDate,
  parseDayTime,
  parseDecimal,
  parseFloat64,
  parseInteger,
  parseTimestamp,
  parseTimestampNtz,
  parseYearMonth,
  type QuerySettings,
  timeZone,
  toInstant,
  toLocal,
  valueFormatter,
} from '../functions/index.ts'
import {
  type DataType,
  divideHalfUp,
  floorDiv,
  isInteger,
  isNumeric,
  MICROS_PER_DAY,
  MICROS_PER_SECOND,
  powerOfTen,
  rescale,
  type Value,
} from '../types/index.ts'

/** Converts one value that is not NULL; undefined where it does not fit. */
export type Convert = (value: Value) => Value | undefined

const INTEGER_BITS: Readonly<Record<string, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 }

/** The conversion between two types by Spark's ANSI rules; undefined if there is none. */
export function converter(from: DataType, to: DataType, settings: QuerySettings): Convert | undefined {
  if (to.kind === 'string') {
    const format = valueFormatter(from, settings)
    return format
  }
  if (from.kind === 'null') return () => null
  if (from.kind === 'string') return fromString(to, settings)
  if (isInteger(to)) return toInteger(from, INTEGER_BITS[to.kind]!)
  switch (to.kind) {
    case 'boolean':
      if (from.kind === 'boolean') return (value) => value
      return isNumeric(from) ? (value) => Number(value) !== 0 : undefined
    case 'float32':
    case 'float64':
      return toFloat(from, to.kind === 'float32')
    case 'decimal':
      return toDecimal(from, to.precision, to.scale)
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return toDatetime(from, to.kind, settings)
    case 'list':
    case 'map':
    case 'struct':
      return toNested(from, to, settings)
    default:
      if (from.kind === to.kind) return (value) => value
      return to.kind === 'binary' && isInteger(from) ? undefined : undefined
  }
}

function fromString(to: DataType, settings: QuerySettings): Convert | undefined {
  const parse = textParser(to, settings)
  return parse && ((value) => parse(value as string))
}

function textParser(
  to: DataType,
  settings: QuerySettings,
): ((text: string) => Value | undefined) | undefined {
  switch (to.kind) {
    case 'boolean':
      return parseBoolean
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64': {
      const fit = fitInteger(INTEGER_BITS[to.kind]!)
      return (text) => {
        const value = parseInteger(text)
        return value === undefined ? undefined : fit(value)
      }
    }
    case 'float32':
      return (text) => {
        const value = parseFloat64(text)
        return value === undefined ? undefined : Math.fround(value)
      }
    case 'float64':
      return parseFloat64
    case 'decimal':
      return (text) => {
        const value = parseDecimal(text, to.scale)
        return value !== undefined && fitsPrecision(value, to.precision) ? value : undefined
      }
    case 'binary':
      return (text) => Buffer.from(text, 'utf8')
    case 'date':
      return parseDate
    case 'timestamp': {
      const zone = timeZone(settings.timeZone)
      return (text) => parseTimestamp(text, zone)
    }
    case 'timestamp_ntz':
      return parseTimestampNtz
    case 'interval_ym':
      return parseYearMonth
    case 'interval_dt':
      return parseDayTime
    default:
      return undefined
  }
}

/** An exact integer as a value of an integer type with so many bits; undefined beyond its range. */
function fitInteger(bits: number): (value: bigint) => Value | undefined {
  if (bits === 64) return (value) => (BigInt.asIntN(64, value) === value ? value : undefined)
  return (value) => (BigInt.asIntN(bits, value) === value ? Number(value) : undefined)
}

function toInteger(from: DataType, bits: number): Convert | undefined {
  const fit = fitInteger(bits)
  if (isInteger(from)) return (value) => fit(BigInt(value as number | bigint))
  switch (from.kind) {
    case 'boolean':
      return (value) => fit(value === true ? 1n : 0n)
    case 'float32':
    case 'float64':
      return (value) => (Number.isFinite(value) ? fit(BigInt(Math.trunc(value as number))) : undefined)
    case 'decimal': {
      const factor = powerOfTen(from.scale)
      return (value) => fit((value as bigint) / factor)
    }
    case 'timestamp':
      return (value) => fit(floorDiv(value as bigint, MICROS_PER_SECOND))
    default:
      return undefined
  }
}

function toFloat(from: DataType, isSingle: boolean): Convert | undefined {
  const round = isSingle ? Math.fround : (value: number) => value
  if (isInteger(from) || from.kind === 'float32' || from.kind === 'float64' || from.kind === 'boolean')
    return (value) => round(Number(value))
  if (from.kind === 'decimal') {
    const factor = 10 ** from.scale
    const limit = 1n << 53n
    return (value) => {
      const unscaled = value as bigint
      if (unscaled < limit && unscaled > -limit && from.scale <= 22) return round(Number(unscaled) / factor)
      return round(Number(`${unscaled}e-${from.scale}`))
    }
  }
  return from.kind === 'timestamp' ? (value) => round(Number(value) / 1e6) : undefined
}

function toDecimal(from: DataType, precision: number, scale: number): Convert | undefined {
  const fit = (value: bigint | undefined) =>
    value !== undefined && fitsPrecision(value, precision) ? value : undefined
  if (isInteger(from)) return (value) => fit(BigInt(value as number | bigint) * powerOfTen(scale))
  switch (from.kind) {
    case 'boolean':
      return (value) => fit(value === true ? powerOfTen(scale) : 0n)
    case 'float32':
    case 'float64':
      return (value) => fit(decimalOfFloat(value as number, scale))
    case 'decimal':
      return (value) => fit(rescale(value as bigint, from.scale, scale))
    case 'timestamp':
      return (value) => fit(divideHalfUp((value as bigint) * powerOfTen(scale), MICROS_PER_SECOND))
    default:
      return undefined
  }
}

function toDatetime(
  from: DataType,
  to: 'date' | 'timestamp' | 'timestamp_ntz',
  settings: QuerySettings,
): Convert | undefined {
  if (from.kind === to) return (value) => value
  const zone = timeZone(settings.timeZone)
  const fit = fitInteger(64)
  switch (from.kind) {
    case 'date':
      if (to === 'timestamp') return (value) => toInstant(BigInt(value as number) * MICROS_PER_DAY, zone)
      return (value) => BigInt(value as number) * MICROS_PER_DAY
    case 'timestamp':
      if (to === 'timestamp_ntz') return (value) => toLocal(value as bigint, zone)
      return (value) => Number(floorDiv(toLocal(value as bigint, zone), MICROS_PER_DAY))
    case 'timestamp_ntz':
      if (to === 'timestamp') return (value) => toInstant(value as bigint, zone)
      return (value) => Number(floorDiv(value as bigint, MICROS_PER_DAY))
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return to === 'timestamp'
        ? (value) => fit(BigInt(value as number | bigint) * MICROS_PER_SECOND)
        : undefined
    case 'float32':
    case 'float64':
      if (to !== 'timestamp') return undefined
      return (value) =>
        Number.isFinite(value) ? fit(BigInt(Math.trunc((value as number) * 1e6))) : undefined
    case 'decimal':
      if (to !== 'timestamp') return undefined
      return (value) => fit(((value as bigint) * MICROS_PER_SECOND) / powerOfTen(from.scale))
    default:
      return undefined
  }
}

/** Lists, maps and structs member by member; an entry that does not fit makes the whole not fit. */
function toNested(from: DataType, to: DataType, settings: QuerySettings): Convert | undefined {
  if (from.kind === 'list' && to.kind === 'list') {
    const element = converter(from.element, to.element, settings)
    return element && ((value) => convertAll(value as readonly Value[], () => element))
  }
  if (from.kind === 'map' && to.kind === 'map') {
    const key = converter(from.key, to.key, settings)
    const item = converter(from.value, to.value, settings)
    if (key === undefined || item === undefined) return undefined
    const entry: Convert = (pair) =>
      convertAll(pair as readonly Value[], (index) => (index === 0 ? key : item))
    return (value) => convertAll(value as readonly Value[], () => entry)
  }
  if (from.kind === 'struct' && to.kind === 'struct' && from.fields.length === to.fields.length) {
    const members = from.fields.map((field, index) => converter(field.type, to.fields[index]!.type, settings))
    if (members.includes(undefined)) return undefined
    return (value) => convertAll(value as readonly Value[], (index) => members[index]!)
  }
  return undefined
}

function convertAll(values: readonly Value[], convert: (index: number) => Convert): Value | undefined {
  const out: Value[] = []
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    const converted = value === null ? null : convert(i)(value)
    if (converted === undefined) return undefined
    out.push(converted)
  }
  return out
}
