import { types } from '../../types/index.ts'
import type { AggregateFunction } from '../aggregate-function.ts'
import { float64, signature } from '../signature.ts'
import { valueAccumulator } from './value-accumulator.ts'

/** Count, mean and sums of powers of the distance from the mean, which merge without loss. */
interface Moments {
  count: number
  mean: number
  m2: number
  m3: number
  m4: number
}

type Finish = (moments: Moments) => number | null

/** Powers of the distance from the mean, by themselves. */
function sample(divide: (moments: Moments) => number): Finish {
  return (moments) => (moments.count < 2 ? null : divide(moments))
}

/** Moments of two disjoint sets together (Pébay 2008, as Spark has it). */
function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const count = a.count + b.count
  const delta = b.mean - a.mean
  const share = delta / count
  const product = a.count * b.count
  return {
    count,
    mean: a.mean + share * b.count,
    m2: a.m2 + b.m2 + delta * share * product,
    m3:
      a.m3 +
      b.m3 +
      share * share * delta * product * (a.count - b.count) +
      3 * share * (a.count * b.m2 - b.count * a.m2),
    m4:
      a.m4 +
      b.m4 +
      share ** 3 * delta * product * (a.count * a.count - product + b.count * b.count) +
      6 * share * share * (a.count * a.count * b.m2 + b.count * b.count * a.m2) +
      4 * share * (a.count * b.m3 - b.count * a.m3),
  }
}

function momentFunction(
  name: string,
  aliases: readonly string[],
  what: string,
  finish: Finish,
): AggregateFunction {
  const resolve = signature(name, [float64], types.float64)
  const state = [types.float64, types.float64, types.float64, types.float64, types.float64]
  const one = (value: number): Moments => ({ count: 1, mean: value, m2: 0, m3: 0, m4: 0 })
  return {
    name,
    aliases,
    usage: `${name}(expr) - ${what} of the values`,
    resolve: (args, literals) => ({ ...resolve(args, literals), state }),
    accumulator: (context) =>
      valueAccumulator<Moments>(context, {
        create: () => ({ count: 0, mean: 0, m2: 0, m3: 0, m4: 0 }),
        add: (moments, [value]) => (value === null ? moments : mergeMoments(moments, one(value as number))),
        save: ({ count, mean, m2, m3, m4 }) => [count, mean, m2, m3, m4],
        merge(moments, saved) {
          const [count, mean, m2, m3, m4] = saved as [number, number, number, number, number]
          return mergeMoments(moments, { count, mean, m2, m3, m4 })
        },
        result: (moments) => (moments.count === 0 ? null : finish(moments)),
      }),
  }
}

/** Variance, deviation and shape of numbers; NULL without values, and for samples of a single one. */
export const momentFunctions: readonly AggregateFunction[] = [
  momentFunction(
    'variance',
    ['var_samp'],
    'the sample variance',
    sample(({ m2, count }) => m2 / (count - 1)),
  ),
  momentFunction('var_pop', [], 'the population variance', ({ m2, count }) => m2 / count),
  momentFunction(
    'stddev',
    ['stddev_samp', 'std'],
    'the sample standard deviation',
    sample(({ m2, count }) => Math.sqrt(m2 / (count - 1))),
  ),
  momentFunction('stddev_pop', [], 'the population standard deviation', ({ m2, count }) =>
    Math.sqrt(m2 / count),
  ),
  momentFunction('skewness', [], 'the skewness', ({ m2, m3, count }) =>
    m2 === 0 ? null : (Math.sqrt(count) * m3) / Math.sqrt(m2 ** 3),
  ),
  momentFunction('kurtosis', [], 'the excess kurtosis', ({ m2, m4, count }) =>
    m2 === 0 ? null : (count * m4) / (m2 * m2) - 3,
  ),
]
