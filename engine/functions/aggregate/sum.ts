import { type FixedVector, fixedVector, getBit, halvesOf, setBit, type Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import type { Region } from '../../memory/index.ts'
import {
  type DataType,
  isFloat,
  MAX_DECIMAL_PRECISION,
  MAX_INT64_PRECISION,
  types,
} from '../../types/index.ts'
import type {
  Accumulator,
  AccumulatorContext,
  AggregateFunction,
  AggregateSignature,
} from '../aggregate-function.ts'
import { numeric, oneOf, signature } from '../signature.ts'
import { approximateSum, ExactSums, fits64, sumOf } from './exact-sums.ts'
import { growFloat64, growUint8, NO_BYTES, NO_FLOATS } from './growable.ts'

const summable = oneOf('a number or an interval', isSummable, types.float64)

function isSummable(type: DataType): boolean {
  return numeric.accept(type) === type || type.kind === 'interval_ym' || type.kind === 'interval_dt'
}

/** The type of a sum: integers give bigint, decimals ten more digits, floats double, intervals themselves. */
export function sumType(type: DataType): DataType {
  if (type.kind === 'decimal')
    return {
      kind: 'decimal',
      precision: Math.min(MAX_DECIMAL_PRECISION, type.precision + 10),
      scale: type.scale,
    }
  if (isFloat(type)) return types.float64
  return type.kind === 'interval_ym' || type.kind === 'interval_dt' ? type : types.int64
}

/** Partial sums of integers may leave 64 bits and come back. */
const WIDE: DataType = { kind: 'decimal', precision: MAX_DECIMAL_PRECISION, scale: 0 }

function resolveSum(name: string): AggregateFunction['resolve'] {
  const resolve = signature(name, [summable], ([type]) => sumType(type!))
  return (args, literals): AggregateSignature => {
    const { args: cast, returns } = resolve(args, literals)
    return { args: cast, returns, state: [returns.kind === 'int64' ? WIDE : returns] }
  }
}

/**
 * The sum of values that are not NULL; NULL if there are none. ARITHMETIC_OVERFLOW if it does not fit its
 * type.
 */
export const sum: AggregateFunction = {
  name: 'sum',
  usage: 'sum(expr) - the sum of the values',
  resolve: resolveSum('sum'),
  accumulator: (context) => sumAccumulator(context, 'fail'),
}

/** As sum, but NULL instead of an overflow error. */
export const trySum: AggregateFunction = {
  name: 'try_sum',
  usage: 'try_sum(expr) - the sum of the values, NULL if it overflows',
  resolve: resolveSum('try_sum'),
  accumulator: (context) => sumAccumulator(context, 'null'),
}

function sumAccumulator(context: AccumulatorContext, overflow: 'fail' | 'null'): Accumulator {
  return context.signature.returns.kind === 'float64'
    ? new FloatSum(context)
    : new ExactSum(context, overflow)
}

class ExactSum implements Accumulator {
  readonly #sums: ExactSums
  readonly #type: DataType
  readonly #stateType: DataType
  readonly #overflow: 'fail' | 'null'

  constructor(context: AccumulatorContext, overflow: 'fail' | 'null') {
    this.#sums = new ExactSums(context.region)
    this.#type = context.signature.returns
    this.#stateType = context.signature.state[0]!
    this.#overflow = overflow
  }

  resize(groupCount: number): void {
    this.#sums.resize(groupCount)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.#sums.add(args[0] as FixedVector, groups, rowCount)
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.#sums.add(state[0] as FixedVector, groups, rowCount)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return [exactSumVector(this.#sums, this.#stateType, from, count, region, this.#overflow)]
  }

  finish(from: number, count: number, region: Region): Vector {
    return exactSumVector(this.#sums, this.#type, from, count, region, this.#overflow)
  }
}

/** Sums of groups [from, from + count) as a column of an integer, interval or decimal type. */
export function exactSumVector(
  sums: ExactSums,
  type: DataType,
  from: number,
  count: number,
  region: Region,
  overflow: 'fail' | 'null',
): FixedVector {
  const words = sums.words()
  let fit = true
  for (let i = from; i < from + count && fit; i++) fit = fits64(words, i)
  const lanes = type.kind === 'decimal' && type.precision > MAX_INT64_PRECISION && !fit ? 2 : 1
  const isInt32 = type.kind === 'interval_ym'
  const values = isInt32 ? region.int32(count) : region.int64(count * lanes)
  const halves = values instanceof BigInt64Array ? halvesOf(values) : values
  const stride = isInt32 ? 1 : lanes * 2
  const validity = region.bitmap(count)
  for (let i = 0; i < count; i++) {
    const group = from + i
    for (let word = 0; word < stride; word++) halves[i * stride + word] = words[word]![group]!
    if (sums.has(group) && checkSum(words, group, type, overflow)) setBit(validity, i)
  }
  return fixedVector(type, count, values, validity, lanes)
}

/** Whether a sum fits its type; ARITHMETIC_OVERFLOW or false if not. */
function checkSum(
  words: readonly Float64Array[],
  group: number,
  type: DataType,
  overflow: 'fail' | 'null',
): boolean {
  if (type.kind === 'interval_ym') {
    const value = sumOf(words, group)
    if (value === BigInt.asIntN(32, value)) return true
  } else if (type.kind !== 'decimal') {
    if (fits64(words, group)) return true
  } else {
    const approximate = Math.abs(approximateSum(words, group))
    const limit = 10 ** type.precision
    if (approximate < limit * 0.999999) return true
    const exact = sumOf(words, group)
    const bound = 10n ** BigInt(type.precision)
    if (exact < bound && exact > -bound) return true
  }
  if (overflow === 'null') return false
  throw sumOverflow(type)
}

/** The error of a sum that its type cannot hold. */
export function sumOverflow(type: DataType): EngineError {
  const code = type.kind === 'decimal' ? 'NUMERIC_VALUE_OUT_OF_RANGE' : 'ARITHMETIC_OVERFLOW'
  return new EngineError(code, 'a sum does not fit its type', {
    hint: 'Use "try_sum" to get NULL instead, or cast the argument to a wider type.',
  })
}

class FloatSum implements Accumulator {
  readonly #region: Region
  #sums = NO_FLOATS
  #seen = NO_BYTES

  constructor(context: AccumulatorContext) {
    this.#region = context.region
  }

  resize(groupCount: number): void {
    this.#sums = growFloat64(this.#sums, groupCount, this.#region)
    this.#seen = growUint8(this.#seen, groupCount, this.#region)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const { values, validity } = args[0] as FixedVector
    addFloats(values as Float64Array, validity, groups, rowCount, this.#sums, this.#seen)
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.update(state, groups, rowCount)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return [this.finish(from, count, region)]
  }

  finish(from: number, count: number, region: Region): Vector {
    const values = region.float64(count)
    values.set(this.#sums.subarray(from, from + count))
    return fixedVector(types.float64, count, values, seenBitmap(this.#seen, from, count, region))
  }
}

/** Bits of groups [from, from + count) that had a value. */
export function seenBitmap(seen: ArrayLike<number>, from: number, count: number, region: Region): Uint8Array {
  const bits = region.bitmap(count)
  for (let i = 0; i < count; i++) if (seen[from + i] !== 0) setBit(bits, i)
  return bits
}

function addFloats(
  values: Float64Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  sums: Float64Array,
  seen: Uint8Array,
): void {
  for (let i = 0; i < rowCount; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const group = groups[i]!
    sums[group]! += values[i]!
    seen[group] = 1
  }
}
