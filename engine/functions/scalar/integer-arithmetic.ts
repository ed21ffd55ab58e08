import { allocateFixed, fixedVector, setBit, type Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { type DataType, typeName } from '../../types/index.ts'
import { arithmeticOverflow, divideByZero } from './arithmetic-error.ts'
import { add, multiply, type OnFailure, subtract } from './decimal-arithmetic.ts'
import { anyNull, operandBits, operandOf } from './operand.ts'

export type IntegerOperator = '+' | '-' | '*' | 'div' | '%' | 'pmod'

type Small = Int8Array | Int16Array | Int32Array

const RANGE: Readonly<Record<string, number>> = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31 }
const TRY_NAMES: Readonly<Record<string, string>> = {
  '+': 'try_add',
  '-': 'try_subtract',
  '*': 'try_multiply',
}

/** Arithmetic of two integers of one type; NULL or an error where the type cannot hold the result. */
export function integerArithmetic(
  operator: IntegerOperator,
  args: readonly Vector[],
  type: DataType,
  rowCount: number,
  region: Region,
  onFailure: OnFailure,
): Vector {
  if (args[0]!.type.kind === 'int64')
    return (
      fast64(operator, args, rowCount, region) ?? exact64(operator, args, type, rowCount, region, onFailure)
    )
  const a = operandOf<Int32Array>(args[0]!)
  const b = operandOf<Int32Array>(args[1]!)
  const kind = args[0]!.type.kind
  // `div` on small integers gives bigint; the loop is the same over a narrower output first.
  const out =
    kind === 'int32' ? region.int32(rowCount) : (allocateFixed(args[0]!.type, rowCount, region) as Small)
  const loop = {
    '+': addSmall,
    '-': subtractSmall,
    '*': multiplySmall,
    div: divideSmall,
    '%': remainderSmall,
    pmod: pmodSmall,
  }
  const bad = loop[operator](a.values, a.step, b.values, b.step, out as Int32Array, rowCount, RANGE[kind]!)
  const result = fixedVector(args[0]!.type, rowCount, out)
  return bad === 0 ? result : failRows(operator, args, result, rowCount, region, onFailure)
}

/** Some rows went wrong: finds them, and throws or marks them NULL. */
function failRows(
  operator: IntegerOperator,
  args: readonly Vector[],
  result: Vector,
  rowCount: number,
  region: Region,
  onFailure: OnFailure,
): Vector {
  const a = operandOf<Int32Array>(args[0]!)
  const b = operandOf<Int32Array>(args[1]!)
  const limit = RANGE[args[0]!.type.kind]!
  const validity = region.bitmap(rowCount)
  for (let row = 0; row < rowCount; row++) {
    if (anyNull(args, row)) continue
    const x = a.values[row * a.step]!
    const y = b.values[row * b.step]!
    const divides = operator === 'div' || operator === '%' || operator === 'pmod'
    const exact = operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : 0
    if (divides && y === 0) {
      if (onFailure === 'throw') throw divideByZero(operator)
    } else if (exact < -limit || exact >= limit) {
      if (onFailure === 'throw') throw arithmeticOverflow(typeName(args[0]!.type), TRY_NAMES[operator])
    } else setBit(validity, row)
  }
  const fixed = operandOf(result)
  return fixedVector(result.type, rowCount, fixed.values, validity)
}

function addSmall(
  a: Int32Array,
  sa: number,
  b: Int32Array,
  sb: number,
  out: Int32Array,
  n: number,
  limit: number,
): number {
  let bad = 0
  for (let i = 0; i < n; i++) {
    const value = a[i * sa]! + b[i * sb]!
    if (value >= limit || value < -limit) bad = 1
    out[i] = value
  }
  return bad
}

function subtractSmall(
  a: Int32Array,
  sa: number,
  b: Int32Array,
  sb: number,
  out: Int32Array,
  n: number,
  limit: number,
): number {
  let bad = 0
  for (let i = 0; i < n; i++) {
    const value = a[i * sa]! - b[i * sb]!
    if (value >= limit || value < -limit) bad = 1
    out[i] = value
  }
  return bad
}

