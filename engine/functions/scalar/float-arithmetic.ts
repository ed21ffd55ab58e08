import { allocateFixed, fixedVector, setBit, type Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { divideByZero } from './arithmetic-error.ts'
import type { DecimalOperator, OnFailure } from './decimal-arithmetic.ts'
import { anyNull, operandOf } from './operand.ts'

/** Arithmetic of two floats of one type. Only division and remainder by zero fail. */
export function floatArithmetic(
  operator: DecimalOperator,
  args: readonly Vector[],
  rowCount: number,
  region: Region,
  onFailure: OnFailure,
): Vector {
  const { type } = args[0]!
  const a = operandOf<Float64Array>(args[0]!)
  const b = operandOf<Float64Array>(args[1]!)
  // A loop over float32 is the same code; it only makes the loop see two kinds of array.
  const out = allocateFixed(type, rowCount, region) as Float64Array
  const loop = LOOPS[operator]
  const zeros = loop(a.values, a.step, b.values, b.step, out, rowCount)
  if (zeros === 0) return fixedVector(type, rowCount, out)
  const validity = region.bitmap(rowCount)
  for (let row = 0; row < rowCount; row++) {
    if (anyNull(args, row)) continue
    if (b.values[row * b.step] !== 0) setBit(validity, row)
    else if (onFailure === 'throw') throw divideByZero(operator)
  }
  return fixedVector(type, rowCount, out, validity)
}

type Loop = (a: Float64Array, sa: number, b: Float64Array, sb: number, out: Float64Array, n: number) => number

const LOOPS: Readonly<Record<DecimalOperator, Loop>> = {
  '+': addFloats,
  '-': subtractFloats,
  '*': multiplyFloats,
  '/': divideFloats,
  '%': remainderFloats,
  pmod: pmodFloats,
}

function addFloats(
  a: Float64Array,
  sa: number,
  b: Float64Array,
  sb: number,
  out: Float64Array,
  n: number,
): number {
  for (let i = 0; i < n; i++) out[i] = a[i * sa]! + b[i * sb]!
  return 0
}

function subtractFloats(
  a: Float64Array,
  sa: number,
  b: Float64Array,
  sb: number,
  out: Float64Array,
  n: number,
): number {
  for (let i = 0; i < n; i++) out[i] = a[i * sa]! - b[i * sb]!
  return 0
}

function multiplyFloats(
  a: Float64Array,
  sa: number,
  b: Float64Array,
  sb: number,
  out: Float64Array,
  n: number,
): number {
  for (let i = 0; i < n; i++) out[i] = a[i * sa]! * b[i * sb]!
  return 0
}

function divideFloats(
  a: Float64Array,
  sa: number,
  b: Float64Array,
  sb: number,
  out: Float64Array,
  n: number,
): number {
  let zeros = 0
  for (let i = 0; i < n; i++) {
    const divisor = b[i * sb]!
    if (divisor === 0) zeros = 1
    out[i] = a[i * sa]! / divisor
  }
  return zeros
}

function remainderFloats(
  a: Float64Array,
  sa: number,
  b: Float64Array,
  sb: number,
  out: Float64Array,
  n: number,
): number {
  let zeros = 0
  for (let i = 0; i < n; i++) {
    const divisor = b[i * sb]!
    if (divisor === 0) zeros = 1
    out[i] = a[i * sa]! % divisor
  }
  return zeros
}

function pmodFloats(
  a: Float64Array,
  sa: number,
  b: Float64Array,
  sb: number,
  out: Float64Array,
  n: number,
): number {
  let zeros = 0
  for (let i = 0; i < n; i++) {
    const divisor = b[i * sb]!
    if (divisor === 0) zeros = 1
    const rest = a[i * sa]! % divisor
    out[i] = rest < 0 ? (rest + divisor) % divisor : rest
  }
  return zeros
}
