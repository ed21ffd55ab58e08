import { clearBit, fixedVector, type Vector } from '../../batch/index.ts'
import { DatetimeParts, type DatetimePattern, parseIso } from '../../functions/index.ts'
import { microsOf, putInt64 } from '../text/put-int64.ts'
import { type ColumnInput, isNullField, markMisfit, sameBytes } from './column-input.ts'

const parts = new DatetimeParts()

function parse(pattern: DatetimePattern | null, bytes: Uint8Array, start: number, end: number): boolean {
  return pattern === null ? parseIso(bytes, start, end, parts) : pattern.parseBytes(bytes, start, end, parts)
}

/** date. Equal texts often follow each other, and then the value is known. */
export function dateColumn(input: ColumnInput): Vector {
  const { bytes, table, column, field, nulls, region, options } = input
  const { columnCount, starts, ends, rowCount } = table
  const values = region.int32(rowCount)
  const validity = region.bitmap(rowCount, true)
  let last = -1
  let lastLength = -1
  let lastValue = 0
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const start = starts[i]!
    const end = ends[i]! >> 2
    if (isNullField(bytes, start, ends[i]!, nulls)) {
      clearBit(validity, row)
      values[row] = 0
    } else if (end - start === lastLength && sameBytes(bytes, start, last, lastLength))
      values[row] = lastValue
    else if (parse(options.dateFormat, bytes, start, end)) {
      last = start
      lastLength = end - start
      lastValue = parts.days
      values[row] = lastValue
    } else {
      clearBit(validity, row)
      values[row] = 0
      markMisfit(input, row, misfitType('date', options.dateFormat))
    }
  }
  return fixedVector(field.type, rowCount, values, validity)
}

/** timestamp (texts without a zone are of the session's) and timestamp_ntz (texts with a zone do not fit). */
export function timestampColumn(input: ColumnInput, hasZone: boolean): Vector {
  const { bytes, table, column, field, nulls, region, options, clock } = input
  const { columnCount, starts, ends, rowCount } = table
  const pattern = hasZone ? options.timestampFormat : options.timestampNtzFormat
  const values = region.int64(rowCount)
  const halves = new Int32Array(values.buffer, values.byteOffset, rowCount * 2)
  const validity = region.bitmap(rowCount, true)
  let last = -1
  let lastLength = -1
  let lastValue: number | bigint = 0
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const start = starts[i]!
    const end = ends[i]! >> 2
    let value: number | bigint = 0
    if (isNullField(bytes, start, ends[i]!, nulls)) clearBit(validity, row)
    else if (end - start === lastLength && sameBytes(bytes, start, last, lastLength)) value = lastValue
    else if (parse(pattern, bytes, start, end) && (hasZone || parts.zone === undefined)) {
      value = microsOf(hasZone ? parts.instantSeconds(clock) : parts.localSeconds, parts.micros)
      last = start
      lastLength = end - start
      lastValue = value
    } else {
      clearBit(validity, row)
      markMisfit(input, row, misfitType(hasZone ? 'timestamp' : 'timestamp_ntz', pattern))
    }
    if (typeof value === 'number') putInt64(halves, row, value)
    else values[row] = value
  }
  return fixedVector(field.type, rowCount, values, validity)
}

/** `timestamp of the form "M/d/yyyy H:mm"`. */
function misfitType(type: string, pattern: DatetimePattern | null): string {
  return pattern === null ? type : `${type} of the form "${pattern.pattern}"`
}
