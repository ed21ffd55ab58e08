import {
  type BytesVector,
  type FixedVector,
  type FlatVector,
  getBit,
  halvesOf,
  valueReader,
} from '../../batch/index.ts'
import { type DataType, MAX_INT64_PRECISION } from '../../types/index.ts'
import { valueOrder } from '../scalar/compare-values.ts'

/** A column whose rows are compared with those of others of its type, one at a time. */
export interface ComparableColumn {
  isNull(row: number): boolean
  /** Negative if the row comes before the other one, positive if behind it; neither is NULL. */
  compare(row: number, other: ComparableColumn, otherRow: number): number
}

/** How columns of a type are compared: NaN is the greatest float, text goes by UTF-8 bytes. */
export function comparable(type: DataType): (column: FlatVector) => ComparableColumn {
  if (NUMBERS.has(type.kind)) return (column) => new Numbers(column as FixedVector)
  if (LONGS.has(type.kind) || (type.kind === 'decimal' && type.precision <= MAX_INT64_PRECISION))
    return (column) => new Longs(column as FixedVector)
  if (type.kind === 'string' || type.kind === 'binary') return (column) => new Texts(column as BytesVector)
  const order = valueOrder(type)
  return (column) => new Values(column, order)
}

/** Types whose values are JavaScript numbers in a typed array, or one int64. */
const NUMBERS = new Set(['int8', 'int16', 'int32', 'date', 'interval_ym', 'float32', 'float64'])
const LONGS = new Set(['int64', 'timestamp', 'timestamp_ntz', 'interval_dt'])

abstract class WithNulls {
  readonly #validity: Uint8Array | null

  constructor({ validity }: FlatVector) {
    this.#validity = validity
  }

  isNull(row: number): boolean {
    return this.#validity !== null && !getBit(this.#validity, row)
  }
}

class Numbers extends WithNulls implements ComparableColumn {
  readonly values: Float64Array

  constructor(column: FixedVector) {
    super(column)
    this.values = column.values as Float64Array
  }

  compare(row: number, other: Numbers, otherRow: number): number {
    const a = this.values[row]!
    const b = other.values[otherRow]!
    if (a < b) return -1
    if (a > b) return 1
    if (a === b) return 0
    return (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0)
  }
}

class Longs extends WithNulls implements ComparableColumn {
  readonly halves: Int32Array

  constructor(column: FixedVector) {
    super(column)
    this.halves = halvesOf(column.values as BigInt64Array)
  }

  compare(row: number, other: Longs, otherRow: number): number {
    const a = 2 * row
    const b = 2 * otherRow
    const high = this.halves[a + 1]! - other.halves[b + 1]!
    return high !== 0 ? high : (this.halves[a]! >>> 0) - (other.halves[b]! >>> 0)
  }
}

class Texts extends WithNulls implements ComparableColumn {
  readonly offsets: Int32Array
  readonly bytes: Uint8Array

  constructor(column: BytesVector) {
    super(column)
    this.offsets = column.offsets
    this.bytes = column.bytes
  }

  compare(row: number, other: Texts, otherRow: number): number {
    let at = this.offsets[row]!
    let otherAt = other.offsets[otherRow]!
    const length = this.offsets[row + 1]! - at
    const otherLength = other.offsets[otherRow + 1]! - otherAt
    for (const end = at + Math.min(length, otherLength); at < end; at++, otherAt++) {
      const difference = this.bytes[at]! - other.bytes[otherAt]!
      if (difference !== 0) return difference
    }
    return length - otherLength
  }
}

class Values extends WithNulls implements ComparableColumn {
  readonly read: ReturnType<typeof valueReader>
  readonly #order: ReturnType<typeof valueOrder>

  constructor(column: FlatVector, order: ReturnType<typeof valueOrder>) {
    super(column)
    this.read = valueReader(column)
    this.#order = order
  }

  compare(row: number, other: Values, otherRow: number): number {
    return this.#order(this.read(row), other.read(otherRow))
  }
}
