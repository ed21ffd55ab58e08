import { EngineError } from '../errors.ts'
import { type DataType, decimalType, type Field, type Schema, typeName, types } from '../types/index.ts'

/** Names of types in Spark's JSON of schemas, as the Delta protocol has them. */
const NAMES: Readonly<Record<string, DataType>> = {
  boolean: types.boolean,
  byte: types.int8,
  short: types.int16,
  integer: types.int32,
  long: types.int64,
  float: types.float32,
  double: types.float64,
  string: types.string,
  binary: types.binary,
  date: types.date,
  timestamp: types.timestamp,
  timestamp_ntz: types.timestampNtz,
}

const KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).map(([name, { kind }]) => [kind, name]),
)

/** A schema as the log keeps it. All columns may be NULL, as in what Spark writes. */
export function formatSparkSchema(schema: Schema): string {
  return JSON.stringify(structJson(schema.fields))
}

function structJson(fields: readonly Field[]): unknown {
  return {
    type: 'struct',
    fields: fields.map(({ name, type }) => ({
      name,
      type: typeJson(type, name),
      nullable: true,
      metadata: {},
    })),
  }
}

function typeJson(type: DataType, column: string): unknown {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`
    case 'list':
      return { type: 'array', elementType: typeJson(type.element, column), containsNull: true }
    case 'map': {
      const [keyType, valueType] = [typeJson(type.key, column), typeJson(type.value, column)]
      return { type: 'map', keyType, valueType, valueContainsNull: true }
    }
    case 'struct':
      return structJson(type.fields)
    default: {
      const name = KINDS.get(type.kind)
      if (name !== undefined) return name
      throw new EngineError(
        'UNSUPPORTED_FEATURE',
        `column "${column}" of type ${typeName(type)} in a Delta table`,
      )
    }
  }
}

/** A schema and what columns carry beside name and type: invariants, names in files. */
export interface SparkSchema extends Schema {
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** The schema of a log; CORRUPT_FILE if the text is none. */
export function parseSparkSchema(text: string, path: string): SparkSchema {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new EngineError('CORRUPT_FILE', `the schema of table "${path}" is no JSON`, { cause })
  }
  const type = typeOf(value, path)
  if (type.kind !== 'struct') throw noSchema(path)
  // As checked.
  const { fields } = value as { readonly fields: readonly { name: string; metadata?: object }[] }
  const metadata = new Map(fields.map((each) => [each.name, { ...each.metadata }]))
  return { fields: type.fields, metadata }
}

function typeOf(value: unknown, path: string): DataType {
  if (typeof value === 'string') return namedType(value, path)
  if (typeof value !== 'object' || value === null || !('type' in value)) throw noSchema(path)
  switch (value.type) {
    case 'struct': {
      if (!('fields' in value) || !Array.isArray(value.fields)) throw noSchema(path)
      return { kind: 'struct', fields: value.fields.map((each: unknown) => fieldOf(each, path)) }
    }
    case 'array':
      return { kind: 'list', element: typeOf('elementType' in value ? value.elementType : null, path) }
    case 'map': {
      const key = typeOf('keyType' in value ? value.keyType : null, path)
      return { kind: 'map', key, value: typeOf('valueType' in value ? value.valueType : null, path) }
    }
    default:
      throw noSchema(path)
  }
}

function fieldOf(value: unknown, path: string): Field {
  if (typeof value !== 'object' || value === null || !('name' in value && 'type' in value))
    throw noSchema(path)
  const { name } = value
  if (typeof name !== 'string') throw noSchema(path)
  return {
    name,
    type: typeOf(value.type, path),
    nullable: !('nullable' in value) || value.nullable !== false,
  }
}

function namedType(name: string, path: string): DataType {
  const decimal = /^decimal\((\d+),\s*(-?\d+)\)$/.exec(name)
  if (decimal !== null) return decimalType(Number(decimal[1]), Number(decimal[2]))
  const known = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
  if (known !== undefined) return known
  throw new EngineError('UNSUPPORTED_FEATURE', `type "${name}" of table "${path}"`)
}

function noSchema(path: string): EngineError {
  return new EngineError('CORRUPT_FILE', `the schema of table "${path}" is no schema`)
}
