import { isUtf8 } from 'node:buffer'
import type { JsonTarget } from './json-column.ts'
import { CUT_OFF, JsonFault } from './json-cursor.ts'
import type { JsonMembers } from './json-members.ts'

/** Finds the records of JSON text, one a line or one after the other, and has their members read. */
export class JsonRecords {
  /** Records of this batch. */
  count = 0
  /** Whether the text cannot be followed any further. */
  stopped = false
  /** Whether the records so far are elements of an array that is not closed. */
  inArray = false
  readonly #target: JsonTarget
  readonly #members: JsonMembers
  #starts = new Int32Array(1024)
  #ends = new Int32Array(1024)

  constructor(target: JsonTarget, members: JsonMembers) {
    this.#target = target
    this.#members = members
  }

  clear(): void {
    this.count = 0
  }

  startOf(row: number): number {
    return this.#starts[row]!
  }

  endOf(row: number): number {
    return this.#ends[row]!
  }

  /** The first byte of a line that is no blank; -1 if there is none. */
  firstByte(bytes: Uint8Array, start: number, end: number): number {
    const { cursor } = this.#target
    cursor.reset(bytes, start, end)
    return cursor.peek()
  }

  /** A line: an object, or an array of them; blank lines are no records. */
  scanLine(bytes: Uint8Array, start: number, end: number, isValidUtf8: boolean): void {
    const { cursor } = this.#target
    cursor.reset(bytes, start, end)
    const first = cursor.peek()
    if (first < 0) return
    const from = cursor.at
    const stop = end > from && bytes[end - 1] === 13 ? end - 1 : end
    const firstRow = this.count
    if (!isValidUtf8 && !isUtf8(bytes.subarray(start, end))) {
      this.bad(from, stop, 'text is not valid UTF-8')
      return
    }
    try {
      if (first === 91) this.#readArray(from, stop)
      else this.#readRecord(from, stop)
      if (cursor.peek() >= 0) throw new JsonFault('text after the end of the record')
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error
      // What an array gave before its fault is given up with it: the line is one bad record.
      for (let row = firstRow; row <= this.count; row++) this.#target.bad.reasons.delete(row)
      this.count = firstRow
      this.bad(from, stop, error.reason)
    }
  }

  #readArray(from: number, stop: number): void {
    const { cursor } = this.#target
    cursor.enter()
    if (cursor.peek() !== 93) {
      for (;;) {
        this.#readRecord(from, stop)
        if (cursor.peek() === 93) break
        cursor.expect(44)
      }
    }
    cursor.leave()
  }

  #readRecord(from: number, stop: number): void {
    const { cursor } = this.#target
    if (cursor.peek() !== 123) throw cursor.unexpected(cursor.peek(), 'a record')
    this.#place(from, stop)
    this.#target.record = this.count
    this.#members.read(this.count)
    this.count++
  }

  /**
   * Records of a file that is one value: an object, an array of objects, or objects one after the other.
   * Gives where
   * the first record begins that was not read. After a fault there is no telling where the next record
   * begins.
   */
  scanValues(bytes: Uint8Array, from: number, end: number, atEnd: boolean, maxRows: number): number {
    const { cursor } = this.#target
    cursor.reset(bytes, from, end)
    let at = from
    while (this.count < maxRows && !this.stopped) {
      cursor.reset(bytes, at, end)
      const byte = cursor.peek()
      at = cursor.at
      if (byte < 0) {
        if (atEnd && this.inArray) this.#stop(at, end, 'file ends inside an array')
        break
      }
      if (byte === 91 && !this.inArray) this.inArray = true
      else if (byte === 93 && this.inArray) this.inArray = false
      else if (byte !== 44 || !this.inArray) {
        at = this.#scanValue(bytes, at, end, atEnd)
        if (at < 0) return cursor.start
        continue
      }
      at++
    }
    return at
  }

  /** Behind one record; -1 if it is cut off, with its start in `cursor.start`. */
  #scanValue(bytes: Uint8Array, at: number, end: number, atEnd: boolean): number {
    const { cursor, bad } = this.#target
    try {
      this.#readRecord(at, at)
      const row = this.count - 1
      this.#ends[row] = cursor.at
      if (!isUtf8(bytes.subarray(at, cursor.at))) {
        this.count = row
        bad.reasons.delete(row)
        const behind = cursor.at
        this.bad(at, behind, 'text is not valid UTF-8')
        return behind
      }
      return cursor.at
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error
      bad.reasons.delete(this.count)
      if (error === CUT_OFF && !atEnd) {
        cursor.start = at
        return -1
      }
      this.#stop(at, end, error.reason)
      return end
    }
  }

  #stop(at: number, end: number, reason: string): void {
    this.bad(at, end, reason)
    this.stopped = true
    this.inArray = false
  }

  /** A record of which nothing can be read. */
  bad(start: number, end: number, reason: string): void {
    this.#place(start, end)
    this.#members.setNull(this.count)
    this.#target.bad.mark(this.count, reason)
    this.count++
  }

  #place(start: number, end: number): void {
    if (this.count === this.#starts.length) {
      this.#starts = grown(this.#starts)
      this.#ends = grown(this.#ends)
    }
    this.#starts[this.count] = start
    this.#ends[this.count] = end
  }
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
