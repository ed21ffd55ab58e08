import { type BytesVector, getBit, setBit, type Vector, valueReader } from '../../batch/index.ts'
import { addressIn, textKernels } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { valueOrder } from './compare-values.ts'
import { anyNull, bigintReader, halvesOf, type Operand, operandOf } from './operand.ts'

/** The two comparisons that loops exist for; the others are their negation or mirror. */
export type BaseComparison = '=' | '<'

/**
 * Writes a = b or a < b of every row as bits; bits under NULL are arbitrary. Both arguments have one type.
 */
export function compareVectors(
  operator: BaseComparison,
  a: Vector,
  b: Vector,
  rowCount: number,
  region: Region,
): Uint8Array {
  const bits = region.uint8((rowCount + 7) >> 3)
  const isEqual = operator === '='
  switch (a.type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'interval_ym':
      compareInts(isEqual, operandOf<Int32Array>(a), operandOf<Int32Array>(b), bits, rowCount)
      break
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'interval_dt':
      compareLongs(isEqual, operandOf<BigInt64Array>(a), operandOf<BigInt64Array>(b), bits, rowCount)
      break
    case 'decimal':
      compareDecimals(isEqual, a, b, bits, rowCount)
      break
    case 'float32':
    case 'float64':
      compareFloats(isEqual, operandOf<Float64Array>(a), operandOf<Float64Array>(b), bits, rowCount)
      break
    case 'string':
    case 'binary':
      compareBytes(isEqual, a, b, bits, rowCount, region)
      break
    default:
      compareOther(isEqual, a, b, bits.fill(0), rowCount)
  }
  return bits
}

function compareInts(
  isEqual: boolean,
  a: Operand<Int32Array>,
  b: Operand<Int32Array>,
  bits: Uint8Array,
  n: number,
): void {
  if (isEqual) equalInts(a.values, a.step, b.values, b.step, bits, n)
  else lessInts(a.values, a.step, b.values, b.step, bits, n)
}

function equalInts(a: Int32Array, sa: number, b: Int32Array, sb: number, bits: Uint8Array, n: number): void {
  for (let base = 0; base < n; base += 8) {
    const end = Math.min(n, base + 8)
    let byte = 0
    for (let i = base; i < end; i++) byte |= (a[i * sa]! === b[i * sb]! ? 1 : 0) << (i - base)
    bits[base >> 3] = byte
  }
}

function lessInts(a: Int32Array, sa: number, b: Int32Array, sb: number, bits: Uint8Array, n: number): void {
  for (let base = 0; base < n; base += 8) {
    const end = Math.min(n, base + 8)
    let byte = 0
    for (let i = base; i < end; i++) byte |= (a[i * sa]! < b[i * sb]! ? 1 : 0) << (i - base)
    bits[base >> 3] = byte
  }
}

function compareLongs(
  isEqual: boolean,
  a: Operand<BigInt64Array>,
  b: Operand<BigInt64Array>,
  bits: Uint8Array,
  n: number,
): void {
  const loop = isEqual ? equalLongs : lessLongs
  loop(halvesOf(a.values), 2 * a.step, halvesOf(b.values), 2 * b.step, bits, n)
}

function equalLongs(a: Int32Array, sa: number, b: Int32Array, sb: number, bits: Uint8Array, n: number): void {
  for (let base = 0; base < n; base += 8) {
    const end = Math.min(n, base + 8)
    let byte = 0
    for (let i = base; i < end; i++) {
      const differs = (a[i * sa]! ^ b[i * sb]!) | (a[i * sa + 1]! ^ b[i * sb + 1]!)
      byte |= (differs === 0 ? 1 : 0) << (i - base)
    }
    bits[base >> 3] = byte
  }
}

