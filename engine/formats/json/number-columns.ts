import { lanesOf } from '../../batch/index.ts'
import { DatetimeParts, type DatetimePattern, parseIso } from '../../functions/index.ts'
import type { DataType } from '../../types/index.ts'
import {
  parseDecimal,
  parseDouble,
  parseInt64,
  parseSmallDecimal,
  parseSmallInteger,
} from '../text/parse-number.ts'
import { microsOf, putInt64, putLanes } from '../text/put-int64.ts'
import { FixedColumn, type JsonTarget, markMisfit } from './json-column.ts'

const INTEGER_MAX: Readonly<Record<string, number>> = { int8: 127, int16: 32_767, int32: 2_147_483_647 }

export function isNumber(byte: number): boolean {
  return byte === 45 || (byte >= 48 && byte <= 57)
}

/** tinyint, smallint, int: numbers without fraction. */
export class IntegerColumn extends FixedColumn {
  readonly #max: number

  constructor(target: JsonTarget, name: string, type: DataType) {
    super(target, name, type)
    this.#max = INTEGER_MAX[type.kind]!
  }

  protected readValue(row: number): boolean {
    const { cursor } = this.target
    if (!isNumber(cursor.peek())) return this.reject()
    cursor.number()
    const value = cursor.special ? Number.NaN : parseSmallInteger(cursor.bytes, cursor.start, cursor.stop)
    if (value <= this.#max && value >= -this.#max - 1) {
      this.values[row] = value as never
      return true
    }
    markMisfit(this.target, this.name, this.type, cursor.start, cursor.stop)
    return false
  }
}

/** bigint: exact, not by way of a double. */
export class BigintColumn extends FixedColumn {
  #halves: Int32Array = new Int32Array(0)

  protected override viewValues(): void {
    this.#halves = halvesOf(this.values as BigInt64Array)
  }

  protected readValue(row: number): boolean {
    const { cursor } = this.target
    if (!isNumber(cursor.peek())) return this.reject()
    cursor.number()
    const { bytes, start, stop } = cursor
    const small = cursor.special ? Number.NaN : parseSmallInteger(bytes, start, stop)
    if (!Number.isNaN(small)) putInt64(this.#halves, row, small)
    else {
      const wide = cursor.special ? null : parseInt64(bytes, start, stop)
      if (wide === null) {
        markMisfit(this.target, this.name, this.type, start, stop)
        return false
      }
      ;(this.values as BigInt64Array)[row] = wide
    }
    return true
  }
}

function halvesOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2)
}

export const SPECIAL_FLOATS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '+Infinity': Number.POSITIVE_INFINITY,
  INF: Number.POSITIVE_INFINITY,
  '+INF': Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-INF': Number.NEGATIVE_INFINITY,
}

/** float and double; also the strings "NaN", "Infinity" and their like. */
export class FloatColumn extends FixedColumn {
  protected readValue(row: number): boolean {
    const { cursor } = this.target
    const byte = cursor.peek()
    if (isNumber(byte)) {
      cursor.number()
      this.values[row] = parseDouble(cursor.bytes, cursor.start, cursor.stop) as never
      return true
    }
    if (byte !== 34) return this.reject()
    const from = cursor.at
    const value = SPECIAL_FLOATS[this.text()]
    if (value === undefined) {
      markMisfit(this.target, this.name, this.type, from, cursor.at)
      return false
    }
    this.values[row] = value as never
    return true
  }
}

/** decimal: from the digits as written, rounded half up; also from strings. */
export class DecimalColumn extends FixedColumn {
  readonly #precision: number
  readonly #scale: number
  readonly #limit: number
  readonly #twoLanes: boolean
  #halves: Int32Array = new Int32Array(0)

  constructor(target: JsonTarget, name: string, type: Extract<DataType, { kind: 'decimal' }>) {
    super(target, name, type)
    this.#precision = type.precision
    this.#scale = type.scale
    this.#limit = type.precision >= 15 ? 1e15 : 10 ** type.precision
    this.#twoLanes = lanesOf(type) === 2
  }

