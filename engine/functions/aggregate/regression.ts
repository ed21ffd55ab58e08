import { types, type Value } from '../../types/index.ts'
import type { AggregateFunction } from '../aggregate-function.ts'
import { float64, signature } from '../signature.ts'
import { valueAccumulator } from './value-accumulator.ts'

/** Means of pairs and sums of squares and products of the distances from them. */
interface PairMoments {
  count: number
  meanX: number
  meanY: number
  xx: number
  yy: number
  xy: number
}

const NONE: PairMoments = { count: 0, meanX: 0, meanY: 0, xx: 0, yy: 0, xy: 0 }

function merge(a: PairMoments, b: PairMoments): PairMoments {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const count = a.count + b.count
  const [dx, dy] = [b.meanX - a.meanX, b.meanY - a.meanY]
  const weight = (a.count * b.count) / count
  return {
    count,
    meanX: a.meanX + (dx * b.count) / count,
    meanY: a.meanY + (dy * b.count) / count,
    xx: a.xx + b.xx + dx * dx * weight,
    yy: a.yy + b.yy + dy * dy * weight,
    xy: a.xy + b.xy + dx * dy * weight,
  }
}

type Finish = (moments: PairMoments) => Value

/** `isYFirst`: the arguments are (y, x) as in regr_*; else (x, y). Pairs with a NULL do not count. */
function pairFunction(
  name: string,
  what: string,
  isYFirst: boolean,
  finish: Finish,
  returns = types.float64 as typeof types.float64 | typeof types.int64,
): AggregateFunction {
  const resolve = signature(name, [float64, float64], returns)
  const state = Array.from({ length: 6 }, () => types.float64)
  return {
    name,
    usage: `${name}(${isYFirst ? 'y, x' : 'x, y'}) - ${what}`,
    resolve: (args, literals) => ({ ...resolve(args, literals), state }),
    accumulator: (context) =>
      valueAccumulator<PairMoments>(context, {
        create: () => NONE,
        add(moments, [a, b]) {
          if (a === null || b === null) return moments
          const [x, y] = (isYFirst ? [b, a] : [a, b]) as [number, number]
          return merge(moments, { count: 1, meanX: x, meanY: y, xx: 0, yy: 0, xy: 0 })
        },
        save: ({ count, meanX, meanY, xx, yy, xy }) => [count, meanX, meanY, xx, yy, xy],
        merge(moments, saved) {
          const [count, meanX, meanY, xx, yy, xy] = saved as [number, number, number, number, number, number]
          return merge(moments, { count, meanX, meanY, xx, yy, xy })
        },
        result: finish,
      }),
  }
}

const ifAny =
  (compute: (moments: PairMoments) => Value): Finish =>
  (moments) =>
    moments.count === 0 ? null : compute(moments)

/** Covariance, correlation and linear regression of pairs of numbers. */
export const pairFunctions: readonly AggregateFunction[] = [
  pairFunction(
    'covar_pop',
    'the population covariance',
    false,
    ifAny(({ xy, count }) => xy / count),
  ),
  pairFunction('covar_samp', 'the sample covariance', false, ({ xy, count }) =>
    count < 2 ? null : xy / (count - 1),
  ),
  pairFunction('corr', 'the coefficient of correlation', false, ({ xx, yy, xy, count }) =>
    count < 2 || xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy),
  ),
  pairFunction('regr_count', 'the number of pairs', true, ({ count }) => BigInt(count), types.int64),
  pairFunction(
    'regr_avgx',
    'the mean of x',
    true,
    ifAny(({ meanX }) => meanX),
  ),
  pairFunction(
    'regr_avgy',
    'the mean of y',
    true,
    ifAny(({ meanY }) => meanY),
  ),
  pairFunction(
    'regr_sxx',
    'the sum of squares of x around its mean',
    true,
    ifAny(({ xx }) => xx),
  ),
  pairFunction(
    'regr_syy',
    'the sum of squares of y around its mean',
    true,
    ifAny(({ yy }) => yy),
  ),
  pairFunction(
    'regr_sxy',
    'the sum of products around the means',
    true,
    ifAny(({ xy }) => xy),
  ),
  pairFunction('regr_slope', 'the slope of the regression line', true, ({ xx, xy }) =>
    xx === 0 ? null : xy / xx,
  ),
  pairFunction(
    'regr_intercept',
    'where the regression line meets the y axis',
    true,
    ({ xx, xy, meanX, meanY }) => (xx === 0 ? null : meanY - (xy / xx) * meanX),
  ),
  pairFunction('regr_r2', 'the square of the correlation', true, ({ xx, yy, xy }) => {
    if (xx === 0) return null
    return yy === 0 ? 1 : (xy * xy) / (xx * yy)
  }),
]
