import { EngineError } from '../../errors.ts'
import { type DataType, isNumeric, listType, types, type Value } from '../../types/index.ts'
import type {
  Accumulator,
  AccumulatorContext,
  AggregateFunction,
  AggregateSignature,
} from '../aggregate-function.ts'
import { valueOrder } from '../scalar/compare-values.ts'
import { checkCount, float64, int64, mismatch } from '../signature.ts'
import { DoubleSamples } from './double-samples.ts'
import { type ValueAggregate, valueAccumulator } from './value-accumulator.ts'

/** All values of a group, and the shares asked for; the last argument wins, it is the same for all rows. */
interface Sample {
  readonly values: Value[]
  shares: readonly number[]
}

/** How shares of a sorted sample become values. */
type Pick = (sorted: readonly Value[], share: number) => Value

/** The value at a share of the sorted values, interpolated between neighbours. */
export const percentile: AggregateFunction = {
  name: 'percentile',
  usage:
    'percentile(expr, share or array of shares[, frequency]) - the exact value below which that share lies',
  resolve: (args) => resolveShares('percentile', args, 3, asDouble('percentile', args)),
  accumulator: (context) => samples(context, interpolate, true),
}

/** The value in the middle: percentile 0.5. */
export const median: AggregateFunction = {
  name: 'median',
  usage: 'median(expr) - the value in the middle',
  resolve(args) {
    checkCount('median', args.length, 1)
    return { args: [asDouble('median', args)], returns: types.float64, state: STATE_OF_DOUBLES }
  },
  accumulator: (context) => samples(context, interpolate, true),
}

/** percentile_cont(share) WITHIN GROUP (ORDER BY value): interpolated, over values in the order they come. */
export const percentileCont: AggregateFunction = {
  name: 'percentile_cont',
  usage: 'percentile_cont(share) WITHIN GROUP (ORDER BY expr) - the interpolated value at that share',
  resolve: (args) => resolveShares('percentile_cont', args, 2, asDouble('percentile_cont', args)),
  accumulator: (context) => samples(context, interpolate, false),
}

/**
 * percentile_disc(share) WITHIN GROUP (ORDER BY value): the first value that reaches the share, in the
 * order they come.
 */
export const percentileDisc: AggregateFunction = {
  name: 'percentile_disc',
  usage: 'percentile_disc(share) WITHIN GROUP (ORDER BY expr) - the first value that reaches that share',
  resolve: (args) => resolveShares('percentile_disc', args, 2, asDouble('percentile_disc', args)),
  accumulator: (context) => samples(context, reach, false),
}

/** As percentile, but gives a value that is there. It is exact; an accuracy is accepted and not needed. */
export const percentileApprox: AggregateFunction = {
  name: 'percentile_approx',
  aliases: ['approx_percentile'],
  usage:
    'percentile_approx(expr, share or array of shares[, accuracy]) - the least value that reaches that share',
  resolve(args) {
    const type = args[0]?.kind === 'string' || args[0]?.kind === 'null' ? types.float64 : args[0]
    return resolveShares('percentile_approx', args, 3, type ?? types.float64)
  },
  accumulator: ({ signature, ...context }) =>
    samples({ ...context, signature: { ...signature, args: signature.args.slice(0, 2) } }, reach, true),
}

const STATE_OF_DOUBLES = [listType(types.float64), listType(types.float64)]

/** Numbers are taken as doubles. */
function asDouble(name: string, args: readonly DataType[]): DataType {
  if (args[0] !== undefined && !isNumeric(args[0]) && args[0].kind !== 'string' && args[0].kind !== 'null')
    throw mismatch(name, args, 'a number')
  return types.float64
}

function resolveShares(
  name: string,
  args: readonly DataType[],
  max: number,
  value: DataType,
): AggregateSignature {
  checkCount(name, args.length, 2, max)
  const isList = args[1]!.kind === 'list'
  const share = isList ? listType(types.float64) : float64.accept(args[1]!)
  const third = args[2] === undefined ? types.int64 : int64.accept(args[2])
  if (share === undefined || third === undefined) throw mismatch(name, args, 'a share between 0 and 1')
  return {
    args: [value, share, third].slice(0, args.length),
    returns: isList ? listType(value) : value,
    state: [listType(value), listType(types.float64)],
  }
}

/** Doubles without frequencies lie side by side in the arena; `sorts`: they come in any order. */
function samples(context: AccumulatorContext, pick: Pick, sorts: boolean): Accumulator {
  const { args } = context.signature
  if (args[0]!.kind === 'float64' && args.length < 3)
    return new DoubleSamples(context, { sorts, reaches: pick === reach, checkShares })
  return valueAccumulator(context, sampleAggregate(context.signature, pick, sorts))
}

function sampleAggregate(signature: AggregateSignature, pick: Pick, sorts: boolean): ValueAggregate<Sample> {
  const { args, returns } = signature
  const order = valueOrder(args[0]!)
  return {
    keepsAll: true,
    create: () => ({ values: [], shares: [] }),
    add(sample, [value, share, frequency]) {
      if (sample.shares.length === 0) sample.shares = checkShares(args.length === 1 ? 0.5 : share!)
      if (value === null) return sample
      const times = args.length < 3 ? 1 : Number(frequency ?? 0)
      if (times < 0)
        throw new EngineError('INVALID_ARGUMENT', `a frequency must not be negative, it is ${times}`)
      for (let i = 0; i < times; i++) sample.values.push(value!)
      return sample
    },
    save: ({ values, shares }) => [values, shares],
    merge(sample, [values, shares]) {
      for (const value of values as readonly Value[]) sample.values.push(value)
      if (sample.shares.length === 0) sample.shares = shares as readonly number[]
      return sample
    },
    result({ values, shares }) {
      if (values.length === 0) return null
      const sorted = sorts ? [...values].sort(order) : values
      const picked = shares.map((share) => pick(sorted, share))
      return returns.kind === 'list' ? picked : (picked[0] ?? null)
    },
  }
}

function checkShares(given: Value): readonly number[] {
  const shares = (Array.isArray(given) ? given : [given]) as readonly (number | null)[]
  return shares.map((share) => {
    if (share === null || !(share >= 0 && share <= 1))
      throw new EngineError('DATATYPE_MISMATCH', `a share must lie between 0 and 1, it is ${share}`)
    return share
  })
}

function interpolate(sorted: readonly Value[], share: number): number {
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below] as number
  const high = sorted[Math.ceil(position)] as number
  return below === position || low === high ? low : (below + 1 - position) * low + (position - below) * high
}

function reach(sorted: readonly Value[], share: number): Value {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}
