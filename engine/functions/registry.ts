import { arithmeticFunctions } from './scalar/arithmetic.ts'
import { arrayEditFunctions } from './scalar/array-edit.ts'
import { arraySearchFunctions } from './scalar/array-search.ts'
import { arraySortFunctions } from './scalar/array-sort.ts'
import { bitFunctions } from './scalar/bits.ts'
import { comparisonFunctions } from './scalar/comparison.ts'
import { conditionalFunctions } from './scalar/conditional.ts'
import { datetimeFieldFunctions } from './scalar/datetime-fields.ts'
import { datetimeMakeFunctions } from './scalar/datetime-make.ts'
import { datetimeShiftFunctions } from './scalar/datetime-shift.ts'
import { datetimeTextFunctions } from './scalar/datetime-text.ts'
import { formatNumberFunctions } from './scalar/format-number.ts'
import { formatStringFunctions } from './scalar/format-string.ts'
import { hashFunctions } from './scalar/hash.ts'
import { higherOrderFunctions } from './scalar/higher-order.ts'
import { jsonFunctions } from './scalar/json.ts'
import { mapFunctions } from './scalar/map.ts'
import { mathFunctions } from './scalar/math.ts'
import { nestedAccessFunctions } from './scalar/nested-access.ts'
import { nestedMakeFunctions } from './scalar/nested-make.ts'
import { queryFunctions } from './scalar/query-info.ts'
import { randomFunctions } from './scalar/random.ts'
import { regexpFunctions } from './scalar/regexp.ts'
import { roundingFunctions } from './scalar/rounding.ts'
import { sequenceFunctions } from './scalar/sequence.ts'
import { signFunctions } from './scalar/sign.ts'
import { singleRowFunctions } from './scalar/single-row.ts'
import { stringFunctions } from './scalar/string.ts'
import { stringBuildFunctions } from './scalar/string-build.ts'
import { stringCodeFunctions } from './scalar/string-code.ts'
import { stringPositionFunctions } from './scalar/string-position.ts'
import { timeWindowFunctions } from './scalar/time-window.ts'
import { toCharFunctions } from './scalar/to-char.ts'
import { urlFunctions } from './scalar/url.ts'
import type { ScalarFunction } from './scalar-function.ts'

/** Every family of scalar functions, one line each. */
const FAMILIES: readonly (readonly ScalarFunction[])[] = [
  arithmeticFunctions,
  bitFunctions,
  comparisonFunctions,
  conditionalFunctions,
  datetimeFieldFunctions,
  datetimeMakeFunctions,
  datetimeShiftFunctions,
  datetimeTextFunctions,
  timeWindowFunctions,
  higherOrderFunctions,
  mathFunctions,
  nestedAccessFunctions,
  nestedMakeFunctions,
  queryFunctions,
  randomFunctions,
  regexpFunctions,
  roundingFunctions,
  signFunctions,
  singleRowFunctions,
  stringBuildFunctions,
  stringCodeFunctions,
  stringPositionFunctions,
  arrayEditFunctions,
  arraySearchFunctions,
  arraySortFunctions,
  sequenceFunctions,
  mapFunctions,
  hashFunctions,
  urlFunctions,
  formatStringFunctions,
  formatNumberFunctions,
  jsonFunctions,
  stringFunctions,
  toCharFunctions,
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
