import { fixedVector, setBit, type Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import type { Region } from '../../memory/index.ts'
import {
  type DecimalType,
  divideHalfUp,
  formatUnscaled,
  powerOfTen,
  rescale,
  typeName,
} from '../../types/index.ts'
import { divideByZero } from './arithmetic-error.ts'
import { anyNull, bigintReader, halvesOf, type Operand, operandBits, operandOf } from './operand.ts'

export type DecimalOperator = '+' | '-' | '*' | '/' | '%' | 'pmod'

/** What happens to a row that has no answer: an error, or NULL. */
export type OnFailure = 'throw' | 'null'

/** Whether an unscaled value has at most `precision` digits. */
export function fitsPrecision(value: bigint, precision: number): boolean {
  const limit = powerOfTen(precision)
  return value < limit && value > -limit
}

/** The error for a decimal that its type cannot hold. */
export function decimalOverflow(value: bigint, scale: number, type: DecimalType): EngineError {
  const text = `the value ${formatUnscaled(value, scale)} cannot be represented as "${typeName(type)}"`
  return new EngineError('NUMERIC_VALUE_OUT_OF_RANGE', text, {
    hint: 'Use "try_cast" or a "try_" function to get NULL instead, or a wider type.',
  })
}

const MAX_SAFE_BITS = 62

/** Bits of 10^k, rounded up. */
function powerBits(exponent: number): number {
  return Math.ceil(exponent * 3.3219280948873626)
}

/** Arithmetic of two decimal arguments, each with its own scale, into `returns`. */
export function decimalArithmetic(
  operator: DecimalOperator,
  args: readonly Vector[],
  returns: DecimalType,
  rowCount: number,
  region: Region,
  onFailure: OnFailure,
): Vector {
  return (
    fastArithmetic(operator, args, returns, rowCount, region) ??
    exactArithmetic(operator, args, returns, rowCount, region, onFailure)
  )
}

/** One-lane loops for when the values at hand cannot leave int64; undefined when they might. */
function fastArithmetic(
  operator: DecimalOperator,
  args: readonly Vector[],
  returns: DecimalType,
  rowCount: number,
  region: Region,
): Vector | undefined {
  const a = operandOf<BigInt64Array>(args[0]!)
  const b = operandOf<BigInt64Array>(args[1]!)
  if (a.lanes === 2 || b.lanes === 2 || operator === '/' || operator === '%' || operator === 'pmod')
    return undefined
  const aScale = (args[0]!.type as DecimalType).scale
  const bScale = (args[1]!.type as DecimalType).scale
  const aBits = operandBits(a, rowCount)
  const bBits = operandBits(b, rowCount)
  if (operator === '*') {
    if (aScale + bScale !== returns.scale || aBits + bBits > MAX_SAFE_BITS) return undefined
    if (2 ** (aBits + bBits) >= 10 ** returns.precision) return undefined
    const out = region.int64(rowCount)
    multiply(a.values, a.step, b.values, b.step, out, rowCount)
    return fixedVector(returns, rowCount, out)
  }
  const scale = Math.max(aScale, bScale)
  const bits = Math.max(aBits + powerBits(scale - aScale), bBits + powerBits(scale - bScale)) + 1
  if (scale !== returns.scale || bits > MAX_SAFE_BITS) return undefined
  const out = region.int64(rowCount)
  const aFactor = powerOfTen(scale - aScale)
  const bFactor = powerOfTen(scale - bScale)
  if (aFactor === 1n && bFactor === 1n) {
    if (operator === '+') add(a.values, a.step, b.values, b.step, out, rowCount)
    else subtract(a.values, a.step, b.values, b.step, out, rowCount)
  } else {
    const aScaled = scaleBy(a, aFactor, rowCount, region)
    const bScaled = scaleBy(b, bFactor, rowCount, region)
    if (operator === '+') add(aScaled, a.step, bScaled, b.step, out, rowCount)
    else subtract(aScaled, a.step, bScaled, b.step, out, rowCount)
  }
  return fixedVector(returns, rowCount, out)
}

function scaleBy(
  operand: Operand<BigInt64Array>,
  factor: bigint,
  rowCount: number,
  region: Region,
): BigInt64Array {
  if (factor === 1n) return operand.values
  const count = operand.step === 0 ? 1 : rowCount
  const out = region.int64(count)
  multiply(operand.values, 1, BigInt64Array.of(factor), 0, out, count)
  return out
}

/** out = a + b, wrapping. Step 0 repeats the first value. */
export function add(
  a: BigInt64Array,
  aStep: number,
  b: BigInt64Array,
  bStep: number,
  out: BigInt64Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) out[i] = BigInt.asIntN(64, a[i * aStep]! + b[i * bStep]!)
}

