import { allocateFixed, fixedVector, setBit, type Vector, valueReader } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { type DataType, divideHalfUp, isNumeric, powerOfTen, types } from '../../types/index.ts'
import type { Signature } from '../scalar-function.ts'
import { arithmeticOverflow, divideByZero, intervalDividedByZero } from './arithmetic-error.ts'
import type { OnFailure } from './decimal-arithmetic.ts'
import { anyNull } from './operand.ts'

/** Types of interval * number and interval / number; undefined if no interval takes part. */
export function intervalScalingSignature(
  operator: '*' | '/',
  a: DataType,
  b: DataType,
): Signature | undefined {
  const factor = (type: DataType) => (type.kind === 'string' || type.kind === 'null' ? types.float64 : type)
  const scales = (type: DataType) => isNumeric(type) || type.kind === 'string' || type.kind === 'null'
  if (isInterval(a) && scales(b)) return { args: [a, factor(b)], returns: a }
  if (operator === '*' && isInterval(b) && scales(a)) return { args: [factor(a), b], returns: b }
  return undefined
}

function isInterval({ kind }: DataType): boolean {
  return kind === 'interval_ym' || kind === 'interval_dt'
}

/** Interval times or over a number, rounded half up; `div` of two intervals or decimals without fraction. */
export function intervalScaling(
  operator: '*' | '/' | 'div',
  args: readonly Vector[],
  returns: DataType,
  rowCount: number,
  region: Region,
  onFailure: OnFailure,
): Vector {
  const swap = !isInterval(args[0]!.type) && operator === '*'
  const main = swap ? args[1]! : args[0]!
  const other = swap ? args[0]! : args[1]!
  const readMain = valueReader(main)
  const readOther = valueReader(other)
  const mainScale = main.type.kind === 'decimal' ? main.type.scale : 0
  const otherScale = other.type.kind === 'decimal' ? other.type.scale : 0
  const months = returns.kind === 'interval_ym'
  const out = allocateFixed(returns, rowCount, region)
  out.fill((months ? 0 : 0n) as never)
  const validity = region.bitmap(rowCount)
  const limit = months ? 2n ** 31n : 2n ** 63n
  for (let row = 0; row < rowCount; row++) {
    if (anyNull(args, row)) continue
    const left = BigInt(readMain(row) as number | bigint)
    const right = readOther(row) as number | bigint
    if (operator !== '*' && Number(right) === 0) {
      if (onFailure === 'throw')
        throw args[0]!.type.kind.startsWith('interval') ? intervalDividedByZero() : divideByZero()
      continue
    }
    const value = combine(operator, left, right, mainScale, otherScale)
    if (value < -limit || value >= limit) {
      if (onFailure === 'null') continue
      throw arithmeticOverflow(months || returns.kind === 'interval_dt' ? 'interval' : 'bigint')
    }
    out[row] = (months ? Number(value) : value) as never
    setBit(validity, row)
  }
  return fixedVector(returns, rowCount, out, validity)
}

function combine(
  operator: '*' | '/' | 'div',
  left: bigint,
  right: number | bigint,
  leftScale: number,
  rightScale: number,
): bigint {
  if (operator === 'div') return (left * powerOfTen(rightScale)) / (BigInt(right) * powerOfTen(leftScale))
  if (typeof right === 'number' && !Number.isInteger(right)) {
    const value = operator === '*' ? Number(left) * right : Number(left) / right
    if (!Number.isFinite(value)) throw arithmeticOverflow('interval')
    return BigInt(value < 0 ? -Math.round(-value) : Math.round(value))
  }
  const factor = BigInt(right)
  if (operator === '*')
    return rightScale === 0 ? left * factor : divideHalfUp(left * factor, powerOfTen(rightScale))
  return divideHalfUp(left * powerOfTen(rightScale), factor)
}
