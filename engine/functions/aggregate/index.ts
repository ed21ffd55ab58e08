/**
 * Aggregate functions by name. Start with sum.ts for a fast one, value-accumulator.ts for the general way.
 */
import type { AggregateFunction } from '../aggregate-function.ts'
import { approximateCountDistinct } from './approximate-distinct.ts'
import { average } from './average.ts'
import { bitAnd, bitOr, bitXor, boolAnd, boolOr } from './boolean.ts'
import { collectList, collectSet, listagg, mode } from './collect.ts'
import { count, countIf } from './count.ts'
import { max, maxBy, min, minBy } from './extremes.ts'
import { anyValue, first, last } from './first-last.ts'
import { momentFunctions } from './moments.ts'
import { median, percentile, percentileApprox, percentileCont, percentileDisc } from './percentile.ts'
import { pairFunctions } from './regression.ts'
import { singleValue } from './single-value.ts'
import { sum, trySum } from './sum.ts'

/** All aggregate functions. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  anyValue,
  approximateCountDistinct,
  average,
  bitAnd,
  bitOr,
  bitXor,
  boolAnd,
  boolOr,
  collectList,
  collectSet,
  count,
  countIf,
  first,
  last,
  listagg,
  max,
  maxBy,
  median,
  min,
  minBy,
  mode,
  percentile,
  percentileApprox,
  percentileCont,
  percentileDisc,
  singleValue,
  sum,
  trySum,
  ...momentFunctions,
  ...pairFunctions,
]

const byName = new Map<string, AggregateFunction>()
for (const entry of aggregateFunctions)
  for (const name of [entry.name, ...(entry.aliases ?? [])]) byName.set(name, entry)

/** The aggregate function of a name or alias, ignoring case. */
export function lookupAggregate(name: string): AggregateFunction | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase())
}
