import type { Field as ArrowField, DataType as ArrowType } from 'apache-arrow'
import { EngineError } from '../errors.ts'
import {
  type DataType,
  decimalType,
  type Field,
  listType,
  mapType,
  structType,
  types,
} from '../types/index.ts'
import type { Arrow } from './load-arrow.ts'

/** The Arrow type of a SQL type. Timestamps carry the zone; intervals of days and seconds are durations. */
function toArrowType(arrow: Arrow, type: DataType, timeZone: string): ArrowType {
  switch (type.kind) {
    case 'null':
      return new arrow.Null()
    case 'boolean':
      return new arrow.Bool()
    case 'int8':
      return new arrow.Int8()
    case 'int16':
      return new arrow.Int16()
    case 'int32':
      return new arrow.Int32()
    case 'int64':
      return new arrow.Int64()
    case 'float32':
      return new arrow.Float32()
    case 'float64':
      return new arrow.Float64()
    case 'decimal':
      return new arrow.Decimal(type.scale, type.precision, 128)
    case 'string':
      return new arrow.Utf8()
    case 'binary':
      return new arrow.Binary()
    case 'date':
      return new arrow.DateDay()
    case 'timestamp':
      return new arrow.TimestampMicrosecond(timeZone)
    case 'timestamp_ntz':
      return new arrow.TimestampMicrosecond()
    case 'interval_ym':
      return new arrow.IntervalYearMonth()
    case 'interval_dt':
      return new arrow.DurationMicrosecond()
    case 'list':
      return new arrow.List(new arrow.Field('element', toArrowType(arrow, type.element, timeZone), true))
    case 'struct':
      return new arrow.Struct(type.fields.map((field) => toArrowField(arrow, field, timeZone)))
    case 'map': {
      const key = new arrow.Field('key', toArrowType(arrow, type.key, timeZone), false)
      const value = new arrow.Field('value', toArrowType(arrow, type.value, timeZone), true)
      const entries = new arrow.Struct<Record<string, ArrowType>>([key, value] as ArrowField[])
      // The entry struct's members are not in its type.
      return new arrow.Map_(new arrow.Field('entries', entries as never, false))
    }
  }
}

/** A named Arrow type. */
export function toArrowField(arrow: Arrow, { name, type, nullable }: Field, timeZone: string): ArrowField {
  return new arrow.Field(name, toArrowType(arrow, type, timeZone), nullable)
}

/**
 * The SQL type of an Arrow type: unsigned integers become wider ones. UNSUPPORTED_FEATURE names what has
 * none.
 */
function fromArrowType(arrow: Arrow, type: ArrowType, column: string): DataType {
  const kinds = arrow.DataType
  if (kinds.isNull(type)) return types.null
  if (kinds.isBool(type)) return types.boolean
  if (kinds.isInt(type)) return integerType(type.bitWidth, type.isSigned)
  if (kinds.isFloat(type)) return type.precision === arrow.Precision.DOUBLE ? types.float64 : types.float32
  if (kinds.isDecimal(type)) return decimalType(Math.min(type.precision, 38), type.scale)
  if (kinds.isUtf8(type) || kinds.isLargeUtf8(type)) return types.string
  if (kinds.isBinary(type) || kinds.isLargeBinary(type) || kinds.isFixedSizeBinary(type)) return types.binary
  if (kinds.isDate(type)) return types.date
  if (kinds.isTimestamp(type)) return hasZone(type) ? types.timestamp : types.timestampNtz
  if (kinds.isInterval(type)) return intervalType(arrow, type.unit, column)
  if (kinds.isDuration(type)) return types.intervalDt
  if (kinds.isDictionary(type)) return fromArrowType(arrow, type.dictionary as ArrowType, column)
  if (kinds.isList(type) || kinds.isFixedSizeList(type))
    return listType(fromArrowType(arrow, memberOf(type, 0).type, `${column}.element`))
  if (kinds.isMap(type)) {
    const entry = memberOf(type, 0).type
    return mapType(
      fromArrowType(arrow, memberOf(entry, 0).type, `${column}.key`),
      fromArrowType(arrow, memberOf(entry, 1).type, `${column}.value`),
    )
  }
  if (kinds.isStruct(type))
    return structType(
      (type.children as ArrowField[]).map((child) => fromArrowField(arrow, child, `${column}.`)),
    )
  throw unsupportedType(type, column)
}

/** A field, whose column is named with what stands before it. */
export function fromArrowField(arrow: Arrow, field: ArrowField, prefix = ''): Field {
  return {
    name: field.name,
    type: fromArrowType(arrow, field.type, `${prefix}${field.name}`),
    nullable: field.nullable,
  }
}

function memberOf(type: ArrowType, index: number): ArrowField {
  return (type.children as ArrowField[])[index]!
}

function hasZone({ timezone }: { readonly timezone?: string | null | undefined }): boolean {
  return timezone !== undefined && timezone !== null && timezone !== ''
}

function integerType(bits: number, isSigned: boolean): DataType {
  if (isSigned)
    return bits === 8 ? types.int8 : bits === 16 ? types.int16 : bits === 32 ? types.int32 : types.int64
  return bits === 8 ? types.int16 : bits === 16 ? types.int32 : bits === 32 ? types.int64 : decimalType(20, 0)
}

function intervalType(arrow: Arrow, unit: number, column: string): DataType {
  if (unit === arrow.IntervalUnit.YEAR_MONTH) return types.intervalYm
  if (unit === arrow.IntervalUnit.DAY_TIME) return types.intervalDt
  throw new EngineError(
    'UNSUPPORTED_FEATURE',
    `column "${column}" has intervals of months, days and nanoseconds together`,
  )
}

/** UNSUPPORTED_FEATURE for a column of a type that SQL has not. */
function unsupportedType(type: ArrowType, column: string): EngineError {
  return new EngineError('UNSUPPORTED_FEATURE', `column "${column}" has the Arrow type ${String(type)}`, {
    hint: 'Convert the column to another type before.',
  })
}
