/** Aggregate functions by name. Start with sum.ts for a fast one, value-accumulator.ts for the general way. */
import type { AggregateFunction } from '../aggregate-function.ts'
import { average } from './average.ts'
import { count, countIf } from './count.ts'
import { max, maxBy, min, minBy } from './extremes.ts'
import { firstRow, singleValue } from './single-value.ts'
import { sum, trySum } from './sum.ts'

/** All aggregate functions. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  average,
  count,
  countIf,
  max,
  maxBy,
  min,
  minBy,
  firstRow,
  singleValue,
  sum,
  trySum,
]

const byName = new Map<string, AggregateFunction>()
for (const entry of aggregateFunctions)
  for (const name of [entry.name, ...(entry.aliases ?? [])]) byName.set(name, entry)

/** The aggregate function of a name or alias, ignoring case. */
export function lookupAggregate(name: string): AggregateFunction | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase())
}
