import { type BytesVector, type FixedVector, getBit, type Vector } from '../../batch/index.ts'
import { ByteBuffer, type IntBuffer } from './byte-buffer.ts'
import { storedBytes } from './encoding/plain.ts'
import type { Leaf } from './schema.ts'
import type { ShredBuffers } from './shred.ts'
import { UsedEntries } from './used-entries.ts'

/** Values as they are stored before encoding. */
export interface StoredPart {
  readonly count: number
  /** Bytes of one value; 0 for byte arrays; booleans are a byte each. */
  readonly width: number
  readonly bytes: Uint8Array
  /** Of byte arrays: value i is `bytes[starts[i] .. ends[i])`. */
  readonly starts: Int32Array
  readonly ends: Int32Array
}

const NONE = new Int32Array(0)

/** Memory that one part after the other uses. */
export class PartScratch {
  readonly used = new UsedEntries()
  readonly shredded: ShredBuffers[] = []
  readonly #lent: ArrayBuffer[] = []

  /** The buffer of a use (0, 1, …), with room for so many bytes. */
  buffer(use: number, bytes: number): ArrayBuffer {
    let buffer = this.#lent[use]
    if (buffer === undefined || buffer.byteLength < bytes) {
      buffer = new ArrayBuffer(2 * bytes)
      this.#lent[use] = buffer
    }
    return buffer
  }
}

/** The values of rows `rows` of a flat vector, until `scratch` is used again. */
export function toStored(leaf: Leaf, vector: Vector, rows: IntBuffer, scratch: PartScratch): StoredPart {
  const count = rows.length
  if (vector.encoding === 'bytes') return bytesPart(vector, rows, scratch)
  if (vector.encoding !== 'fixed')
    return { count: 0, width: 4, bytes: new Uint8Array(0), starts: NONE, ends: NONE }
  if (leaf.conversion === 'bits') return bitsPart(vector, rows)
  const width = storedBytes(leaf)
  const buffer = scratch.buffer(0, count * width)
  const bytes = new Uint8Array(buffer, 0, count * width)
  if (leaf.conversion === 'big-endian') writeBigEndian(vector, rows.values, count, bytes, width)
  else if (width === 4) writeWords(vector, rows.values, count, new Int32Array(buffer))
  else writePairs(vector, rows.values, count, new Int32Array(buffer))
  return { count, width, bytes, starts: NONE, ends: NONE }
}

function bytesPart(
  { offsets, bytes }: BytesVector,
  { values, length }: IntBuffer,
  scratch: PartScratch,
): StoredPart {
  const starts = new Int32Array(scratch.buffer(0, 4 * length), 0, length)
  const ends = new Int32Array(scratch.buffer(1, 4 * length), 0, length)
  for (let i = 0; i < length; i++) {
    starts[i] = offsets[values[i]!]!
    ends[i] = offsets[values[i]! + 1]!
  }
  return { count: length, width: 0, bytes, starts, ends }
}

function bitsPart({ values }: FixedVector, rows: IntBuffer): StoredPart {
  const bits = values as Uint8Array
  const bytes = new Uint8Array(rows.length)
  for (let i = 0; i < rows.length; i++) bytes[i] = getBit(bits, rows.values[i]!) ? 1 : 0
  return { count: rows.length, width: 1, bytes, starts: NONE, ends: NONE }
}

/** 32-bit numbers, smaller integers, and decimals of up to 9 digits. */
function writeWords(vector: FixedVector, rows: Int32Array, count: number, out: Int32Array): void {
  const { values } = vector
  if (values instanceof BigInt64Array) {
    const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
    for (let i = 0; i < count; i++) out[i] = halves[2 * rows[i]!]!
  } else if (values instanceof Float32Array) {
    const words = new Int32Array(values.buffer, values.byteOffset, values.length)
    for (let i = 0; i < count; i++) out[i] = words[rows[i]!]!
  } else {
    const numbers = values as Int32Array
    for (let i = 0; i < count; i++) out[i] = numbers[rows[i]!]!
  }
}

/** 64-bit numbers. */
function writePairs({ values }: FixedVector, rows: Int32Array, count: number, out: Int32Array): void {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  for (let i = 0; i < count; i++) {
    const row = 2 * rows[i]!
    out[2 * i] = halves[row]!
    out[2 * i + 1] = halves[row + 1]!
  }
}

/** Decimals of one or two lanes, highest byte first. */
function writeBigEndian(
  vector: FixedVector,
  rows: Int32Array,
  count: number,
  out: Uint8Array,
  width: number,
): void {
  const { values, lanes } = vector
  const laneBytes = lanes * 8
  const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  for (let i = 0; i < count; i++) {
    const from = rows[i]! * laneBytes
    const sign = source[from + laneBytes - 1]! >= 128 ? 255 : 0
    for (let j = 0; j < width; j++) out[i * width + width - 1 - j] = j < laneBytes ? source[from + j]! : sign
  }
}

/** Values of several parts, one after the other. */
export class StoredValuesBuffer {
  readonly width: number
  readonly bytes = new ByteBuffer()
  /** Ends of byte arrays in `bytes`. */
  #ends = new Int32Array(16)
  count = 0

  constructor(width: number) {
    this.width = width
  }

  /** Bytes of its buffers. */
  get heldBytes(): number {
    return this.bytes.bytes.length + this.#ends.byteLength
  }

  /** Where value `index` of byte arrays begins. */
  start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!
  }

  end(index: number): number {
    return this.#ends[index]!
  }

  append(part: StoredPart): void {
    const { count, bytes, starts, ends } = part
    if (this.width > 0) {
      this.bytes.append(bytes.subarray(0, count * this.width))
      this.count += count
      return
    }
    let isDense = count > 0
    for (let i = 1; i < count && isDense; i++) isDense = starts[i] === ends[i - 1]
    if (!isDense) {
      for (let i = 0; i < count; i++) this.appendBytes(bytes, starts[i]!, ends[i]!)
      return
    }
    // Byte arrays that lie one behind the other are copied as one.
    const shift = this.bytes.length - starts[0]!
    this.bytes.append(bytes.subarray(starts[0]!, ends[count - 1]!))
    this.#reserveEnds(count)
    for (let i = 0; i < count; i++) this.#ends[this.count + i] = ends[i]! + shift
    this.count += count
  }

  /** Appends a value of 4 or 8 bytes. */
  appendWords(low: number, high: number): void {
    const { width } = this
    this.bytes.reserve(width)
    const { bytes, length } = this.bytes
    for (let i = 0; i < 4; i++) bytes[length + i] = low >>> (8 * i)
    if (width === 8) for (let i = 0; i < 4; i++) bytes[length + 4 + i] = high >>> (8 * i)
    this.bytes.length = length + width
    this.count++
  }

  appendBytes(bytes: Uint8Array, start: number, end: number): void {
    this.#reserveEnds(1)
    this.bytes.reserve(end - start)
    const { bytes: out, length } = this.bytes
    if (end - start > 48) out.set(bytes.subarray(start, end), length)
    else for (let i = start, at = length; i < end; i++, at++) out[at] = bytes[i]!
    this.bytes.length = length + end - start
    this.#ends[this.count++] = this.bytes.length
  }

  #reserveEnds(more: number): void {
    if (this.count + more <= this.#ends.length) return
    const larger = new Int32Array(Math.max(this.count + more, this.#ends.length * 2))
    larger.set(this.#ends)
    this.#ends = larger
  }

  clear(): void {
    this.bytes.length = 0
    this.count = 0
  }
}
