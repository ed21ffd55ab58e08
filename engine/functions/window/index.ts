/** Functions that only make sense over a window, by name. Start with window-function.ts. */
import { firstValue, lag, lastValue, lead, nthValue } from './offset.ts'
import { cumeDist, denseRank, ntile, percentRank, rank, rowNumber } from './ranking.ts'
import type { WindowFunction } from './window-function.ts'

export type * from './window-function.ts'

/** All window functions that are no aggregates. */
export const windowFunctions: readonly WindowFunction[] = [
  cumeDist,
  denseRank,
  firstValue,
  lag,
  lastValue,
  lead,
  nthValue,
  ntile,
  percentRank,
  rank,
  rowNumber,
]

const byName = new Map<string, WindowFunction>()
for (const entry of windowFunctions)
  for (const name of [entry.name, ...(entry.aliases ?? [])]) byName.set(name, entry)

/** The window function of a name or alias, ignoring case. */
export function lookupWindowFunction(name: string): WindowFunction | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase())
}
