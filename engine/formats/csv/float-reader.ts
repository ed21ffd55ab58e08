import type { FixedArray } from '../../batch/index.ts'
import { type DataType, typeName } from '../../types/index.ts'
import type { TypedFieldReader } from '../text/field-readers.ts'
import { parseDouble } from '../text/parse-number.ts'
import type { CsvOptions } from './options.ts'

/** float and double. Blanks around numbers are skipped, as in Java. */
export function floatReader(type: DataType, options: CsvOptions): TypedFieldReader {
  let values: FixedArray = new Float64Array(0)
  return {
    typeText: typeName(type),
    open(target) {
      values = target
    },
    read(text, start, packedEnd, row) {
      const parsed = parseDouble(text, start, packedEnd >> 2)
      const value = Number.isNaN(parsed) ? specialFloat(text, start, packedEnd >> 2, options) : parsed
      if (value !== undefined) (values as Float64Array)[row] = value
      return value !== undefined
    },
  }
}

function specialFloat(
  bytes: Uint8Array,
  start: number,
  end: number,
  options: CsvOptions,
): number | undefined {
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
