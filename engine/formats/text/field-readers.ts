import type { FixedArray } from '../../batch/index.ts'
import { setBit } from '../../batch/index.ts'
import { type DataType, typeName } from '../../types/index.ts'
import type { FieldReader } from './field-column.ts'
import { parseDecimal, parseInt64, parseSmallDecimal, parseSmallInteger } from './parse-number.ts'
import { halvesOf, putInt64, putLanes } from './put-int64.ts'

const INTEGER_MAX = { int8: 127, int16: 32_767, int32: 2_147_483_647 } as const

/** Reads fields of one type, one by one. */
export interface TypedFieldReader extends FieldReader {
  /** What a text that does not fit is not. */
  readonly typeText: string
}

/** tinyint, smallint, int. */
export function integerReader(type: DataType & { kind: 'int8' | 'int16' | 'int32' }): TypedFieldReader {
  const max = INTEGER_MAX[type.kind]
  let values: FixedArray = new Int32Array(0)
  return {
    typeText: typeName(type),
    open(target) {
      values = target
    },
    read(text, start, packedEnd, row) {
      const value = parseSmallInteger(text, start, packedEnd >> 2)
      const fits = value <= max && value >= -max - 1
      if (fits) (values as Int32Array)[row] = value
      return fits
    },
  }
}

/** bigint. */
export function bigintReader(): TypedFieldReader {
  let values: BigInt64Array = new BigInt64Array(0)
  return {
    typeText: 'bigint',
    open(target) {
      values = target as BigInt64Array
    },
    read(text, start, packedEnd, row) {
      const value = parseInt64(text, start, packedEnd >> 2)
      if (value !== null) values[row] = value
      return value !== null
    },
  }
}

/** decimal, rounded half up to its scale; `lanes` int64 a row. */
export function decimalReader(type: DataType & { kind: 'decimal' }, lanes: 1 | 2): TypedFieldReader {
  const { precision, scale } = type
  const limit = precision >= 15 ? 1e15 : 10 ** precision
  let values: BigInt64Array = new BigInt64Array(0)
  let halves: Int32Array = new Int32Array(0)
  return {
    typeText: typeName(type),
    open(target) {
      values = target as BigInt64Array
      halves = halvesOf(values)
    },
    read(text, start, packedEnd, row) {
      const small = parseSmallDecimal(text, start, packedEnd >> 2, scale)
      if (lanes === 1 && small < limit && small > -limit) {
        putInt64(halves, row, small)
        return true
      }
      const wide = parseDecimal(text, start, packedEnd >> 2, precision, scale)
      if (wide === null) return false
      if (lanes === 2) putLanes(values, row, wide)
      else values[row] = wide
      return true
    },
  }
}

/** `true` and `false` in any case. */
export function booleanReader(): TypedFieldReader {
  let values: Uint8Array = new Uint8Array(0)
  return {
    typeText: 'boolean',
    open(target) {
      values = target as Uint8Array
    },
    read(text, start, packedEnd, row) {
      const isTrue = isWord(text, start, packedEnd >> 2, TRUE)
      if (isTrue) setBit(values, row)
      return isTrue || isWord(text, start, packedEnd >> 2, FALSE)
    },
  }
}

const TRUE = new TextEncoder().encode('true')
const FALSE = new TextEncoder().encode('false')

/** Whether bytes are a word of lower-case letters, ignoring case. */
export function isWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false
  for (let i = 0; i < word.length; i++) if ((bytes[start + i]! | 32) !== word[i]) return false
  return true
}
