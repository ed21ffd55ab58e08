import {
  type DataType,
  isFloat,
  isInteger,
  isNumeric,
  listType,
  MAX_DECIMAL_PRECISION,
  mapType,
  types,
} from './data-type.ts'

/** A decimal type with its parameters. */
export type DecimalType = Extract<DataType, { kind: 'decimal' }>

/** Digits that arithmetic keeps after the point when a result would need more than 38 digits. */
const MIN_ADJUSTED_SCALE = 6

const INTEGER_PRECISION: Readonly<Record<string, number>> = { int8: 3, int16: 5, int32: 10, int64: 20 }

/**
 * The decimal that holds every value of an integer type, or a float as Spark widens it; undefined for others.
 */
export function decimalFor(type: DataType): DecimalType | undefined {
  if (type.kind === 'decimal') return type
  if (isInteger(type)) return { kind: 'decimal', precision: INTEGER_PRECISION[type.kind]!, scale: 0 }
  if (type.kind === 'float32') return { kind: 'decimal', precision: 14, scale: 7 }
  if (type.kind === 'float64') return { kind: 'decimal', precision: 30, scale: 15 }
  return undefined
}

/** The narrowest decimal that holds an integer literal: 100 is decimal(3,0). */
export function decimalForLiteral(value: number | bigint): DecimalType {
  const digits = String(value).replace('-', '').length
  return { kind: 'decimal', precision: Math.max(1, digits), scale: 0 }
}

/** Result type of `+ - * / %` on two decimals by Spark's rules, which give up fraction digits beyond 38. */
export function decimalResult(
  operator: '+' | '-' | '*' | '/' | '%',
  a: DecimalType,
  b: DecimalType,
): DecimalType {
  const scale = Math.max(a.scale, b.scale)
  switch (operator) {
    case '+':
    case '-':
      return adjust(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale)
    case '*':
      return adjust(a.precision + b.precision + 1, a.scale + b.scale)
    case '/': {
      const fraction = Math.max(6, a.scale + b.precision + 1)
      return adjust(a.precision - a.scale + b.scale + fraction, fraction)
    }
    case '%':
      return adjust(Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale)
  }
}

function adjust(precision: number, scale: number): DecimalType {
  if (precision <= MAX_DECIMAL_PRECISION) return { kind: 'decimal', precision, scale }
  const integerDigits = precision - scale
  const kept = Math.max(MAX_DECIMAL_PRECISION - integerDigits, Math.min(scale, MIN_ADJUSTED_SCALE))
  return { kind: 'decimal', precision: MAX_DECIMAL_PRECISION, scale: kept }
}

/** The decimal that holds the values of both, keeping integer digits first. */
function widerDecimal(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale)
  const precision = Math.max(a.precision - a.scale, b.precision - b.scale) + scale
  if (precision <= MAX_DECIMAL_PRECISION) return { kind: 'decimal', precision, scale }
  return {
    kind: 'decimal',
    precision: MAX_DECIMAL_PRECISION,
    scale: Math.max(0, scale - (precision - MAX_DECIMAL_PRECISION)),
  }
}

const INTEGER_ORDER = ['int8', 'int16', 'int32', 'int64']

/**
 * The type to which both convert without asking, as Spark's ANSI mode has it for comparison, CASE, coalesce,
 * IN and UNION; undefined if there is none. A string yields to the other type: to bigint beside an integer,
 * to double beside a decimal or float.
 */
export function commonType(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === 'null') return b
  if (b.kind === 'null') return a
  if (isNumeric(a) && isNumeric(b)) return commonNumeric(a, b)
  if (a.kind === 'string' && b.kind === 'string') return a
  if (a.kind === 'string') return besideString(b)
  if (b.kind === 'string') return besideString(a)
  if (isDatetime(a) && isDatetime(b)) return commonDatetime(a, b)
  if (a.kind === 'list' && b.kind === 'list') {
    const element = commonType(a.element, b.element)
    return element && listType(element)
  }
  if (a.kind === 'map' && b.kind === 'map') {
    const key = commonType(a.key, b.key)
    const value = commonType(a.value, b.value)
    return key && value && mapType(key, value)
  }
  if (a.kind === 'struct' && b.kind === 'struct') return commonStruct(a, b)
  return a.kind === b.kind ? a : undefined
}

/** The common type of any number of types; undefined if there is none. No types at all give `null`. */
export function commonTypeOf(all: readonly DataType[]): DataType | undefined {
  let common: DataType | undefined = types.null
  // Strings go last, so that they yield to what the rest agrees on whatever the order.
  const ordered = [...all].sort((a, b) => Number(a.kind === 'string') - Number(b.kind === 'string'))
  for (const type of ordered) common = common && commonType(common, type)
  return common
}

function commonNumeric(a: DataType, b: DataType): DataType {
  if (a.kind === b.kind && a.kind !== 'decimal') return a
  if (isInteger(a) && isInteger(b))
    return INTEGER_ORDER.indexOf(a.kind) > INTEGER_ORDER.indexOf(b.kind) ? a : b
  if (isFloat(a) || isFloat(b)) return types.float64
  return widerDecimal(decimalFor(a)!, decimalFor(b)!)
}

function besideString(other: DataType): DataType | undefined {
  if (isInteger(other)) return types.int64
  if (other.kind === 'decimal' || isFloat(other)) return types.float64
  if (other.kind === 'list' || other.kind === 'map' || other.kind === 'struct') return undefined
  return other
}

/** Date and the timestamps. */
export function isDatetime(type: DataType): boolean {
  return type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'timestamp_ntz'
}

function commonDatetime(a: DataType, b: DataType): DataType {
  if (a.kind === b.kind) return a
  if (a.kind === 'timestamp' || b.kind === 'timestamp') return types.timestamp
  return types.timestampNtz
}

function commonStruct(
  a: Extract<DataType, { kind: 'struct' }>,
  b: Extract<DataType, { kind: 'struct' }>,
): DataType | undefined {
  if (a.fields.length !== b.fields.length) return undefined
  const fields = []
  for (let i = 0; i < a.fields.length; i++) {
    const left = a.fields[i]!
    const right = b.fields[i]!
    const type = commonType(left.type, right.type)
    if (type === undefined) return undefined
    fields.push({ name: left.name, type, nullable: left.nullable || right.nullable })
  }
  return { kind: 'struct', fields }
}

/**
 * Whether the analyzer may put in a cast from one type to another unasked (arguments of functions, INSERT).
 * Spark's ANSI rules: numbers widen, dates widen to timestamps, strings go to any plain type and back.
 */
export function canCastImplicitly(from: DataType, to: DataType): boolean {
  if (from.kind === 'null') return true
  if (isNumeric(from) && isNumeric(to)) {
    if (isInteger(from) && isInteger(to))
      return INTEGER_ORDER.indexOf(from.kind) <= INTEGER_ORDER.indexOf(to.kind)
    return isFloat(to) ? true : to.kind === 'decimal' && !isFloat(from)
  }
  if (isDatetime(from) && isDatetime(to)) return to.kind !== 'date' || from.kind === 'date'
  if (from.kind === 'string') return !['list', 'map', 'struct'].includes(to.kind)
  if (to.kind === 'string') return !['list', 'map', 'struct'].includes(from.kind)
  const common = commonType(from, to)
  return common !== undefined && common.kind === to.kind
}
