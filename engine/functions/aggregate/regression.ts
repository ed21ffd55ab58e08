import { type FixedVector, fixedVector, getBit, type Vector, vectorBuilder } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { types, type Value } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext, AggregateFunction } from '../aggregate-function.ts'
import { float64, signature } from '../signature.ts'
import { growFloat64, NO_FLOATS } from './growable.ts'

/** Means of pairs and sums of squares and products of the distances from them. */
interface PairMoments {
  readonly count: number
  readonly meanX: number
  readonly meanY: number
  readonly xx: number
  readonly yy: number
  readonly xy: number
}

/** Numbers of a group, side by side in the order of PairMoments. */
const WIDTH = 6

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
  const state = Array.from({ length: WIDTH }, () => types.float64)
  return {
    name,
    usage: `${name}(${isYFirst ? 'y, x' : 'x, y'}) - ${what}`,
    resolve: (args, literals) => ({ ...resolve(args, literals), state }),
    accumulator: (context) => new PairAccumulator(context, isYFirst, finish),
  }
}

class PairAccumulator implements Accumulator {
  readonly #region: Region
  readonly #returns: Vector['type']
  readonly #isYFirst: boolean
  readonly #finish: Finish
  #moments = NO_FLOATS

  constructor({ region, signature: { returns } }: AccumulatorContext, isYFirst: boolean, finish: Finish) {
    this.#region = region
    this.#returns = returns
    this.#isYFirst = isYFirst
    this.#finish = finish
  }

  resize(groupCount: number): void {
    this.#moments = growFloat64(this.#moments, groupCount * WIDTH, this.#region)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const [x, y] = (this.#isYFirst ? [args[1], args[0]] : args) as [FixedVector, FixedVector]
    const [xs, ys] = [x.values as Float64Array, y.values as Float64Array]
    addPairs(xs, ys, x.validity, y.validity, groups, rowCount, this.#moments)
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const columns = state.map((column) => (column as FixedVector).values as Float64Array)
    for (let row = 0; row < rowCount; row++) mergeRow(columns, row, this.#moments, groups[row]! * WIDTH)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return Array.from({ length: WIDTH }, (_, index) => {
      const values = region.float64(count)
      for (let i = 0; i < count; i++) values[i] = this.#moments[(from + i) * WIDTH + index]!
      return fixedVector(types.float64, count, values)
    })
  }

  finish(from: number, count: number, region: Region): Vector {
    const builder = vectorBuilder(this.#returns, region, count)
    const moments = this.#moments
    for (let group = from; group < from + count; group++) {
      const at = group * WIDTH
      builder.append(
        this.#finish({
          count: moments[at]!,
          meanX: moments[at + 1]!,
          meanY: moments[at + 2]!,
          xx: moments[at + 3]!,
          yy: moments[at + 4]!,
          xy: moments[at + 5]!,
        }),
      )
    }
    return builder.finish()
  }
}

/** One pair after the other, as if each were a state of one row. */
function addPairs(
  xs: Float64Array,
  ys: Float64Array,
  validX: Uint8Array | null,
  validY: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  moments: Float64Array,
): void {
  for (let row = 0; row < rowCount; row++) {
    if ((validX !== null && !getBit(validX, row)) || (validY !== null && !getBit(validY, row))) continue
    const at = groups[row]! * WIDTH
    const before = moments[at]!
    const [x, y] = [xs[row]!, ys[row]!]
    moments[at] = before + 1
    if (before === 0) {
      moments[at + 1] = x
      moments[at + 2] = y
      continue
    }
    const dx = x - moments[at + 1]!
    const dy = y - moments[at + 2]!
    const weight = before / (before + 1)
    moments[at + 1]! += dx / (before + 1)
    moments[at + 2]! += dy / (before + 1)
    moments[at + 3]! += dx * dx * weight
    moments[at + 4]! += dy * dy * weight
    moments[at + 5]! += dx * dy * weight
  }
}

function mergeRow(columns: readonly Float64Array[], row: number, moments: Float64Array, at: number): void {
  const more = columns[0]![row]!
  if (more === 0) return
  const before = moments[at]!
  if (before === 0) {
    for (let index = 0; index < WIDTH; index++) moments[at + index] = columns[index]![row]!
    return
  }
  const count = before + more
  const dx = columns[1]![row]! - moments[at + 1]!
  const dy = columns[2]![row]! - moments[at + 2]!
  const weight = (before * more) / count
  moments[at] = count
  moments[at + 1]! += (dx * more) / count
  moments[at + 2]! += (dy * more) / count
  moments[at + 3]! += columns[3]![row]! + dx * dx * weight
  moments[at + 4]! += columns[4]![row]! + dy * dy * weight
  moments[at + 5]! += columns[5]![row]! + dx * dy * weight
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
