import { EngineError } from '../../errors.ts'
import type { Value } from '../../types/index.ts'
import { valueKey } from './compare-values.ts'

/** One key and its value. */
export type Entry = readonly [Value, Value]

/**
 * The entries themselves, after checking that no key is NULL (NULL_MAP_KEY) or there twice
 * (DUPLICATED_MAP_KEY).
 */
export function checkedMap(entries: readonly Entry[]): readonly Entry[] {
  const seen = new Set<unknown>()
  for (const [key] of entries) {
    if (key === null) throw new EngineError('NULL_MAP_KEY', 'a key of a map cannot be NULL')
    const own = valueKey(key)
    if (seen.has(own))
      throw new EngineError('DUPLICATED_MAP_KEY', `the key ${String(own)} is twice in a map`, {
        hint: 'Remove one of the two entries.',
      })
    seen.add(own)
  }
  return entries
}
