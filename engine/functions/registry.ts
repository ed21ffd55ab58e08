import { arithmeticFunctions } from './scalar/arithmetic.ts'
import { comparisonFunctions } from './scalar/comparison.ts'
import { conditionalFunctions } from './scalar/conditional.ts'
import { stringFunctions } from './scalar/string.ts'
import type { ScalarFunction } from './scalar-function.ts'

/** Every family of scalar functions, one line each. */
const FAMILIES: readonly (readonly ScalarFunction[])[] = [
  arithmeticFunctions,
  comparisonFunctions,
  conditionalFunctions,
  stringFunctions,
]

const byName = new Map<string, ScalarFunction>()
for (const family of FAMILIES)
  for (const entry of family)
    for (const name of [entry.name, ...(entry.aliases ?? [])]) byName.set(name.toLowerCase(), entry)

/** The function of a name or alias, ignoring case. */
export function lookupScalar(name: string): ScalarFunction | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase())
}

/** Every name and alias, sorted. */
export function scalarFunctionNames(): readonly string[] {
  return [...byName.keys()].sort()
}
