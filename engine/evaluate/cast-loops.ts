import {
  allocateFixed,
  type FixedArray,
  type FixedVector,
  fixedVector,
  flatten,
  type Vector,
} from '../batch/index.ts'
import { boundBits } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, isFloat, isInteger, MAX_INT64_PRECISION, powerOfTen } from '../types/index.ts'

const WIDTH: Readonly<Record<string, number>> = { int8: 1, int16: 2, int32: 4, int64: 8 }

/**
 * Casts among numbers that cannot fail for the values at hand, as tight loops; undefined where there is none.
 */
export function castNumbers(input: Vector, to: DataType, region: Region): Vector | undefined {
  const from = input.type
  if (!isInteger(from) && from.kind !== 'decimal' && !isFloat(from)) return undefined
  const vector = flatten(input, region) as FixedVector
  const { length, validity, values } = vector
  const make = (out: FixedArray, lanes: 1 | 2 = 1) => fixedVector(to, length, out, validity, lanes)
  if (isInteger(from) && isInteger(to)) {
    if (WIDTH[from.kind]! > WIDTH[to.kind]!) return undefined
    const out = allocateFixed(to, length, region)
    if (to.kind === 'int64') widenToLongs(values as Int32Array, out as BigInt64Array, length)
    else out.set(values as never)
    return make(out)
  }
  if (to.kind === 'float64' && from.kind !== 'decimal') {
    const out = region.float64(length)
    if (from.kind === 'int64') longsToDoubles(values as BigInt64Array, out, length)
    else out.set(values as Int32Array)
    return make(out)
  }
  if (to.kind === 'decimal' && isInteger(from))
    return integersToDecimals(vector, to.precision, to.scale, region, make)
  if (to.kind === 'float64' && from.kind === 'decimal')
    return decimalsToDoubles(vector, from.scale, region, make)
  if (to.kind === 'decimal' && from.kind === 'decimal')
    return rescaleDecimals(vector, from.scale, to, region, make)
  return undefined
}

type Make = (out: FixedArray, lanes?: 1 | 2) => Vector

function widenToLongs(values: Int32Array, out: BigInt64Array, length: number): void {
  const halves = new Int32Array(out.buffer, out.byteOffset, length * 2)
  for (let i = 0; i < length; i++) {
    const value = values[i]!
    halves[2 * i] = value
    halves[2 * i + 1] = value >> 31
  }
}

/** The high half may round once and the sum again, but never wrongly: the high part is exact in a double. */
function longsToDoubles(values: BigInt64Array, out: Float64Array, length: number): void {
  const halves = new Int32Array(values.buffer, values.byteOffset, length * 2)
  for (let i = 0; i < length; i++) out[i] = halves[2 * i + 1]! * 4294967296 + (halves[2 * i]! >>> 0)
}

function integersToDecimals(
  vector: FixedVector,
  precision: number,
  scale: number,
  region: Region,
  make: Make,
): Vector | undefined {
  const { length } = vector
  let longs = vector.values as BigInt64Array
  if (vector.type.kind !== 'int64') {
    longs = region.int64(length)
    widenToLongs(vector.values as Int32Array, longs, length)
  }
  return scaleUp(longs, scale, precision, length, region, make)
}

/** values * 10^power where that stays within the type and int64. */
function scaleUp(
  values: BigInt64Array,
  power: number,
  precision: number,
  length: number,
  region: Region,
  make: Make,
): Vector | undefined {
  const bits = boundBits(values, length)
  if (2 ** bits * 10 ** power >= Math.min(10 ** precision, 2 ** 62)) return undefined
  if (power === 0) return make(values)
  const out = region.int64(length)
  const factor = powerOfTen(power)
  for (let i = 0; i < length; i++) out[i] = BigInt.asIntN(64, values[i]! * factor)
  return make(out)
}

function decimalsToDoubles(
  vector: FixedVector,
  scale: number,
  region: Region,
  make: Make,
): Vector | undefined {
  const { length } = vector
  const values = vector.values as BigInt64Array
  // Up to 53 bits and 22 digits both parts are exact, so that one division rounds correctly.
  if (vector.lanes === 2 || scale > 22 || boundBits(values, length) > 53) return undefined
  const out = region.float64(length)
  longsToDoubles(values, out, length)
  const divisor = 10 ** scale
  for (let i = 0; i < length; i++) out[i] = out[i]! / divisor
  return make(out)
}

function rescaleDecimals(
  vector: FixedVector,
  fromScale: number,
  to: Extract<DataType, { kind: 'decimal' }>,
  region: Region,
  make: Make,
): Vector | undefined {
  const { length, lanes, type } = vector
  const fromPrecision = (type as typeof to).precision
  const values = vector.values as BigInt64Array
  if (lanes === 2) {
    const onlyWidens =
      to.scale === fromScale && to.precision >= fromPrecision && to.precision > MAX_INT64_PRECISION
    return onlyWidens ? make(values, 2) : undefined
  }
  if (to.scale < fromScale) return undefined
  if (to.scale === fromScale && to.precision >= fromPrecision) return make(values)
  return scaleUp(values, to.scale - fromScale, to.precision, length, region, make)
}
