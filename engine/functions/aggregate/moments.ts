import { type FixedVector, fixedVector, getBit, type Vector, vectorBuilder } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { types } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext, AggregateFunction } from '../aggregate-function.ts'
import { float64, signature } from '../signature.ts'
import { growFloat64, NO_FLOATS } from './growable.ts'

/** Count, mean and sums of powers of the distance from the mean, which merge without loss. */
interface Moments {
  count: number
  mean: number
  m2: number
  m3: number
  m4: number
}

type Finish = (moments: Moments) => number | null

/** A result that needs two values. */
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

/** Order 2 keeps what variances need, order 4 also what skewness and kurtosis need. */
type Order = 2 | 4

function momentFunction(
  name: string,
  aliases: readonly string[],
  what: string,
  finish: Finish,
  order: Order = 2,
): AggregateFunction {
  const resolve = signature(name, [float64], types.float64)
  const state = Array.from({ length: order + 1 }, () => types.float64)
  return {
    name,
    aliases,
    usage: `${name}(expr) - ${what} of the values`,
    resolve: (args, literals) => ({ ...resolve(args, literals), state }),
    accumulator: (context) => new MomentAccumulator(context, order, finish),
  }
}

/** Count, mean and sums of powers as columns by group. */
class MomentAccumulator implements Accumulator {
  readonly #region: Region
  readonly #order: Order
  readonly #finish: Finish
  /** count, mean, m2 and, for order 4, m3, m4. */
  #columns: Float64Array[]

  constructor(context: AccumulatorContext, order: Order, finish: Finish) {
    this.#region = context.region
    this.#order = order
    this.#finish = finish
    this.#columns = Array.from({ length: order + 1 }, () => NO_FLOATS)
  }

  resize(groupCount: number): void {
    this.#columns = this.#columns.map((column) => growFloat64(column, groupCount, this.#region))
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const { values, validity } = args[0] as FixedVector
    const [counts, means, m2] = this.#columns
    if (this.#order === 2)
      addSquares(values as Float64Array, validity, groups, rowCount, counts!, means!, m2!)
    else
      for (let row = 0; row < rowCount; row++)
        if (validity === null || getBit(validity, row))
          this.#add(groups[row]!, { count: 1, mean: values[row] as number, m2: 0, m3: 0, m4: 0 })
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const [count, mean, m2, m3, m4] = state.map((column) => (column as FixedVector).values as Float64Array)
    for (let row = 0; row < rowCount; row++)
      this.#add(groups[row]!, {
        count: count![row]!,
        mean: mean![row]!,
        m2: m2![row]!,
        m3: m3?.[row] ?? 0,
        m4: m4?.[row] ?? 0,
      })
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return this.#columns.map((column) => {
      const values = region.float64(count)
      values.set(column.subarray(from, from + count))
      return fixedVector(types.float64, count, values)
    })
  }

  finish(from: number, count: number, region: Region): Vector {
    const builder = vectorBuilder(types.float64, region, count)
    for (let group = from; group < from + count; group++) {
      const moments = this.#read(group)
      builder.append(moments.count === 0 ? null : this.#finish(moments))
    }
    return builder.finish()
  }

  #read(group: number): Moments {
    const [count, mean, m2, m3, m4] = this.#columns.map((column) => column[group]!)
    return { count: count!, mean: mean!, m2: m2!, m3: m3 ?? 0, m4: m4 ?? 0 }
  }

  #add(group: number, more: Moments): void {
    const { count, mean, m2, m3, m4 } = mergeMoments(this.#read(group), more)
    for (const [index, value] of [count, mean, m2, m3, m4].slice(0, this.#order + 1).entries())
      this.#columns[index]![group] = value
  }
}

/** Welford's update of the variance, a value at a time. */
function addSquares(
  values: Float64Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  counts: Float64Array,
  means: Float64Array,
  m2: Float64Array,
): void {
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !getBit(validity, row)) continue
    const group = groups[row]!
    const count = counts[group]! + 1
    const delta = values[row]! - means[group]!
    const mean = means[group]! + delta / count
    counts[group] = count
    means[group] = mean
    m2[group]! += delta * (values[row]! - mean)
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
  momentFunction(
    'skewness',
    [],
    'the skewness',
    ({ m2, m3, count }) => (m2 === 0 ? null : (Math.sqrt(count) * m3) / Math.sqrt(m2 ** 3)),
    4,
  ),
  momentFunction(
    'kurtosis',
    [],
    'the excess kurtosis',
    ({ m2, m4, count }) => (m2 === 0 ? null : (count * m4) / (m2 * m2) - 3),
    4,
  ),
]
