import { type DataType, type Field, type Schema, types } from '../../types/index.ts'
import { CONVERTED, PHYSICAL, type Physical, REPETITION, type SchemaElement } from './format.ts'
import type { FileShape, Shape } from './schema.ts'

/**
 * Key of the footer under which types are kept that Parquet lacks: path → `interval_ym` or `interval_dt`, as
 * JSON.
 */
export const TYPES_KEY = 'millrace.types'

/**
 * The elements of a schema, in depth-first order. Lists and maps have the three levels of the specification.
 */
export function schemaElements(schema: Schema): SchemaElement[] {
  const root: SchemaElement = { name: 'schema', childCount: schema.fields.length }
  return [root, ...schema.fields.flatMap(fieldElements)]
}

function fieldElements({ name, type, nullable }: Field): SchemaElement[] {
  const repetition = nullable ? REPETITION.OPTIONAL : REPETITION.REQUIRED
  switch (type.kind) {
    case 'struct':
      return [{ name, repetition, childCount: type.fields.length }, ...type.fields.flatMap(fieldElements)]
    case 'list':
      return [
        { name, repetition, childCount: 1, convertedType: CONVERTED.LIST, logicalType: { list: {} } },
        { name: 'list', repetition: REPETITION.REPEATED, childCount: 1 },
        ...fieldElements({ name: 'element', type: type.element, nullable: true }),
      ]
    case 'map':
      return [
        { name, repetition, childCount: 1, convertedType: CONVERTED.MAP, logicalType: { map: {} } },
        { name: 'key_value', repetition: REPETITION.REPEATED, childCount: 2 },
        ...fieldElements({ name: 'key', type: type.key, nullable: false }),
        ...fieldElements({ name: 'value', type: type.value, nullable: true }),
      ]
    default:
      return [{ name, repetition, ...leafElement(type) }]
  }
}

type LeafElement = Omit<SchemaElement, 'name' | 'repetition'>

function physical(name: Physical): number {
  return PHYSICAL.indexOf(name)
}

function leafElement(type: DataType): LeafElement {
  switch (type.kind) {
    case 'null':
      return { type: physical('INT32'), logicalType: { unknown: {} } }
    case 'boolean':
      return { type: physical('BOOLEAN') }
    case 'int8':
      return integer(8, CONVERTED.INT_8)
    case 'int16':
      return integer(16, CONVERTED.INT_16)
    case 'int32':
    case 'interval_ym':
      return { type: physical('INT32') }
    case 'int64':
    case 'interval_dt':
      return { type: physical('INT64') }
    case 'float32':
      return { type: physical('FLOAT') }
    case 'float64':
      return { type: physical('DOUBLE') }
    case 'date':
      return { type: physical('INT32'), convertedType: CONVERTED.DATE, logicalType: { date: {} } }
    case 'timestamp':
      return {
        type: physical('INT64'),
        convertedType: CONVERTED.TIMESTAMP_MICROS,
        logicalType: { timestamp: { isAdjustedToUtc: true, unit: { micros: {} } } },
      }
    case 'timestamp_ntz':
      // The converted type would mean UTC, so there is none.
      return {
        type: physical('INT64'),
        logicalType: { timestamp: { isAdjustedToUtc: false, unit: { micros: {} } } },
      }
    case 'decimal':
      return decimal(type.precision, type.scale)
    case 'string':
      return { type: physical('BYTE_ARRAY'), convertedType: CONVERTED.UTF8, logicalType: { string: {} } }
    case 'binary':
      return { type: physical('BYTE_ARRAY') }
    default:
      throw new Error(`type ${type.kind} is no leaf`)
  }
}

function integer(bitWidth: number, convertedType: number): LeafElement {
  return { type: physical('INT32'), convertedType, logicalType: { integer: { bitWidth, isSigned: true } } }
}

function decimal(precision: number, scale: number): LeafElement {
  const common = {
    convertedType: CONVERTED.DECIMAL,
    precision,
    scale,
    logicalType: { decimal: { precision, scale } },
  }
  if (precision <= 9) return { type: physical('INT32'), ...common }
  if (precision <= 18) return { type: physical('INT64'), ...common }
  return { type: physical('FIXED_LEN_BYTE_ARRAY'), typeLength: decimalBytes(precision), ...common }
}

/** The fewest bytes that hold every number of `precision` digits and its sign. */
function decimalBytes(precision: number): number {
  let bytes = 1
  while (2n ** BigInt(8 * bytes - 1) < 10n ** BigInt(precision)) bytes++
  return bytes
}

/** A file's shape with the types that the footer names beside the schema; malformed names are passed over. */
export function withNamedTypes(shape: FileShape, names: string | undefined): FileShape {
  if (names === undefined) return shape
  let kinds: unknown
  try {
    kinds = JSON.parse(names)
  } catch {
    return shape
  }
  if (typeof kinds !== 'object' || kinds === null) return shape
  const named = kinds as Readonly<Record<string, unknown>>
  const leaves = [...shape.leaves]
  const columns = shape.columns.map((column): Shape => {
    if (column.kind !== 'leaf') return column
    const { kind } = column.type
    const wanted = named[column.name]
    const isYm = wanted === 'interval_ym' && kind === 'int32'
    const isDt = wanted === 'interval_dt' && kind === 'int64'
    if (!isYm && !isDt) return column
    const type = isYm ? types.intervalYm : types.intervalDt
    const leaf = { ...column.leaf, type }
    leaves[leaf.index] = leaf
    return { ...column, type, leaf }
  })
  return { columns, leaves }
}
