import type { FixedArray } from '../../batch/index.ts'
import { allocateFixed, clearBit, fixedVector, lanesOf, setBit, type Vector } from '../../batch/index.ts'
import type { LocalClock } from '../../functions/index.ts'
import type { Region } from '../../memory/index.ts'
import { type DataType, typeName } from '../../types/index.ts'
import type { BadRows } from '../text/bad-records.ts'
import { FALSE, type JsonCursor, NULL, TRUE } from './json-cursor.ts'
import type { JsonOptions } from './options.ts'
import { stringOf } from './unescape.ts'

/** What the columns of one reader share. */
export interface JsonTarget {
  readonly cursor: JsonCursor
  readonly region: Region
  readonly bad: BadRows
  readonly options: JsonOptions
  readonly clock: LocalClock
  /** The record that is being read: a row of the batch. */
  record: number
}

/**
 * Collects the values of one column, of a table or inside a list or struct. Rows are set in order; the last
 * one may
 * be set again, since the last of equal names counts.
 */
export interface JsonColumn {
  /**
   * Reads the value at the cursor into `row`. One of another type is skipped: it is NULL, and the record is
   * bad.
   */
  read(row: number): void
  setNull(row: number): void
  /** The first `rowCount` rows; then the column is empty again. */
  finish(rowCount: number): Vector
}

const TYPE_WORDS: Readonly<Record<number, string>> = { 34: 'a string', 123: 'an object', 91: 'an array' }

/** Skips a value that does not fit and marks the record. */
export function misfit(target: JsonTarget, name: string, type: DataType): void {
  const { cursor } = target
  const start = cursor.at
  cursor.skip()
  markMisfit(target, name, type, start, cursor.at)
}

/** Marks the record for the value in bytes [start, end). */
export function markMisfit(
  target: JsonTarget,
  name: string,
  type: DataType,
  start: number,
  end: number,
): void {
  const { bytes } = target.cursor
  const cut = Math.min(end, start + 100)
  const text = `${Buffer.from(bytes.subarray(start, cut)).toString('utf8')}${cut < end ? '…' : ''}`
  const what = TYPE_WORDS[bytes[start]!] ?? 'a value'
  target.bad.mark(target.record, `column "${name}": ${text} is ${what} and no ${typeName(type)}`)
}

/** Steps over `null` if it is next. */
export function skipNull(cursor: JsonCursor): boolean {
  if (cursor.peek() !== 110) return false
  cursor.word(NULL)
  return true
}

/** Which rows are not NULL; the bits of rows not yet set are one. */
export class Validity {
  #bits: Uint8Array | null = null
  #nulls = false

  mark(row: number, isNull: boolean, capacity: number, region: Region): void {
    if (!isNull) {
      if (this.#nulls) setBit(this.#grown(capacity, region), row)
      return
    }
    this.#nulls = true
    clearBit(this.#grown(capacity, region), row)
  }

  finish(): Uint8Array | null {
    const bits = this.#bits
    this.#bits = null
    this.#nulls = false
    return bits
  }

  #grown(capacity: number, region: Region): Uint8Array {
    if (this.#bits === null) this.#bits = region.bitmap(capacity, true)
    else if (this.#bits.length < (capacity + 7) >> 3) {
      const larger = region.bitmap(capacity, true)
      larger.set(this.#bits)
      this.#bits = larger
    }
    return this.#bits
  }
}

/** Capacity of a column at first. */
export const FIRST_CAPACITY = 1024

/** A column of values of one width; a subclass reads one value. */
export abstract class FixedColumn implements JsonColumn {
  protected readonly target: JsonTarget
  protected readonly name: string
  protected readonly type: DataType
  protected values: FixedArray = new Int32Array(0)
  readonly #lanes: 1 | 2
  readonly #validity = new Validity()
  #capacity = 0

  constructor(target: JsonTarget, name: string, type: DataType) {
    this.target = target
    this.name = name
    this.type = type
    this.#lanes = lanesOf(type)
  }

  read(row: number): void {
    if (row >= this.#capacity) this.#grow(row)
    const isNull = skipNull(this.target.cursor) || !this.readValue(row)
    this.#validity.mark(row, isNull, this.#capacity, this.target.region)
  }

  setNull(row: number): void {
    if (row >= this.#capacity) this.#grow(row)
    this.#validity.mark(row, true, this.#capacity, this.target.region)
  }

  finish(rowCount: number): Vector {
    if (this.#capacity === 0) this.#grow(0)
    const validity = this.#validity.finish()
    this.#capacity = 0
    const length = this.type.kind === 'boolean' ? (rowCount + 7) >> 3 : rowCount * this.#lanes
    return fixedVector(this.type, rowCount, this.values.subarray(0, length), validity, this.#lanes)
  }

  /** Reads the value at the cursor; false if it does not fit, which is marked. */
  protected abstract readValue(row: number): boolean

  /** For subclasses that hold another view of the values. */
  protected viewValues(): void {}

  /** The text of the string at the cursor, which is read. */
  protected text(): string {
    const { cursor } = this.target
    cursor.string()
    return stringOf(cursor.bytes, cursor.start, cursor.stop, cursor.special)
  }

  protected reject(): false {
    misfit(this.target, this.name, this.type)
    return false
  }

  #grow(row: number): void {
    const capacity = Math.max(FIRST_CAPACITY, this.#capacity * 2, row + 1)
    const larger = allocateFixed(this.type, capacity, this.target.region, this.#lanes)
    new Uint8Array(larger.buffer, larger.byteOffset, larger.byteLength).fill(0)
    if (this.#capacity > 0) larger.set(this.values as never)
    this.values = larger
    this.#capacity = capacity
    this.viewValues()
  }
}

/** boolean. */
export class BooleanColumn extends FixedColumn {
  protected readValue(row: number): boolean {
    const { cursor } = this.target
    const byte = cursor.peek()
    if (byte === 116) {
      cursor.word(TRUE)
      setBit(this.values as Uint8Array, row)
      return true
    }
    if (byte !== 102) return this.reject()
    cursor.word(FALSE)
    clearBit(this.values as Uint8Array, row)
    return true
  }
}
