import type { DataType, Field } from './data-type.ts'
import { MAX_DECIMAL_PRECISION, types } from './data-type.ts'

const MOST_DEPTH = 100

const SIMPLE: ReadonlyMap<unknown, DataType> = new Map(
  Object.values(types).map((type) => [type.kind, type] as const),
)

/**
 * The type that plain data from elsewhere describes, made anew from what was checked; null if it describes
 * none, or one that is nested deeper than 100 levels.
 */
export function checkDataType(value: unknown, depth = 0): DataType | null {
  if (typeof value !== 'object' || value === null || depth > MOST_DEPTH) return null
  const { kind } = value as { readonly kind?: unknown } // Any object may be asked for a member.
  switch (kind) {
    case 'decimal':
      return checkDecimal(value)
    case 'list': {
      const element = 'element' in value ? checkDataType(value.element, depth + 1) : null
      return element === null ? null : { kind, element }
    }
    case 'map': {
      const key = 'key' in value ? checkDataType(value.key, depth + 1) : null
      const item = 'value' in value ? checkDataType(value.value, depth + 1) : null
      return key === null || item === null ? null : { kind, key, value: item }
    }
    case 'struct': {
      if (!('fields' in value) || !Array.isArray(value.fields)) return null
      const fields: Field[] = []
      for (const one of value.fields as readonly unknown[]) {
        const field = checkField(one, depth + 1)
        if (field === null) return null
        fields.push(field)
      }
      return { kind, fields }
    }
    default:
      return SIMPLE.get(kind) ?? null
  }
}

function checkDecimal(value: object): DataType | null {
  if (!('precision' in value && 'scale' in value)) return null
  const { precision, scale } = value
  if (typeof precision !== 'number' || !Number.isInteger(precision)) return null
  if (typeof scale !== 'number' || !Number.isInteger(scale)) return null
  if (precision < 1 || precision > MAX_DECIMAL_PRECISION || scale < 0 || scale > precision) return null
  return { kind: 'decimal', precision, scale }
}

function checkField(value: unknown, depth: number): Field | null {
  if (typeof value !== 'object' || value === null) return null
  if (!('name' in value && 'type' in value && 'nullable' in value)) return null
  const { name, nullable } = value
  const type = checkDataType(value.type, depth)
  return type === null || typeof name !== 'string' || typeof nullable !== 'boolean'
    ? null
    : { name, type, nullable }
}
