import { type DataType, decimalType, listType, mapType, structType, types } from '../../engine/types/index.ts'
import type { TypeName, TypeNameId } from '../parser/index.ts'

const SIMPLE: Readonly<Partial<Record<TypeNameId, DataType>>> = {
  void: types.null,
  boolean: types.boolean,
  tinyint: types.int8,
  smallint: types.int16,
  int: types.int32,
  bigint: types.int64,
  float: types.float32,
  double: types.float64,
  string: types.string,
  binary: types.binary,
  date: types.date,
  timestamp: types.timestamp,
  timestamp_ntz: types.timestampNtz,
  'interval year': types.intervalYm,
  'interval month': types.intervalYm,
  'interval year to month': types.intervalYm,
}

/**
 * The engine's type for a written one. Intervals lose their range of fields: they are months or microseconds.
 */
export function convertType(type: TypeName): DataType {
  switch (type.name) {
    case 'decimal':
      return decimalType(type.args[0] ?? 10, type.args[1] ?? 0)
    case 'array':
      return listType(convertType(type.element!))
    case 'map':
      return mapType(convertType(type.key!), convertType(type.value!))
    case 'struct':
      return structType(
        (type.fields ?? []).map(({ name, type: inner, nullable }) => ({
          name,
          type: convertType(inner),
          nullable,
        })),
      )
    default:
      return SIMPLE[type.name] ?? types.intervalDt
  }
}
