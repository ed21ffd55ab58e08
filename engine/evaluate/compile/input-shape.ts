import type { FixedVector, Vector } from '../../batch/index.ts'
import { boundBits } from '../../functions/index.ts'
import { type DataType, typeName } from '../../types/index.ts'
import { formOf } from './emitted.ts'

/**
 * How a vector lies in memory, as far as code that reads it differs: one function is compiled for each
 * combination that occurs.
 */
export interface InputShape {
  readonly type: DataType
  readonly encoding: 'fixed' | 'dictionary' | 'constant' | 'absent'
  readonly isNullable: boolean
  readonly lanes: 1 | 2
  /** Values lie in [-2^bits, 2^bits), which the function checks row by row; 0: nothing is assumed. */
  readonly bits: number
}

/** Sizes that are told apart: few, so that batches of one column share a function. */
const CLASSES = [8, 16, 24, 32, 40, 48, 56, 62]

/** The shape of a vector; null if compiled code cannot read it. `bits` are those of `sizeOf`. */
export function shapeOf(vector: Vector, needsValues: boolean, bits: number): InputShape | null {
  const { type } = vector
  const isNullable = vector.validity !== null
  if (!needsValues) return { type, encoding: 'absent', isNullable, lanes: 1, bits: 0 }
  if (vector.encoding !== 'fixed' && vector.encoding !== 'dictionary' && vector.encoding !== 'constant')
    return null
  const values = fixedOf(vector)
  if (values === null || formOf(type) === null) return null
  return { type, encoding: vector.encoding, isNullable, lanes: values.lanes, bits }
}

/** The vector that holds the values: itself, the entries of the dictionary, or the constant. */
export function fixedOf(vector: Vector): FixedVector | null {
  const values =
    vector.encoding === 'dictionary'
      ? vector.dictionary
      : vector.encoding === 'constant'
        ? vector.value
        : vector
  return values.encoding === 'fixed' ? values : null
}

/** Rows that are looked at to guess the size of a column. A greater value later is found by the check. */
const SAMPLE_ROWS = 1024

/** Bits that hold the values of a 64-bit column, of a sample or of all; 0 if there is little to gain. */
export function sizeOf(vector: Vector, isSample: boolean): number {
  const fixed = fixedOf(vector)
  if (fixed === null || !(fixed.values instanceof BigInt64Array)) return 0
  const rowCount = isSample ? Math.min(fixed.length, SAMPLE_ROWS) : fixed.length
  const bits = fixed.lanes === 1 ? boundBits(fixed.values, rowCount) : boundPairs(fixed.values, rowCount)
  // One bit more, so that a sample speaks for the rest.
  return CLASSES.find((size) => size > bits) ?? 0
}

/** As `boundBits`, of values of 128 bits; 64 if they do not fit 63. */
function boundPairs(values: BigInt64Array, rowCount: number): number {
  const halves = new Int32Array(values.buffer, values.byteOffset, 4 * rowCount)
  let differs = 0
  let high = 0
  let low = 0
  for (let i = 0; i < 4 * rowCount; i += 4) {
    const sign = halves[i + 3]! >> 31
    differs |= (halves[i + 2]! ^ sign) | (halves[i + 3]! ^ sign)
    high |= halves[i + 1]! ^ sign
    low |= halves[i]! ^ sign
  }
  if (differs !== 0) return 64
  return high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low)
}

/** The shape as a part of the key under which code is cached. */
export function shapeKey(shape: InputShape): string {
  const { type, encoding, isNullable, lanes, bits } = shape
  const read = encoding === 'absent' ? 'absent' : `${typeName(type)} ${encoding}`
  return `${read}${isNullable ? ' null' : ''} ${lanes}/${bits}`
}
