import { type DataType, decimalType, types } from '../../types/index.ts'
import { corrupt, type Place, unsupported } from './corrupt-file.ts'
import { CONVERTED, type Physical, type SchemaElement } from './format.ts'

/**
 * What turns a stored value into ours:
 *
 * | conversion  | from                          | to                                  |
 * |-------------|-------------------------------|-------------------------------------|
 * | copy        | INT32 INT64 FLOAT DOUBLE      | the same bytes                      |
 * | narrow      | INT32                         | int8, int16                         |
 * | extend      | INT32                         | int64, decimal: sign extended       |
 * | unsigned32  | INT32                         | int64: zero extended                |
 * | unsigned64  | INT64                         | decimal(20,0), two lanes            |
 * | millis32    | INT32                         | int64 of microseconds               |
 * | millis      | INT64                         | int64 of microseconds               |
 * | nanos       | INT64                         | int64 of microseconds, rounded down |
 * | int96       | INT96                         | timestamp                           |
 * | big-endian  | byte arrays of both kinds     | decimal                             |
 * | float16     | FIXED_LEN_BYTE_ARRAY(2)       | float32                             |
 * | bits        | BOOLEAN                       | boolean                             |
 * | bytes       | byte arrays of both kinds     | string, binary                      |
 * | uuid        | FIXED_LEN_BYTE_ARRAY(16)      | string                              |
 */
export type Conversion =
  | 'copy'
  | 'narrow'
  | 'extend'
  | 'unsigned32'
  | 'unsigned64'
  | 'millis32'
  | 'millis'
  | 'nanos'
  | 'int96'
  | 'big-endian'
  | 'float16'
  | 'bits'
  | 'bytes'
  | 'uuid'

interface LeafType {
  readonly type: DataType
  readonly conversion: Conversion
}

/**
 * The engine's type of a leaf, by logical type, else converted type, else physical type. Times of day are
 * day-time intervals; unsigned integers take the next larger type.
 */
export function leafType(element: SchemaElement, physical: Physical, name: string, place: Place): LeafType {
  const { logicalType, convertedType } = element
  if (logicalType?.unknown !== undefined) return { ...plainType(physical), type: types.null }
  if (logicalType?.decimal !== undefined || convertedType === CONVERTED.DECIMAL)
    return decimalOf(element, physical, name, place)
  switch (physical) {
    case 'INT32':
      return int32Type(element)
    case 'INT64':
      return int64Type(element)
    case 'BYTE_ARRAY': {
      const isText =
        logicalType?.string !== undefined ||
        logicalType?.enum !== undefined ||
        logicalType?.json !== undefined ||
        convertedType === CONVERTED.UTF8 ||
        convertedType === CONVERTED.ENUM ||
        convertedType === CONVERTED.JSON
      return { type: isText ? types.string : types.binary, conversion: 'bytes' }
    }
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logicalType?.uuid !== undefined && element.typeLength === 16)
        return { type: types.string, conversion: 'uuid' }
      if (logicalType?.float16 !== undefined && element.typeLength === 2)
        return { type: types.float32, conversion: 'float16' }
      return plainType(physical)
    default:
      return plainType(physical)
  }
}

function plainType(physical: Physical): LeafType {
  switch (physical) {
    case 'BOOLEAN':
      return { type: types.boolean, conversion: 'bits' }
    case 'INT32':
      return { type: types.int32, conversion: 'copy' }
    case 'INT64':
      return { type: types.int64, conversion: 'copy' }
    case 'INT96':
      return { type: types.timestamp, conversion: 'int96' }
    case 'FLOAT':
      return { type: types.float32, conversion: 'copy' }
    case 'DOUBLE':
      return { type: types.float64, conversion: 'copy' }
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return { type: types.binary, conversion: 'bytes' }
  }
}

function decimalOf(element: SchemaElement, physical: Physical, name: string, place: Place): LeafType {
  const precision = element.logicalType?.decimal?.precision ?? element.precision ?? 0
  const scale = element.logicalType?.decimal?.scale ?? element.scale ?? 0
  if (precision > 38) throw unsupported(place, `decimal(${precision},${scale}) in column "${name}"`)
  if (precision < 1 || scale < 0 || scale > precision)
    throw corrupt(place, `column "${name}" has the invalid type decimal(${precision},${scale})`)
  const type = decimalType(precision, scale)
  if (physical === 'INT32') return { type, conversion: 'extend' }
  if (physical === 'INT64') return { type, conversion: 'copy' }
  if (physical === 'BYTE_ARRAY' || physical === 'FIXED_LEN_BYTE_ARRAY')
    return { type, conversion: 'big-endian' }
  throw corrupt(place, `column "${name}" stores decimals as ${physical}`)
}

function int32Type({ logicalType, convertedType }: SchemaElement): LeafType {
  const integer = logicalType?.integer
  if (integer !== undefined) return smallInteger(integer.bitWidth, integer.isSigned)
  if (logicalType?.date !== undefined || convertedType === CONVERTED.DATE)
    return { type: types.date, conversion: 'copy' }
  if (logicalType?.time !== undefined || convertedType === CONVERTED.TIME_MILLIS)
    return { type: types.intervalDt, conversion: 'millis32' }
  switch (convertedType) {
    case CONVERTED.INT_8:
      return smallInteger(8, true)
    case CONVERTED.INT_16:
      return smallInteger(16, true)
    case CONVERTED.UINT_8:
      return smallInteger(8, false)
    case CONVERTED.UINT_16:
      return smallInteger(16, false)
    case CONVERTED.UINT_32:
      return smallInteger(32, false)
    default:
      return plainType('INT32')
  }
}

function smallInteger(bits: number, isSigned: boolean): LeafType {
  if (bits === 8) return { type: isSigned ? types.int8 : types.int16, conversion: 'narrow' }
  if (bits === 16 && isSigned) return { type: types.int16, conversion: 'narrow' }
  if (bits === 32 && !isSigned) return { type: types.int64, conversion: 'unsigned32' }
  return { type: types.int32, conversion: 'copy' }
}

function int64Type({ logicalType, convertedType }: SchemaElement): LeafType {
  const { integer, timestamp, time } = logicalType ?? {}
  if (integer?.isSigned === false || convertedType === CONVERTED.UINT_64)
    return { type: decimalType(20, 0), conversion: 'unsigned64' }
  if (timestamp !== undefined) {
    const type = timestamp.isAdjustedToUtc ? types.timestamp : types.timestampNtz
    return { type, conversion: unitConversion(timestamp.unit) }
  }
  if (time !== undefined) return { type: types.intervalDt, conversion: unitConversion(time.unit) }
  if (convertedType === CONVERTED.TIMESTAMP_MILLIS) return { type: types.timestamp, conversion: 'millis' }
  if (convertedType === CONVERTED.TIMESTAMP_MICROS) return { type: types.timestamp, conversion: 'copy' }
  if (convertedType === CONVERTED.TIME_MICROS) return { type: types.intervalDt, conversion: 'copy' }
  return plainType('INT64')
}

function unitConversion(unit: { readonly millis?: unknown; readonly nanos?: unknown }): Conversion {
  if (unit.millis !== undefined) return 'millis'
  return unit.nanos !== undefined ? 'nanos' : 'copy'
}
