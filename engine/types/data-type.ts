import { EngineError } from '../errors.ts'

/** A named member of a struct, or a column of a schema. */
export interface Field {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
}

/**
 * A SQL type. Plain data, so that plans print, compare and travel.
 * Elements of lists and values of maps may always be NULL.
 */
export type DataType =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'int8' }
  | { readonly kind: 'int16' }
  | { readonly kind: 'int32' }
  | { readonly kind: 'int64' }
  | { readonly kind: 'float32' }
  | { readonly kind: 'float64' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'string' }
  | { readonly kind: 'binary' }
  | { readonly kind: 'date' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'timestamp_ntz' }
  | { readonly kind: 'interval_ym' }
  | { readonly kind: 'interval_dt' }
  | { readonly kind: 'list'; readonly element: DataType }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'map'; readonly key: DataType; readonly value: DataType }

/** The `kind` of a type, without its parameters. */
export type TypeKind = DataType['kind']

/** The types without parameters, by name: `types.int32`. */
export const types = {
  null: { kind: 'null' },
  boolean: { kind: 'boolean' },
  int8: { kind: 'int8' },
  int16: { kind: 'int16' },
  int32: { kind: 'int32' },
  int64: { kind: 'int64' },
  float32: { kind: 'float32' },
  float64: { kind: 'float64' },
  string: { kind: 'string' },
  binary: { kind: 'binary' },
  date: { kind: 'date' },
  timestamp: { kind: 'timestamp' },
  timestampNtz: { kind: 'timestamp_ntz' },
  intervalYm: { kind: 'interval_ym' },
  intervalDt: { kind: 'interval_dt' },
} as const satisfies Readonly<Record<string, DataType>>

/** Most digits of a decimal, as in Spark and Arrow's decimal128. */
export const MAX_DECIMAL_PRECISION = 38

/** Most digits of a decimal that is stored as one scaled int64. */
export const MAX_INT64_PRECISION = 18

/** A decimal type; DATATYPE_MISMATCH if precision is not 1–38 or scale not 0–precision. */
export function decimalType(precision: number, scale: number): DataType {
  if (precision < 1 || precision > MAX_DECIMAL_PRECISION || scale < 0 || scale > precision)
    throw new EngineError('DATATYPE_MISMATCH', `decimal(${precision},${scale}) is not a valid decimal type`, {
      hint: 'Precision goes from 1 to 38 and scale from 0 to the precision.',
    })
  return { kind: 'decimal', precision, scale }
}

/** A list type. */
export function listType(element: DataType): DataType {
  return { kind: 'list', element }
}

/** A map type. */
export function mapType(key: DataType, value: DataType): DataType {
  return { kind: 'map', key, value }
}

/** A struct type. */
export function structType(fields: readonly Field[]): DataType {
  return { kind: 'struct', fields }
}

/** The struct that one entry of a map is: `key` (never NULL) and `value`. */
export function mapEntryType(map: { readonly key: DataType; readonly value: DataType }): DataType {
  return structType([
    { name: 'key', type: map.key, nullable: false },
    { name: 'value', type: map.value, nullable: true },
  ])
}

const SIMPLE_NAMES: Readonly<Record<Exclude<TypeKind, 'decimal' | 'list' | 'struct' | 'map'>, string>> = {
  null: 'void',
  boolean: 'boolean',
  int8: 'tinyint',
  int16: 'smallint',
  int32: 'int',
  int64: 'bigint',
  float32: 'float',
  float64: 'double',
  string: 'string',
  binary: 'binary',
  date: 'date',
  timestamp: 'timestamp',
  timestamp_ntz: 'timestamp_ntz',
  interval_ym: 'interval year to month',
  interval_dt: 'interval day to second',
}

/** Spark's simple string of a type: `array<decimal(12,3)>`. */
export function typeName(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`
    case 'list':
      return `array<${typeName(type.element)}>`
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name}:${typeName(field.type)}`).join(',')}>`
    case 'map':
      return `map<${typeName(type.key)},${typeName(type.value)}>`
    default:
      return SIMPLE_NAMES[type.kind]
  }
}

/** Whether two types are the same, with parameters and names of struct fields. */
export function typesEqual(a: DataType, b: DataType): boolean {
  return a === b || (a.kind === b.kind && typeName(a) === typeName(b))
}

/** int8 to int64. */
export function isInteger(type: DataType): boolean {
  return type.kind === 'int8' || type.kind === 'int16' || type.kind === 'int32' || type.kind === 'int64'
}

/** float32 and float64. */
export function isFloat(type: DataType): boolean {
  return type.kind === 'float32' || type.kind === 'float64'
}

/** Integers, floats and decimals. */
export function isNumeric(type: DataType): boolean {
  return isInteger(type) || isFloat(type) || type.kind === 'decimal'
}

/** Lists, structs and maps. */
export function isNested(type: DataType): boolean {
  return type.kind === 'list' || type.kind === 'struct' || type.kind === 'map'
}
