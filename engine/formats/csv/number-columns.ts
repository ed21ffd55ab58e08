import { allocateFixed, clearBit, fixedVector, lanesOf, setBit, type Vector } from '../../batch/index.ts'
import { typeName } from '../../types/index.ts'
import {
  parseDecimal,
  parseDouble,
  parseInt64,
  parseSmallDecimal,
  parseSmallInteger,
} from '../text/parse-number.ts'
import { putInt64, putLanes } from '../text/put-int64.ts'
import { type ColumnInput, isNullField, markMisfit } from './column-input.ts'

const INTEGER_MAX = { int8: 127, int16: 32_767, int32: 2_147_483_647 } as const

/** tinyint, smallint, int. */
export function integerColumn(input: ColumnInput, kind: 'int8' | 'int16' | 'int32'): Vector {
  const { bytes, table, column, field, nulls, region } = input
  const { columnCount, starts, ends, rowCount } = table
  const values = allocateFixed(field.type, rowCount, region) as Int32Array
  const validity = region.bitmap(rowCount, true)
  const max = INTEGER_MAX[kind]
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const start = starts[i]!
    if (isNullField(bytes, start, ends[i]!, nulls)) {
      clearBit(validity, row)
      values[row] = 0
      continue
    }
    const value = parseSmallInteger(bytes, start, ends[i]! >> 2)
    if (value <= max && value >= -max - 1) values[row] = value
    else {
      values[row] = 0
      clearBit(validity, row)
      markMisfit(input, row, typeName(field.type))
    }
  }
  return fixedVector(field.type, rowCount, values, validity)
}

/** bigint. */
export function bigintColumn(input: ColumnInput): Vector {
  const { bytes, table, column, field, nulls, region } = input
  const { columnCount, starts, ends, rowCount } = table
  const values = region.int64(rowCount)
  const halves = new Int32Array(values.buffer, values.byteOffset, rowCount * 2)
  const validity = region.bitmap(rowCount, true)
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const start = starts[i]!
    let value: number | bigint = 0
    if (isNullField(bytes, start, ends[i]!, nulls)) clearBit(validity, row)
    else {
      value = parseSmallInteger(bytes, start, ends[i]! >> 2)
      if (Number.isNaN(value)) {
        const wide = parseInt64(bytes, start, ends[i]! >> 2)
        value = wide ?? 0
        if (wide === null) {
          clearBit(validity, row)
          markMisfit(input, row, 'bigint')
        }
      }
    }
    if (typeof value === 'number') putInt64(halves, row, value)
    else values[row] = value
  }
  return fixedVector(field.type, rowCount, values, validity)
}

/** float and double. Blanks around numbers are skipped, as in Java. */
export function floatColumn(input: ColumnInput): Vector {
  const { bytes, table, column, field, nulls, region } = input
  const { columnCount, starts, ends, rowCount } = table
  const values = allocateFixed(field.type, rowCount, region) as Float64Array
  const validity = region.bitmap(rowCount, true)
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const start = starts[i]!
    if (isNullField(bytes, start, ends[i]!, nulls)) {
      clearBit(validity, row)
      values[row] = 0
      continue
    }
    let value = parseDouble(bytes, start, ends[i]! >> 2)
    if (Number.isNaN(value)) {
      const special = specialFloat(input, start, ends[i]! >> 2)
      value = special ?? 0
      if (special === undefined) {
        clearBit(validity, row)
        markMisfit(input, row, typeName(field.type))
      }
    }
    values[row] = value
  }
  return fixedVector(field.type, rowCount, values, validity)
}

function specialFloat({ bytes, options }: ColumnInput, start: number, end: number): number | undefined {
  if (end - start > 400) return undefined
  const text = Buffer.from(bytes.subarray(start, end)).toString('latin1').trim()
  if (text === options.nanValue || text === 'NaN') return Number.NaN
  if (text === options.positiveInf || text === 'Infinity' || text === '+Infinity')
    return Number.POSITIVE_INFINITY
  if (text === options.negativeInf || text === '-Infinity') return Number.NEGATIVE_INFINITY
  if (text.length === end - start) return undefined
  const value = parseDouble(Buffer.from(text, 'latin1'), 0, text.length)
  return Number.isNaN(value) ? undefined : value
}

/** decimal, rounded half up to its scale. */
export function decimalColumn(input: ColumnInput, precision: number, scale: number): Vector {
  const { bytes, table, column, field, nulls, region } = input
  const { columnCount, starts, ends, rowCount } = table
  const lanes = lanesOf(field.type)
  const values = region.int64(rowCount * lanes)
  const halves = new Int32Array(values.buffer, values.byteOffset, rowCount * lanes * 2)
  const validity = region.bitmap(rowCount, true)
  const limit = precision >= 15 ? 1e15 : 10 ** precision
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const start = starts[i]!
    let value: number | bigint = 0
    if (isNullField(bytes, start, ends[i]!, nulls)) clearBit(validity, row)
    else {
      value = parseSmallDecimal(bytes, start, ends[i]! >> 2, scale)
      if (!(value < limit && value > -limit)) {
        const wide = parseDecimal(bytes, start, ends[i]! >> 2, precision, scale)
        value = wide ?? 0
        if (wide === null) {
          clearBit(validity, row)
          markMisfit(input, row, typeName(field.type))
        }
      }
    }
    if (lanes === 2) putLanes(values, row, BigInt(value))
    else if (typeof value === 'number') putInt64(halves, row, value)
    else values[row] = value
  }
  return fixedVector(field.type, rowCount, values, validity, lanes)
}

/** `true` and `false` in any case. */
export function booleanColumn(input: ColumnInput): Vector {
  const { bytes, table, column, field, nulls, region } = input
  const { columnCount, starts, ends, rowCount } = table
  const values = region.bitmap(rowCount)
  const validity = region.bitmap(rowCount, true)
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const start = starts[i]!
    if (isNullField(bytes, start, ends[i]!, nulls)) {
      clearBit(validity, row)
      continue
    }
    if (isWord(bytes, start, ends[i]! >> 2, TRUE)) setBit(values, row)
    else if (!isWord(bytes, start, ends[i]! >> 2, FALSE)) {
      clearBit(validity, row)
      markMisfit(input, row, 'boolean')
    }
  }
  return fixedVector(field.type, rowCount, values, validity)
}

const TRUE = new TextEncoder().encode('true')
const FALSE = new TextEncoder().encode('false')

/** Whether bytes are a word of lower-case letters, ignoring case. */
export function isWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false
  for (let i = 0; i < word.length; i++) if ((bytes[start + i]! | 32) !== word[i]) return false
  return true
}
