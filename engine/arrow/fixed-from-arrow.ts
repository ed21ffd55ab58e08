import type { Data } from 'apache-arrow'
import { allocateFixed, copyBits, type FixedArray, getBit, lanesOf } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import type { Arrow } from './load-arrow.ts'

type Numbers =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array

/** Values of one width as the engine keeps them: copied, widened, in its units. */
export function fixedFromArrow(
  arrow: Arrow,
  data: Data,
  type: DataType,
  region: Region,
  validity: Uint8Array | null,
  column: string,
): FixedArray {
  const { length } = data
  const out = allocateFixed(type, length, region, lanesOf(type))
  const source = data.values as unknown as Numbers | BigInt64Array | BigUint64Array
  const kinds = arrow.DataType
  if (type.kind === 'boolean') copyBits(source as Uint8Array, data.offset, out as Uint8Array, length)
  else if (type.kind === 'decimal')
    copyDecimals(arrow, data, type.precision, out as BigInt64Array, validity, column)
  else if (kinds.isFloat(data.type) && data.type.precision === arrow.Precision.HALF)
    for (let row = 0; row < length; row++) out[row] = halfFloat(source[row] as number)
  else if (kinds.isDate(data.type) && source instanceof BigInt64Array)
    for (let row = 0; row < length; row++) out[row] = Math.floor(Number(source[row]!) / 86_400_000)
  else if (kinds.isInterval(data.type) && data.type.unit === arrow.IntervalUnit.DAY_TIME)
    copyDayTimes(source as Int32Array, out as BigInt64Array)
  else if (kinds.isTimestamp(data.type) || kinds.isDuration(data.type))
    copyTimes(source as BigInt64Array, data.type.unit, out as BigInt64Array, length)
  else if (out instanceof BigInt64Array && !(source instanceof BigInt64Array))
    for (let row = 0; row < length; row++) out[row] = BigInt(source[row]!)
  else out.set(source.subarray(0, length) as never)
  return out
}

/**
 * Seconds, milli-, micro- or nanoseconds (units 0 to 3) as microseconds; nanoseconds are cut towards the
 * past.
 */
function copyTimes(source: BigInt64Array, unit: number, out: BigInt64Array, length: number): void {
  if (unit === 2) {
    out.set(source.subarray(0, length))
    return
  }
  const factor = unit === 0 ? 1_000_000n : 1_000n
  for (let row = 0; row < length; row++) {
    const value = source[row]!
    if (unit < 2) out[row] = value * factor
    else out[row] = (value - (((value % 1_000n) + 1_000n) % 1_000n)) / 1_000n
  }
}

/** Days and milliseconds in turn. */
function copyDayTimes(source: Int32Array, out: BigInt64Array): void {
  for (let row = 0; row < out.length; row++)
    out[row] = BigInt(source[2 * row]!) * 86_400_000_000n + BigInt(source[2 * row + 1]!) * 1_000n
}

/** Decimals of 32 to 256 bits, and unsigned 64-bit integers. NUMERIC_VALUE_OUT_OF_RANGE beyond 38 digits. */
function copyDecimals(
  arrow: Arrow,
  data: Data,
  precision: number,
  out: BigInt64Array,
  validity: Uint8Array | null,
  column: string,
): void {
  const { length } = data
  const source = data.values as unknown as Uint32Array | BigUint64Array
  // 0: an unsigned 64-bit integer, one a row.
  const words = arrow.DataType.isDecimal(data.type) ? data.type.bitWidth / 32 : 0
  const limit = 10n ** BigInt(precision)
  const isNarrow = out.length === length
  for (let row = 0; row < length; row++) {
    const isNull = validity !== null && !getBit(validity, row)
    const value = isNull
      ? 0n
      : words === 0
        ? (source[row] as bigint)
        : wordsAt(source as Uint32Array, row, words)
    if (value >= limit || value <= -limit)
      throw new EngineError(
        'NUMERIC_VALUE_OUT_OF_RANGE',
        `column "${column}" holds a decimal of more than ${precision} digits`,
      )
    if (isNarrow) out[row] = value
    else {
      out[2 * row] = BigInt.asIntN(64, value)
      out[2 * row + 1] = value >> 64n
    }
  }
}

/** A two's complement number of several 32-bit words, lowest first. */
function wordsAt(source: Uint32Array, row: number, words: number): bigint {
  let value = 0n
  for (let word = words - 1; word >= 0; word--) value = (value << 32n) | BigInt(source[row * words + word]!)
  return BigInt.asIntN(words * 32, value)
}

/** The number that 16 bits of a half-precision float stand for. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * 2 ** -24 * fraction
  return sign * 2 ** (exponent - 25) * (1024 + fraction)
}
