import {
  type FixedVector,
  fixedVector,
  getBit,
  halvesOf,
  type Vector,
  vectorBuilder,
} from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { type DataType, divideHalfUp, MAX_DECIMAL_PRECISION, types } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext, AggregateFunction } from '../aggregate-function.ts'
import { numeric, signature } from '../signature.ts'
import { addCounts, countVector } from './count.ts'
import { ExactSums, sumOf } from './exact-sums.ts'
import { growFloat64, NO_FLOATS } from './growable.ts'
import { exactSumVector, sumType } from './sum.ts'

type DecimalType = Extract<DataType, { kind: 'decimal' }>

function averageType(type: DataType): DataType {
  if (type.kind !== 'decimal') return types.float64
  const bounded = (digits: number) => Math.min(MAX_DECIMAL_PRECISION, digits + 4)
  return { kind: 'decimal', precision: bounded(type.precision), scale: bounded(type.scale) }
}

const resolve = signature('avg', [numeric], ([type]) => averageType(type!))

/**
 * The mean of values that are not NULL; NULL if there are none. Decimals keep four more digits, others give
 * double.
 */
export const average: AggregateFunction = {
  name: 'avg',
  aliases: ['mean', 'try_avg'],
  usage: 'avg(expr) - the mean of the values',
  resolve(args, literals) {
    const { args: cast, returns } = resolve(args, literals)
    const sum = cast[0]!.kind === 'decimal' ? sumType(cast[0]!) : types.float64
    return { args: cast, returns, state: [sum, types.int64] }
  },
  accumulator: (context) =>
    context.signature.returns.kind === 'decimal' ? new DecimalAverage(context) : new FloatAverage(context),
}

class FloatAverage implements Accumulator {
  readonly #region: Region
  #sums = NO_FLOATS
  #counts = NO_FLOATS

  constructor(context: AccumulatorContext) {
    this.#region = context.region
  }

  resize(groupCount: number): void {
    this.#sums = growFloat64(this.#sums, groupCount, this.#region)
    this.#counts = growFloat64(this.#counts, groupCount, this.#region)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const { values, validity } = args[0] as FixedVector
    if (values instanceof BigInt64Array) addLongs(halvesOf(values), validity, groups, rowCount, this.#sums)
    else addNumbers(values as Float64Array, validity, groups, rowCount, this.#sums)
    countValid(validity, groups, rowCount, this.#counts)
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    addNumbers((state[0] as FixedVector).values as Float64Array, null, groups, rowCount, this.#sums)
    addCounts(state[1] as FixedVector, groups, rowCount, this.#counts)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    const sums = region.float64(count)
    sums.set(this.#sums.subarray(from, from + count))
    return [fixedVector(types.float64, count, sums), countVector(this.#counts, from, count, region)]
  }

  finish(from: number, count: number, region: Region): Vector {
    const builder = vectorBuilder(types.float64, region, count)
    for (let i = from; i < from + count; i++)
      builder.append(this.#counts[i] === 0 ? null : this.#sums[i]! / this.#counts[i]!)
    return builder.finish()
  }
}

class DecimalAverage implements Accumulator {
  readonly #region: Region
  readonly #sums: ExactSums
  readonly #stateType: DecimalType
  readonly #returns: DecimalType
  #counts = NO_FLOATS

  constructor(context: AccumulatorContext) {
    this.#region = context.region
    this.#sums = new ExactSums(context.region)
    this.#stateType = context.signature.state[0] as DecimalType
    this.#returns = context.signature.returns as DecimalType
  }

  resize(groupCount: number): void {
    this.#sums.resize(groupCount)
    this.#counts = growFloat64(this.#counts, groupCount, this.#region)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.#sums.add(args[0] as FixedVector, groups, rowCount)
    countValid(args[0]!.validity, groups, rowCount, this.#counts)
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.#sums.add(state[0] as FixedVector, groups, rowCount)
    addCounts(state[1] as FixedVector, groups, rowCount, this.#counts)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    const sums = exactSumVector(this.#sums, this.#stateType, from, count, region, 'fail')
    return [sums, countVector(this.#counts, from, count, region)]
  }

  finish(from: number, count: number, region: Region): Vector {
    const words = this.#sums.words()
    const builder = vectorBuilder(this.#returns, region, count)
    const factor = 10n ** BigInt(this.#returns.scale - this.#stateType.scale)
    for (let i = from; i < from + count; i++) {
      const rows = this.#counts[i]!
      builder.append(rows === 0 ? null : divideHalfUp(sumOf(words, i) * factor, BigInt(rows)))
    }
    return builder.finish()
  }
}

function countValid(
  validity: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  counts: Float64Array,
): void {
  for (let i = 0; i < rowCount; i++) if (validity === null || getBit(validity, i)) counts[groups[i]!]!++
}

function addNumbers(
  values: Float64Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  sums: Float64Array,
): void {
  for (let i = 0; i < rowCount; i++)
    if (validity === null || getBit(validity, i)) sums[groups[i]!]! += values[i]!
}

function addLongs(
  halves: Int32Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  sums: Float64Array,
): void {
  for (let i = 0; i < rowCount; i++)
    if (validity === null || getBit(validity, i))
      sums[groups[i]!]! += halves[2 * i + 1]! * 0x1_0000_0000 + (halves[2 * i]! >>> 0)
}
