import type { ColumnPredicate } from '../../connect/index.ts'
import type { Value } from '../../types/index.ts'
import type { ParquetMetadata, RowGroupMetadata } from './metadata.ts'
import type { Leaf } from './schema.ts'
import type { ColumnBounds } from './statistics.ts'

/**
 * Row groups that may hold rows for which all predicates are TRUE, by their statistics. Predicates on columns
 * that are absent, nested or without statistics rule nothing out.
 */
export function planRowGroups(metadata: ParquetMetadata, predicates: readonly ColumnPredicate[]): number[] {
  const checks = predicates.flatMap((predicate) => {
    const leaf = leafOf(metadata, predicate.column)
    return leaf === null ? [] : [{ leaf, predicate }]
  })
  return metadata.rowGroups.flatMap((group, index) =>
    group.rowCount > 0 && checks.every(({ leaf, predicate }) => groupMayMatch(group, leaf, predicate))
      ? [index]
      : [],
  )
}

/** The leaf that a name or dotted path means, ignoring case; null for lists and what is in them. */
export function leafOf(metadata: ParquetMetadata, column: string): Leaf | null {
  const wanted = column.toLowerCase()
  const found = metadata.leaves.find((leaf) => leaf.path.join('.').toLowerCase() === wanted)
  return found !== undefined && found.maxRepetition === 0 ? found : null
}

function groupMayMatch(group: RowGroupMetadata, leaf: Leaf, predicate: ColumnPredicate): boolean {
  return boundsMayMatch(group.chunks[leaf.index]!.bounds, group.rowCount, leaf, predicate)
}

/** Whether some of `rowCount` rows within the bounds may satisfy the predicate. */
export function boundsMayMatch(
  bounds: ColumnBounds,
  rowCount: number,
  leaf: Leaf,
  { op, values }: ColumnPredicate,
): boolean {
  const { nullCount } = bounds
  if (op === 'isnull') return leaf.maxDefinition > 0 && nullCount !== 0
  if (nullCount === rowCount) return false
  if (op === 'isnotnull') return true
  // A comparison with NULL is never TRUE.
  const wanted = values.filter((value) => value !== null)
  return wanted.some((value) => valueMayMatch(bounds, leaf, op, value))
}

function valueMayMatch(
  { min, max }: ColumnBounds,
  leaf: Leaf,
  op: ColumnPredicate['op'],
  value: Value,
): boolean {
  const isFloat = leaf.type.kind === 'float32' || leaf.type.kind === 'float64'
  // NaN is the largest number in SQL but in no bounds.
  if (isFloat && (op === '>' || op === '>=' || Number.isNaN(value))) return true
  const toMin = compareValues(value, min)
  const toMax = compareValues(value, max)
  switch (op) {
    case '=':
    case 'in':
      return (toMin === null || toMin >= 0) && (toMax === null || toMax <= 0)
    case '<':
      return toMin === null || toMin > 0
    case '<=':
      return toMin === null || toMin >= 0
    case '>':
      return toMax === null || toMax < 0
    case '>=':
      return toMax === null || toMax <= 0
    default:
      return true
  }
}

/** Order of two values of one type, strings by their UTF-8 bytes; null where there is none. */
function compareValues(a: Value, b: Value): number | null {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  if (typeof a !== typeof b || a === null || b === null || typeof a === 'object') return null
  return a < b ? -1 : a > b ? 1 : 0
}
