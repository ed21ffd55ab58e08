import {
  aggregateFunctions,
  lookupAggregate,
  lookupScalar,
  scalarFunctionNames,
} from '../../engine/functions/index.ts'
import { commonType, type DataType, types } from '../../engine/types/index.ts'
import type { FunctionLookup, WindowFunctionShape } from './context.ts'
import { generatorNames } from './generator-names.ts'

/** The engine's functions. */
export const builtInFunctions: FunctionLookup = {
  scalar: lookupScalar,
  aggregate: lookupAggregate,
  window: (name) => WINDOW_FUNCTIONS.get(name.toLowerCase()),
  names: () => [
    ...scalarFunctionNames(),
    ...aggregateFunctions.map(({ name }) => name),
    ...WINDOW_FUNCTIONS.keys(),
    ...generatorNames(),
  ],
}

function shape(
  name: string,
  resolve: (args: readonly DataType[]) => ReturnType<WindowFunctionShape['resolve']>,
): [string, WindowFunctionShape] {
  return [name, { name, resolve }]
}

const ranking = (returns: DataType) => (): ReturnType<WindowFunctionShape['resolve']> => ({
  args: [],
  returns,
})
const offset = (args: readonly DataType[]): ReturnType<WindowFunctionShape['resolve']> => {
  const value = (args[2] === undefined ? args[0] : commonType(args[0]!, args[2])) ?? args[0]!
  return { args: [value, types.int32, value].slice(0, args.length), returns: value }
}

const WINDOW_FUNCTIONS: ReadonlyMap<string, WindowFunctionShape> = new Map([
  shape('row_number', ranking(types.int32)),
  shape('rank', ranking(types.int32)),
  shape('dense_rank', ranking(types.int32)),
  shape('percent_rank', ranking(types.float64)),
  shape('cume_dist', ranking(types.float64)),
  shape('ntile', (args) => ({ args: args.map(() => types.int32), returns: types.int32 })),
  shape('lag', offset),
  shape('lead', offset),
  shape('first_value', (args) => ({ args, returns: args[0]! })),
  shape('last_value', (args) => ({ args, returns: args[0]! })),
  shape('nth_value', (args) => ({ args: [args[0]!, types.int32], returns: args[0]! })),
])