  protected override viewValues(): void {
    this.#halves = halvesOf(this.values as BigInt64Array)
  }

  protected readValue(row: number): boolean {
    const { cursor } = this.target
    const byte = cursor.peek()
    if (byte === 34) cursor.string()
    else if (isNumber(byte)) cursor.number()
    else return this.reject()
    const { bytes, start, stop } = cursor
    const small = parseSmallDecimal(bytes, start, stop, this.#scale)
    if (!this.#twoLanes && small < this.#limit && small > -this.#limit) {
      putInt64(this.#halves, row, small)
      return true
    }
    const wide = parseDecimal(bytes, start, stop, this.#precision, this.#scale)
    if (wide === null) {
      markMisfit(this.target, this.name, this.type, start, stop)
      return false
    }
    if (this.#twoLanes) putLanes(this.values as BigInt64Array, row, wide)
    else (this.values as BigInt64Array)[row] = wide
    return true
  }
}

const parts = new DatetimeParts()

/** date, timestamp and timestamp_ntz: strings; a timestamp may also be a number of seconds. */
export class TimeColumn extends FixedColumn {
  readonly #pattern: DatetimePattern | null
  /** The text read last and its value: neighbouring records often have equal times. */
  readonly #last = new Uint8Array(64)
  #lastLength = -1
  #lastValue: number | bigint = 0
  #halves: Int32Array = new Int32Array(0)

  constructor(target: JsonTarget, name: string, type: DataType) {
    super(target, name, type)
    const { dateFormat, timestampFormat, timestampNtzFormat } = target.options
    const moment = type.kind === 'timestamp' ? timestampFormat : timestampNtzFormat
    this.#pattern = type.kind === 'date' ? dateFormat : moment
  }

  protected override viewValues(): void {
    if (this.type.kind !== 'date') this.#halves = halvesOf(this.values as BigInt64Array)
  }

  protected readValue(row: number): boolean {
    const { cursor, clock } = this.target
    const byte = cursor.peek()
    if (byte !== 34)
      return this.type.kind === 'timestamp' && isNumber(byte) ? this.#readSeconds(row) : this.reject()
    const from = cursor.at
    cursor.string()
    const { bytes, start, stop } = cursor
    if (stop - start === this.#lastLength && this.#isLast(bytes, start)) {
      this.#put(row, this.#lastValue)
      return true
    }
    const fits =
      this.#pattern === null
        ? parseIso(bytes, start, stop, parts)
        : this.#pattern.parseBytes(bytes, start, stop, parts)
    if (!fits || cursor.special || (this.type.kind === 'timestamp_ntz' && parts.zone !== undefined)) {
      markMisfit(this.target, this.name, this.type, from, cursor.at)
      return false
    }
    const seconds = this.type.kind === 'timestamp' ? parts.instantSeconds(clock) : parts.localSeconds
    const value = this.type.kind === 'date' ? parts.days : microsOf(seconds, parts.micros)
    this.#put(row, value)
    if (stop - start <= this.#last.length) {
      this.#lastLength = stop - start
      for (let i = 0; i < this.#lastLength; i++) this.#last[i] = bytes[start + i]!
      this.#lastValue = value
    }
    return true
  }

  #isLast(bytes: Uint8Array, start: number): boolean {
    for (let i = 0; i < this.#lastLength; i++) if (bytes[start + i] !== this.#last[i]) return false
    return true
  }

  #readSeconds(row: number): boolean {
    const { cursor } = this.target
    cursor.number()
    const seconds = cursor.special ? Number.NaN : parseSmallInteger(cursor.bytes, cursor.start, cursor.stop)
    if (!(Math.abs(seconds) < 9_000_000_000_000)) {
      markMisfit(this.target, this.name, this.type, cursor.start, cursor.stop)
      return false
    }
    this.#put(row, microsOf(seconds, 0))
    return true
  }

  #put(row: number, micros: number | bigint): void {
    if (this.type.kind === 'date') this.values[row] = micros as never
    else if (typeof micros === 'number') putInt64(this.#halves, row, micros)
    else (this.values as BigInt64Array)[row] = micros
  }
}