/** out = a - b, wrapping. */
export function subtract(
  a: BigInt64Array,
  aStep: number,
  b: BigInt64Array,
  bStep: number,
  out: BigInt64Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) out[i] = BigInt.asIntN(64, a[i * aStep]! - b[i * bStep]!)
}

/** out = a * b, wrapping. */
export function multiply(
  a: BigInt64Array,
  aStep: number,
  b: BigInt64Array,
  bStep: number,
  out: BigInt64Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) out[i] = BigInt.asIntN(64, a[i * aStep]! * b[i * bStep]!)
}

/** Any decimals, row by row with arbitrary integers. */
function exactArithmetic(
  operator: DecimalOperator,
  args: readonly Vector[],
  returns: DecimalType,
  rowCount: number,
  region: Region,
  onFailure: OnFailure,
): Vector {
  const compute = rowOperation(
    operator,
    args[0]!.type as DecimalType,
    args[1]!.type as DecimalType,
    returns.scale,
  )
  const readA = bigintReader(operandOf(args[0]!))
  const readB = bigintReader(operandOf(args[1]!))
  const divides = operator === '/' || operator === '%' || operator === 'pmod'
  const writer = decimalWriter(returns, rowCount, region)
  for (let row = 0; row < rowCount; row++) {
    if (anyNull(args, row)) {
      writer.skip(row)
      continue
    }
    const b = readB(row)
    if (divides && b === 0n) {
      if (onFailure === 'throw') throw divideByZero(operator)
      writer.skip(row)
      continue
    }
    const value = compute(readA(row), b)
    if (fitsPrecision(value, returns.precision)) writer.set(row, value)
    else if (onFailure === 'throw') throw decimalOverflow(value, returns.scale, returns)
    else writer.skip(row)
  }
  return writer.finish()
}

function rowOperation(
  operator: DecimalOperator,
  a: DecimalType,
  b: DecimalType,
  scale: number,
): (a: bigint, b: bigint) => bigint {
  const common = Math.max(a.scale, b.scale)
  const aFactor = powerOfTen(common - a.scale)
  const bFactor = powerOfTen(common - b.scale)
  switch (operator) {
    case '+':
      return (x, y) => rescale(x * aFactor + y * bFactor, common, scale)
    case '-':
      return (x, y) => rescale(x * aFactor - y * bFactor, common, scale)
    case '*':
      return (x, y) => rescale(x * y, a.scale + b.scale, scale)
    case '/': {
      const shift = scale + b.scale - a.scale
      const up = powerOfTen(Math.max(0, shift))
      const down = powerOfTen(Math.max(0, -shift))
      return (x, y) => divideHalfUp(x * up, y * down)
    }
    case '%':
      return (x, y) => rescale((x * aFactor) % (y * bFactor), common, scale)
    case 'pmod':
      return (x, y) => {
        const rest = (x * aFactor) % (y * bFactor)
        return rescale(rest < 0n ? (rest + y * bFactor) % (y * bFactor) : rest, common, scale)
      }
  }
}

/** Writes unscaled decimals row by row, with as many lanes as the type may need; rows skipped are NULL. */
export interface DecimalWriter {
  set(row: number, value: bigint): void
  skip(row: number): void
  finish(): Vector
}

/** A writer for `rowCount` rows of a decimal or int64-based type. Narrows to one lane if every value fits. */
export function decimalWriter(type: DecimalType, rowCount: number, region: Region): DecimalWriter {
  const lanes = type.precision > 18 ? 2 : 1
  const values = region.int64(rowCount * lanes).fill(0n)
  const validity = region.bitmap(rowCount)
  return {
    set(row, value) {
      setBit(validity, row)
      if (lanes === 1) values[row] = value
      else {
        values[2 * row] = BigInt.asIntN(64, value)
        values[2 * row + 1] = value >> 64n
      }
    },
    skip() {},
    finish() {
      if (lanes === 1) return fixedVector(type, rowCount, values, validity)
      if (!fitsOneLane(values, rowCount)) return fixedVector(type, rowCount, values, validity, 2)
      const narrow = region.int64(rowCount)
      const from = halvesOf(values)
      const to = halvesOf(narrow)
      for (let i = 0; i < rowCount; i++) {
        to[2 * i] = from[4 * i]!
        to[2 * i + 1] = from[4 * i + 1]!
      }
      return fixedVector(type, rowCount, narrow, validity)
    },
  }
}

/** Whether the high word of every pair is only the sign of the low word. */
function fitsOneLane(values: BigInt64Array, rowCount: number): boolean {
  const halves = halvesOf(values)
  let differs = 0
  for (let i = 0; i < 4 * rowCount; i += 4) {
    const sign = halves[i + 1]! >> 31
    differs |= (halves[i + 2]! ^ sign) | (halves[i + 3]! ^ sign)
  }
  return differs === 0
}
