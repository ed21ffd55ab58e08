import { concat, flatten, getBit, isNull, take, type Vector, valueReader } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { commonTypeOf, type DataType, isNumeric, types, type Value } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { boolean, checkCount, float64, mismatch, numeric, sameTypes, signature } from '../signature.ts'
import { valueOrder } from './compare-values.ts'
import { compareVectors } from './compare-vectors.ts'

/** Choosing among values. `if`, `coalesce`, `nvl` and `nvl2` are evaluated lazily by the interpreter. */
export const conditionalFunctions: readonly ScalarFunction[] = [
  {
    name: 'if',
    aliases: ['iff'],
    usage: 'if(condition, a, b) - a where the condition is TRUE, else b',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: (args) => {
      checkCount('if', args.length, 3)
      const common = commonTypeOf(args.slice(1))
      const condition = boolean.accept(args[0]!)
      if (common === undefined || condition === undefined)
        throw mismatch('if', args, 'a boolean and two values of one type')
      return { args: [condition, common, common], returns: common }
    },
    evaluate: ([condition, a, b], { rowCount, region }) => {
      const read = valueReader(condition!)
      return choose([a!, b!], rowCount, region, (row) => (read(row) === true ? 0 : 1))
    },
  },
  {
    name: 'coalesce',
    usage: 'coalesce(a, b, ...) - the first value that is not NULL',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: sameTypes('coalesce'),
    evaluate: (args, { rowCount, region }) =>
      choose(args, rowCount, region, (row) =>
        Math.max(
          0,
          args.findIndex((arg) => !isNull(arg, row)),
        ),
      ),
  },
  {
    name: 'ifnull',
    aliases: ['nvl'],
    usage: 'ifnull(a, b) - a, or b where a is NULL',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: sameTypes('ifnull', { min: 2, max: 2 }),
    evaluate: (args, { rowCount, region }) =>
      choose(args, rowCount, region, (row) => (isNull(args[0]!, row) ? 1 : 0)),
  },
  {
    name: 'nvl2',
    usage: 'nvl2(a, b, c) - b where a is not NULL, else c',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: (args) => {
      checkCount('nvl2', args.length, 3)
      const common = commonTypeOf(args.slice(1))
      if (common === undefined) throw mismatch('nvl2', args, 'two values of one type')
      return { args: [args[0]!, common, common], returns: common }
    },
    evaluate: ([test, a, b], { rowCount, region }) =>
      choose([a!, b!], rowCount, region, (row) => (isNull(test!, row) ? 1 : 0)),
  },
  {
    name: 'nullif',
    usage: 'nullif(a, b) - NULL where a equals b, else a',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: (args) => {
      checkCount('nullif', args.length, 2)
      const common = commonTypeOf(args)
      if (common === undefined) throw mismatch('nullif', args, 'two values of one type')
      // As in Spark the result keeps the type of `a`; the interpreter compares in the common type.
      const [a, b] = args as [DataType, DataType]
      return {
        args: [a.kind === 'null' ? common : a, b.kind === 'null' ? common : b],
        returns: a.kind === 'null' ? common : a,
      }
    },
    evaluate: ([a, b], { rowCount, region }) => {
      const bits = compareVectors('=', a!, b!, rowCount, region)
      const indices = region.int32(rowCount)
      for (let row = 0; row < rowCount; row++)
        indices[row] = getBit(bits, row) && !isNull(a!, row) && !isNull(b!, row) ? -1 : row
      return take(flatten(a!, region), indices, rowCount, region)
    },
  },
  extreme('greatest', 1),
  extreme('least', -1),
  {
    name: 'nanvl',
    usage: 'nanvl(a, b) - a, or b where a is NaN',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature('nanvl', [float64, float64], types.float64),
    bind: () => (a: number, b: number) => (Number.isNaN(a) ? b : a),
  },
  {
    name: 'zeroifnull',
    usage: 'zeroifnull(a) - a, or 0 where a is NULL',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: (args) => {
      const found = signature('zeroifnull', [numeric], ([type]) => type!)(args, [])
      return args[0]?.kind === 'null' ? { args: [types.int32], returns: types.int32 } : found
    },
    bind:
      ({ returns }) =>
      (a: Value) =>
        a ?? zeroOf(returns),
  },
  {
    name: 'nullifzero',
    usage: 'nullifzero(a) - NULL where a is 0, else a',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature('nullifzero', [numeric], ([type]) => type!),
    bind: () => (a: number | bigint) => (a === 0 || a === 0n ? null : a),
  },
]

function zeroOf(type: DataType): Value {
  return isNumeric(type) && type.kind !== 'int64' && type.kind !== 'decimal' ? 0 : 0n
}

/** Row by row the value of one of several vectors of one type. */
export function choose(
  vectors: readonly Vector[],
  rowCount: number,
  region: Region,
  pick: (row: number) => number,
): Vector {
  const starts: number[] = []
  let total = 0
  const parts = vectors.map((vector) => {
    starts.push(total)
    const part = vector.encoding === 'constant' ? vector.value : vector
    total += part.length
    return part
  })
  const joined = concat(parts, region)
  const indices = region.int32(rowCount)
  for (let row = 0; row < rowCount; row++) {
    const index = pick(row)
    indices[row] = starts[index]! + (vectors[index]!.encoding === 'constant' ? 0 : row)
  }
  return take(joined, indices, rowCount, region)
}

/** greatest and least: NULLs are left out; NULL if all are. */
function extreme(name: string, sign: number): ScalarFunction {
  return {
    name,
    usage: `${name}(a, b, ...) - the ${name} of the values, leaving out NULL`,
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: sameTypes(name, { min: 2 }),
    evaluate: (args, { rowCount, region, returns }) => {
      const order = valueOrder(returns)
      const readers = args.map(valueReader)
      return choose(args, rowCount, region, (row) => {
        let best = 0
        let bestValue = readers[0]!(row)
        for (let i = 1; i < readers.length; i++) {
          const value = readers[i]!(row)
          if (value === null || (bestValue !== null && sign * order(value, bestValue) <= 0)) continue
          best = i
          bestValue = value
        }
        return best
      })
    },
  }
}
