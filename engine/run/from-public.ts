import { EngineError } from '../errors.ts'
import {
  type DataType,
  DayTimeInterval,
  Decimal,
  LocalDate,
  LocalTimestamp,
  MonthInterval,
  rescale,
  Timestamp,
  typeName,
  type Value,
} from '../types/index.ts'

/**
 * A program's value as an engine value of a type; the reverse of `toPublic`, and more generous: dates and
 * timestamps may be `Date` or text, decimals numbers or text, structs objects, maps Map or object.
 * DATATYPE_MISMATCH names the column.
 */
export function fromPublic(value: unknown, type: DataType, column: string): Value {
  if (value === null || value === undefined) return null
  const converted = convert(value, type, column)
  if (converted !== undefined) return converted
  throw new EngineError(
    'DATATYPE_MISMATCH',
    `column "${column}" has type ${typeName(type)}, not ${describe(value)}`,
  )
}

function describe(value: unknown): string {
  const text =
    typeof value === 'object' ? (value?.constructor?.name ?? 'object') : `${typeof value} ${String(value)}`
  return `a value of ${text}`
}

/** undefined if the value does not fit the type. */
function convert(value: unknown, type: DataType, column: string): Value | undefined {
  switch (type.kind) {
    case 'null':
      return undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'int8':
    case 'int16':
    case 'int32':
      return integer(value, type.kind === 'int8' ? 7 : type.kind === 'int16' ? 15 : 31)
    case 'int64':
      return long(value)
    case 'float32':
    case 'float64':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
    case 'decimal':
      return decimal(value, type.precision, type.scale)
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'binary':
      return value instanceof Uint8Array ? value : undefined
    case 'date':
      return date(value)
    case 'timestamp':
    case 'timestamp_ntz':
      return timestamp(value)
    case 'interval_ym':
      return value instanceof MonthInterval ? value.months : undefined
    case 'interval_dt':
      return value instanceof DayTimeInterval ? value.micros : undefined
    case 'list':
      return Array.isArray(value)
        ? value.map((element) => fromPublic(element, type.element, column))
        : undefined
    case 'map':
      return entries(value)?.map(([k, v]) => [
        fromPublic(k, type.key, column),
        fromPublic(v, type.value, column),
      ])
    case 'struct':
      if (typeof value !== 'object' || Array.isArray(value)) return undefined
      return type.fields.map((field) =>
        fromPublic(
          (value as Readonly<Record<string, unknown>>)[field.name],
          field.type,
          `${column}.${field.name}`,
        ),
      )
  }
}

function integer(value: unknown, bits: number): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number)) return undefined
  return number >= -(2 ** bits) && number < 2 ** bits ? number : undefined
}

function long(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined
}

function decimal(value: unknown, precision: number, scale: number): bigint | undefined {
  const isNumber = typeof value === 'number' && Number.isFinite(value)
  if (!(value instanceof Decimal || typeof value === 'string' || typeof value === 'bigint' || isNumber))
    return undefined
  const exact = Decimal.of(value as Decimal | string | bigint | number)
  const unscaled = rescale(exact.unscaled, exact.scale, scale)
  const limit = 10n ** BigInt(precision)
  return unscaled < limit && unscaled > -limit ? unscaled : undefined
}

function date(value: unknown): number | undefined {
  if (value instanceof LocalDate) return value.days
  if (value instanceof Date) return Math.floor(value.getTime() / 86_400_000)
  return typeof value === 'string' ? LocalDate.of(value).days : undefined
}

function timestamp(value: unknown): bigint | undefined {
  if (value instanceof Timestamp || value instanceof LocalTimestamp) return value.micros
  if (value instanceof Date) return BigInt(value.getTime()) * 1000n
  if (typeof value !== 'string') return undefined
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,6}))?(Z|[+-]\d{2}:?\d{2})?$/.exec(
    value,
  )
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}${match[4] ?? 'Z'}`)
  if (Number.isNaN(ms)) return undefined
  return BigInt(ms) * 1000n + BigInt((match?.[3] ?? '').padEnd(6, '0') || 0)
}

function entries(value: unknown): readonly (readonly [unknown, unknown])[] | undefined {
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)]
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : undefined
}