function lessLongs(a: Int32Array, sa: number, b: Int32Array, sb: number, bits: Uint8Array, n: number): void {
  for (let base = 0; base < n; base += 8) {
    const end = Math.min(n, base + 8)
    let byte = 0
    for (let i = base; i < end; i++) {
      const ah = a[i * sa + 1]!
      const bh = b[i * sb + 1]!
      const less = ah < bh || (ah === bh && a[i * sa]! >>> 0 < b[i * sb]! >>> 0)
      byte |= (less ? 1 : 0) << (i - base)
    }
    bits[base >> 3] = byte
  }
}

function compareDecimals(isEqual: boolean, left: Vector, right: Vector, bits: Uint8Array, n: number): void {
  const a = operandOf<BigInt64Array>(left)
  const b = operandOf<BigInt64Array>(right)
  if (a.lanes === 1 && b.lanes === 1) {
    compareLongs(isEqual, a, b, bits, n)
    return
  }
  const readA = bigintReader(a)
  const readB = bigintReader(b)
  bits.fill(0)
  for (let i = 0; i < n; i++) if (isEqual ? readA(i) === readB(i) : readA(i) < readB(i)) setBit(bits, i)
}

function compareFloats(
  isEqual: boolean,
  a: Operand<Float64Array>,
  b: Operand<Float64Array>,
  bits: Uint8Array,
  n: number,
): void {
  if (isEqual) equalFloats(a.values, a.step, b.values, b.step, bits, n)
  else lessFloats(a.values, a.step, b.values, b.step, bits, n)
}

/** NaN equals NaN. */
function equalFloats(
  a: Float64Array,
  sa: number,
  b: Float64Array,
  sb: number,
  bits: Uint8Array,
  n: number,
): void {
  bits.fill(0)
  for (let i = 0; i < n; i++) {
    const x = a[i * sa]!
    const y = b[i * sb]!
    bits[i >> 3]! |= (x === y || (x !== x && y !== y) ? 1 : 0) << (i & 7)
  }
}

/** NaN is greater than all others. */
function lessFloats(
  a: Float64Array,
  sa: number,
  b: Float64Array,
  sb: number,
  bits: Uint8Array,
  n: number,
): void {
  bits.fill(0)
  for (let i = 0; i < n; i++) {
    const x = a[i * sa]!
    const y = b[i * sb]!
    bits[i >> 3]! |= (x < y || (x === x && y !== y) ? 1 : 0) << (i & 7)
  }
}

/** A string or binary argument for a loop; constants have step 0. */
export interface BytesOperand {
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
  readonly step: 0 | 1
}

/** The bytes of a flat or constant argument. */
export function bytesOperand(vector: Vector): BytesOperand {
  const constant = vector.encoding === 'constant'
  const { offsets, bytes } = (constant ? vector.value : vector) as BytesVector
  return { offsets, bytes, step: constant ? 0 : 1 }
}

function compareBytes(isEqual: boolean, a: Vector, b: Vector, bits: Uint8Array, n: number, region: Region) {
  const [x, y] = [bytesOperand(a), bytesOperand(b)]
  textKernels(region.pool).compareTexts(
    isEqual ? 0 : 1,
    addressIn(region, x.offsets),
    addressIn(region, x.bytes),
    x.step,
    addressIn(region, y.offsets),
    addressIn(region, y.bytes),
    y.step,
    n,
    bits.byteOffset,
  )
}

/** Booleans and nested types, value by value. */
function compareOther(isEqual: boolean, a: Vector, b: Vector, bits: Uint8Array, n: number): void {
  const order = valueOrder(a.type)
  const readA = valueReader(a)
  const readB = valueReader(b)
  for (let i = 0; i < n; i++) {
    if (anyNull([a, b], i)) continue
    const result = order(readA(i), readB(i))
    if (isEqual ? result === 0 : result < 0) setBit(bits, i)
  }
}

/** bits = NOT bits, in place. */
export function invertBits(bits: Uint8Array): Uint8Array {
  for (let i = 0; i < bits.length; i++) bits[i] = ~bits[i]!
  return bits
}

/** Whether the row is there and its bit is one. */
export function isTrue(bits: Uint8Array, validity: Uint8Array | null, row: number): boolean {
  return getBit(bits, row) && (validity === null || getBit(validity, row))
}
