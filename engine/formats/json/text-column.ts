import { bytesVector, type Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import type { DataType } from '../../types/index.ts'
import {
  FIRST_CAPACITY,
  type JsonColumn,
  type JsonTarget,
  markMisfit,
  misfit,
  skipNull,
  Validity,
} from './json-column.ts'
import { unescapeJson } from './unescape.ts'

/**
 * string: text, or any other value as it is written. Only places are noted while reading; `finish` copies.
 */
export class TextColumn implements JsonColumn {
  readonly #target: JsonTarget
  readonly #name: string
  readonly #validity = new Validity()
  #capacity = 0
  #starts: Int32Array = new Int32Array(0)
  /** Twice the end, plus one where there are escapes. */
  #ends: Int32Array = new Int32Array(0)

  constructor(target: JsonTarget, name: string) {
    this.#target = target
    this.#name = name
  }

  read(row: number): void {
    if (row >= this.#capacity) this.#grow(row)
    const { cursor, region } = this.#target
    const byte = cursor.peek()
    if (byte === 34) {
      cursor.string()
      this.#starts[row] = cursor.start
      this.#ends[row] = (cursor.stop << 1) | (cursor.special ? 1 : 0)
    } else if (skipNull(cursor)) {
      this.setNull(row)
      return
    } else {
      this.#starts[row] = cursor.at
      cursor.skip()
      this.#ends[row] = cursor.at << 1
    }
    this.#validity.mark(row, false, this.#capacity, region)
  }

  setNull(row: number): void {
    if (row >= this.#capacity) this.#grow(row)
    this.#starts[row] = 0
    this.#ends[row] = 0
    this.#validity.mark(row, true, this.#capacity, this.#target.region)
  }

  finish(rowCount: number): Vector {
    const { cursor, region } = this.#target
    const { bytes } = cursor
    const starts = this.#starts
    const ends = this.#ends
    let room = 0
    for (let row = 0; row < rowCount; row++) room += (ends[row]! >> 1) - starts[row]!
    if (room > 2 ** 31 - 1)
      throw new EngineError(
        'RESOURCES_EXHAUSTED',
        `a batch holds more than 2 GiB of text in column "${this.#name}"`,
      )
    const offsets = region.int32(rowCount + 1)
    const out = region.uint8(room)
    const used = copyTexts(bytes, starts, ends, rowCount, offsets, out)
    this.#capacity = 0
    return bytesVector({ kind: 'string' }, rowCount, offsets, out.subarray(0, used), this.#validity.finish())
  }

  #grow(row: number): void {
    const capacity = Math.max(FIRST_CAPACITY, this.#capacity * 2, row + 1)
    const { region } = this.#target
    const starts = region.int32(capacity)
    const ends = region.int32(capacity)
    starts.set(this.#starts.subarray(0, this.#capacity))
    ends.set(this.#ends.subarray(0, this.#capacity))
    this.#starts = starts
    this.#ends = ends
    this.#capacity = capacity
  }
}

function copyTexts(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  rowCount: number,
  offsets: Int32Array,
  out: Uint8Array,
): number {
  let at = 0
  for (let row = 0; row < rowCount; row++) {
    offsets[row] = at
    const start = starts[row]!
    const end = ends[row]! >> 1
    if ((ends[row]! & 1) !== 0) at = unescapeJson(bytes, start, end, out, at)
    else if (end - start > 64) {
      out.set(bytes.subarray(start, end), at)
      at += end - start
    } else for (let from = start; from < end; from++) out[at++] = bytes[from]!
  }
  offsets[rowCount] = at
  return at
}

/** binary: strings of base64. */
export class BinaryColumn implements JsonColumn {
  readonly #target: JsonTarget
  readonly #name: string
  readonly #type: DataType
  #rows: (Uint8Array | null)[] = []

  constructor(target: JsonTarget, name: string, type: DataType) {
    this.#target = target
    this.#name = name
    this.#type = type
  }

  read(row: number): void {
    const { cursor } = this.#target
    this.#rows[row] = null
    if (skipNull(cursor)) return
    if (cursor.peek() !== 34) {
      misfit(this.#target, this.#name, this.#type)
      return
    }
    cursor.string()
    const { bytes, start, stop } = cursor
    const text = Buffer.from(bytes.subarray(start, stop)).toString('latin1').replaceAll('\\/', '/')
    if (/^[A-Za-z0-9+/\r\n]*={0,2}$/.test(text)) this.#rows[row] = Buffer.from(text, 'base64')
    else markMisfit(this.#target, this.#name, this.#type, start - 1, stop + 1)
  }

  setNull(row: number): void {
    this.#rows[row] = null
  }

  finish(rowCount: number): Vector {
    const { region } = this.#target
    const offsets = region.int32(rowCount + 1)
    const validity = new Validity()
    let used = 0
    for (let row = 0; row < rowCount; row++) used += this.#rows[row]?.length ?? 0
    const out = region.uint8(used)
    used = 0
    for (let row = 0; row < rowCount; row++) {
      offsets[row] = used
      const bytes = this.#rows[row] ?? null
      validity.mark(row, bytes === null, rowCount, region)
      if (bytes !== null) out.set(bytes, used)
      used += bytes?.length ?? 0
    }
    offsets[rowCount] = used
    this.#rows = []
    return bytesVector(this.#type, rowCount, offsets, out, validity.finish())
  }
}
