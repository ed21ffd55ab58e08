import { type DataType, isNumeric } from '../../engine/types/index.ts'

/** Whether CAST may stand between two types, by Spark's ANSI rules. Members of nested types are asked too. */
export function canCast(from: DataType, to: DataType): boolean {
  if (from.kind === 'null' || to.kind === 'string') return true
  if (from.kind === 'list' && to.kind === 'list') return canCast(from.element, to.element)
  if (from.kind === 'map' && to.kind === 'map')
    return canCast(from.key, to.key) && canCast(from.value, to.value)
  if (from.kind === 'struct' && to.kind === 'struct')
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, index) => canCast(field.type, to.fields[index]!.type))
    )
  if (from.kind === to.kind) return true
  const [source, target] = [familyOf(from), familyOf(to)]
  return CASTS[source]?.includes(target) ?? false
}

/** The families of types that each may be cast to, besides itself and strings. */
const CASTS: Readonly<Record<string, readonly string[]>> = {
  string: ['binary', 'boolean', 'number', 'date', 'timestamp', 'timestamp_ntz', 'interval_ym', 'interval_dt'],
  boolean: ['number'],
  number: ['number', 'boolean', 'timestamp', 'interval_ym', 'interval_dt'],
  date: ['timestamp', 'timestamp_ntz'],
  timestamp: ['number', 'date', 'timestamp_ntz'],
  timestamp_ntz: ['date', 'timestamp'],
}

function familyOf(type: DataType): string {
  return isNumeric(type) ? 'number' : type.kind
}