function multiplySmall(
  a: Int32Array,
  sa: number,
  b: Int32Array,
  sb: number,
  out: Int32Array,
  n: number,
  limit: number,
): number {
  let bad = 0
  for (let i = 0; i < n; i++) {
    const value = a[i * sa]! * b[i * sb]!
    if (value >= limit || value < -limit) bad = 1
    out[i] = value
  }
  return bad
}

function divideSmall(
  a: Int32Array,
  sa: number,
  b: Int32Array,
  sb: number,
  out: Int32Array,
  n: number,
): number {
  let bad = 0
  for (let i = 0; i < n; i++) {
    const divisor = b[i * sb]!
    if (divisor === 0) bad = 1
    out[i] = a[i * sa]! / divisor
  }
  return bad
}

function remainderSmall(
  a: Int32Array,
  sa: number,
  b: Int32Array,
  sb: number,
  out: Int32Array,
  n: number,
): number {
  let bad = 0
  for (let i = 0; i < n; i++) {
    const divisor = b[i * sb]!
    if (divisor === 0) bad = 1
    out[i] = a[i * sa]! % divisor
  }
  return bad
}

function pmodSmall(a: Int32Array, sa: number, b: Int32Array, sb: number, out: Int32Array, n: number): number {
  let bad = 0
  for (let i = 0; i < n; i++) {
    const divisor = b[i * sb]!
    if (divisor === 0) bad = 1
    const rest = a[i * sa]! % divisor
    out[i] = rest < 0 ? (rest + divisor) % divisor : rest
  }
  return bad
}

/** int64 loops for when the values at hand cannot overflow. */
function fast64(
  operator: IntegerOperator,
  args: readonly Vector[],
  rowCount: number,
  region: Region,
): Vector | undefined {
  if (operator !== '+' && operator !== '-' && operator !== '*') return undefined
  const a = operandOf<BigInt64Array>(args[0]!)
  const b = operandOf<BigInt64Array>(args[1]!)
  const aBits = operandBits(a, rowCount)
  const bBits = operandBits(b, rowCount)
  if (operator === '*' ? aBits + bBits > 62 : Math.max(aBits, bBits) > 62) return undefined
  const out = region.int64(rowCount)
  const loop = operator === '+' ? add : operator === '-' ? subtract : multiply
  loop(a.values, a.step, b.values, b.step, out, rowCount)
  return fixedVector(args[0]!.type, rowCount, out)
}

function exact64(
  operator: IntegerOperator,
  args: readonly Vector[],
  type: DataType,
  rowCount: number,
  region: Region,
  onFailure: OnFailure,
): Vector {
  const a = operandOf<BigInt64Array>(args[0]!)
  const b = operandOf<BigInt64Array>(args[1]!)
  const out = region.int64(rowCount).fill(0n)
  const validity = region.bitmap(rowCount)
  for (let row = 0; row < rowCount; row++) {
    if (anyNull(args, row)) continue
    const x = a.values[row * a.step]!
    const y = b.values[row * b.step]!
    if (y === 0n && (operator === 'div' || operator === '%' || operator === 'pmod')) {
      if (onFailure === 'throw') throw divideByZero(operator)
      continue
    }
    const value = compute64(operator, x, y)
    if (BigInt.asIntN(64, value) !== value) {
      if (onFailure === 'throw') throw arithmeticOverflow('bigint', TRY_NAMES[operator])
      continue
    }
    out[row] = value
    setBit(validity, row)
  }
  return fixedVector(type, rowCount, out, validity)
}

function compute64(operator: IntegerOperator, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case 'div':
      return x / y
    case '%':
      return x % y
    case 'pmod': {
      const rest = x % y
      return rest < 0n ? (rest + y) % y : rest
    }
  }
}
