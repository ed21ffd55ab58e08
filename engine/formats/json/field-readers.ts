import type { FixedArray } from '../../batch/index.ts'
import { lanesOf } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import type { LocalClock } from '../../functions/index.ts'
import { type DataType, typeName } from '../../types/index.ts'
import type { FieldReader } from '../text/field-column.ts'
import type { DayOffsets } from '../text/field-kernels.ts'
import { bigintReader, booleanReader, decimalReader, integerReader } from '../text/field-readers.ts'
import { ESCAPED, QUOTED } from '../text/field-table.ts'
import { parseDouble, parseSmallInteger } from '../text/parse-number.ts'
import { halvesOf, microsOf, putInt64 } from '../text/put-int64.ts'
import { dateReader, timestampReader } from '../text/time-readers.ts'
import { isNumber, SPECIAL_FLOATS } from './number-columns.ts'
import type { JsonOptions } from './options.ts'
import { stringOf } from './unescape.ts'

/**
 * Reads single values of a type where they lie: what the kernels leave alone. A value that is none of its
 * type does not fit, whatever its text says: `"1"` is no int.
 */
export function jsonFieldReader(
  type: DataType,
  options: JsonOptions,
  clock: LocalClock,
  offsets: DayOffsets | null,
): FieldReader {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
      return unquoted(integerReader({ kind: type.kind }))
    case 'int64':
      return unquoted(bigintReader())
    case 'float32':
    case 'float64':
      return floatReader()
    case 'decimal':
      return decimalReader(type, lanesOf(type))
    case 'boolean':
      return unquoted(booleanReader())
    case 'date':
      return quoted(dateReader(options.dateFormat))
    case 'timestamp':
      return instantReader(timestampReader(options.timestampFormat, clock, offsets))
    case 'timestamp_ntz':
      return quoted(timestampReader(options.timestampNtzFormat, null, null))
    default:
      throw new EngineError('INTERNAL_ERROR', `no single field holds a value of type ${typeName(type)}`)
  }
}

function unquoted(reader: FieldReader): FieldReader {
  return {
    open: (values) => reader.open(values),
    read: (text, start, packedEnd, row) =>
      (packedEnd & QUOTED) === 0 && reader.read(text, start, packedEnd, row),
  }
}

/** Strings without escapes. */
function quoted(reader: FieldReader): FieldReader {
  return {
    open: (values) => reader.open(values),
    read: (text, start, packedEnd, row) =>
      (packedEnd & (QUOTED | ESCAPED)) === QUOTED && reader.read(text, start, packedEnd, row),
  }
}

/** Numbers, and the strings "NaN", "Infinity" and their like. */
function floatReader(): FieldReader {
  let values: FixedArray = new Float64Array(0)
  return {
    open(target) {
      values = target
    },
    read(text, start, packedEnd, row) {
      const end = packedEnd >> 2
      if ((packedEnd & QUOTED) === 0 && !isNumber(text[start]!)) return false
      const value =
        (packedEnd & QUOTED) === 0
          ? parseDouble(text, start, end)
          : SPECIAL_FLOATS[stringOf(text, start, end, (packedEnd & ESCAPED) !== 0)]
      if (value === undefined) return false
      values[row] = value as never
      return true
    },
  }
}

/** Strings as moments, numbers without fraction as seconds. */
function instantReader(reader: FieldReader): FieldReader {
  const moments = quoted(reader)
  let halves: Int32Array = new Int32Array(0)
  let values: BigInt64Array = new BigInt64Array(0)
  return {
    open(target) {
      reader.open(target)
      values = target as BigInt64Array
      halves = halvesOf(values)
    },
    read(text, start, packedEnd, row) {
      if ((packedEnd & QUOTED) !== 0) return moments.read(text, start, packedEnd, row)
      const seconds = parseSmallInteger(text, start, packedEnd >> 2)
      if (!(Math.abs(seconds) < MAX_SECONDS)) return false
      const micros = microsOf(seconds, 0)
      if (typeof micros === 'number') putInt64(halves, row, micros)
      else values[row] = micros
      return true
    },
  }
}

/** Seconds from which on a timestamp does not hold them as microseconds. */
const MAX_SECONDS = 9_000_000_000_000
