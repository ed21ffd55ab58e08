import {
  aggregateFunctions,
  lookupAggregate,
  lookupScalar,
  lookupWindowFunction,
  scalarFunctionNames,
  windowFunctions,
} from '../../engine/functions/index.ts'
import type { FunctionLookup } from './context.ts'
import { generatorNames } from './generator-names.ts'

/** The engine's functions. */
export const builtInFunctions: FunctionLookup = {
  scalar: lookupScalar,
  aggregate: lookupAggregate,
  window: lookupWindowFunction,
  names: () => [
    ...scalarFunctionNames().filter((name) => /^[a-z]/.test(name)),
    ...aggregateFunctions.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
    ...windowFunctions.map(({ name }) => name),
    ...generatorNames(),
  ],
}
