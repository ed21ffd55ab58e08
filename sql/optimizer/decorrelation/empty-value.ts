import type { AggregateCall } from '../../../engine/expr/index.ts'
import type { Value } from '../../../engine/types/index.ts'

const COUNTS = new Set(['count', 'count_if', 'regr_count', 'approx_count_distinct'])
const LISTS = new Set(['collect_list', 'collect_set', 'array_agg'])

/**
 * What an aggregate gives for no rows at all: 0 for counts, an empty list for collects, NULL for all others.
 */
export function emptyValueOf(call: AggregateCall): Value {
  if (COUNTS.has(call.name)) return call.type.kind === 'int64' ? 0n : 0
  return LISTS.has(call.name) ? [] : null
}
