import { decimal128, type FixedArray, type FixedVector, getBit, type Vector } from '../../batch/index.ts'
import { assert } from '../../errors.ts'

/** A fixed-width argument for a loop: row i is `values[i * step]`; constants have step 0. */
export interface Operand<T extends FixedArray = FixedArray> {
  readonly values: T
  readonly step: 0 | 1
  readonly lanes: 1 | 2
}

/** The values of a flat or constant argument of fixed width. */
export function operandOf<T extends FixedArray>(vector: Vector): Operand<T> {
  const constant = vector.encoding === 'constant'
  const fixed = (constant ? vector.value : vector) as FixedVector
  assert(fixed.encoding === 'fixed', `a loop over fixed-width values got a ${vector.encoding} vector`)
  // The caller names the array that goes with the argument's type.
  return { values: fixed.values as T, step: constant ? 0 : 1, lanes: fixed.lanes }
}

/** The 32-bit halves of 64-bit integers, low half first: loops over them make no BigInts. */
export function halvesOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2)
}

/** Bits b such that every one of the first `count` values lies in [-2^b, 2^b). */
export function boundBits(values: BigInt64Array, count: number): number {
  const halves = halvesOf(values)
  let high = 0
  let low = 0
  for (let i = 0, end = 2 * count; i < end; i += 2) {
    const word = halves[i + 1]!
    const sign = word >> 31
    high |= word ^ sign
    low |= halves[i]! ^ sign
  }
  return high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low)
}

/** `boundBits` of an operand with one lane over `rowCount` rows. */
export function operandBits(operand: Operand<BigInt64Array>, rowCount: number): number {
  return boundBits(operand.values, operand.step === 0 ? 1 : rowCount)
}

/** Whether row `row` is NULL in any of the arguments. */
export function anyNull(args: readonly Vector[], row: number): boolean {
  for (const { validity } of args) if (validity !== null && !getBit(validity, row)) return true
  return false
}

/** Reads the exact integer of a row: int64 and decimals of either width. */
export function bigintReader({ values, step, lanes }: Operand<BigInt64Array>): (row: number) => bigint {
  if (lanes === 1) return (row) => values[row * step]!
  return (row) => decimal128(values, row * step)
}
