import type { FixedArray } from '../../../batch/index.ts'
import { MAX_INT64_PRECISION } from '../../../types/index.ts'
import type { Leaf } from '../schema.ts'

/**
 * Turns `count` stored values of one width, which begin at byte `from` (at any alignment), into values of the
 * engine in `out` from row `to` on. What `out` is, see leaf-type.ts.
 */
export type Convert = (bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number) => void

/** Bytes of one stored value; 0 for BYTE_ARRAY and BOOLEAN. */
export function storedBytes(leaf: Leaf): number {
  switch (leaf.physical) {
    case 'INT32':
    case 'FLOAT':
      return 4
    case 'INT64':
    case 'DOUBLE':
      return 8
    case 'INT96':
      return 12
    case 'FIXED_LEN_BYTE_ARRAY':
      return leaf.typeLength
    default:
      return 0
  }
}

/** Int64 values a row of a leaf's vectors: 2 only for decimals that may not fit into one. */
export function lanesOfLeaf({ type, conversion, physical, typeLength }: Leaf): 1 | 2 {
  if (type.kind !== 'decimal' || type.precision <= MAX_INT64_PRECISION) return 1
  if (conversion === 'unsigned64') return 2
  if (conversion !== 'big-endian') return 1
  return physical === 'FIXED_LEN_BYTE_ARRAY' && typeLength <= 8 ? 1 : 2
}

/** The conversion of a leaf with values of one width; `lanes` is that of the target. */
export function convertOf(leaf: Leaf, lanes: 1 | 2): Convert {
  switch (leaf.conversion) {
    case 'copy':
      return copy
    case 'narrow':
      return narrow
    case 'extend':
      return extend
    case 'unsigned32':
      return unsigned32
    case 'unsigned64':
      return unsigned64
    case 'millis32':
      return (bytes, from, out, to, count) => {
        extend(bytes, from, out, to, count)
        scale(out as BigInt64Array, to, count, 1000n)
      }
    case 'millis':
      return (bytes, from, out, to, count) => {
        copy(bytes, from, out, to, count)
        scale(out as BigInt64Array, to, count, 1000n)
      }
    case 'nanos':
      return (bytes, from, out, to, count) => {
        copy(bytes, from, out, to, count)
        nanosToMicros(out as BigInt64Array, to, count)
      }
    case 'int96':
      return int96
    case 'float16':
      return float16
    case 'big-endian':
      return bigEndianOf(leaf.typeLength, lanes)
    default:
      throw new Error(`leaf of conversion ${leaf.conversion} has no fixed width`)
  }
}

/** The bytes of a typed array. */
function bytesOf(array: FixedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

/** 64-bit values as pairs of 32-bit ones, low word first. */
function halvesOf(array: BigInt64Array): Int32Array {
  return new Int32Array(array.buffer, array.byteOffset, array.length * 2)
}

function copy(bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number): void {
  const width = out.BYTES_PER_ELEMENT
  bytesOf(out).set(bytes.subarray(from, from + count * width), to * width)
}

/** Stored 32-bit values at any alignment, as an aligned array. */
function aligned32(bytes: Uint8Array, from: number, count: number): Int32Array {
  const start = bytes.byteOffset + from
  if ((start & 3) === 0) return new Int32Array(bytes.buffer, start, count)
  const copied = new Int32Array(count)
  bytesOf(copied).set(bytes.subarray(from, from + count * 4))
  return copied
}

function narrow(bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number): void {
  const source = aligned32(bytes, from, count)
  const target = out as Int16Array
  for (let i = 0; i < count; i++) target[to + i] = source[i]!
}

function extend(bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number): void {
  const source = aligned32(bytes, from, count)
  const halves = halvesOf(out as BigInt64Array)
  for (let i = 0, at = 2 * to; i < count; i++, at += 2) {
    const value = source[i]!
    halves[at] = value
    halves[at + 1] = value >> 31
  }
}

function unsigned32(bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number): void {
  const source = aligned32(bytes, from, count)
  const halves = halvesOf(out as BigInt64Array)
  for (let i = 0, at = 2 * to; i < count; i++, at += 2) {
    halves[at] = source[i]!
    halves[at + 1] = 0
  }
}

function unsigned64(bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number): void {
  const source = aligned32(bytes, from, count * 2)
  const quarters = halvesOf(out as BigInt64Array)
  for (let i = 0, at = 4 * to; i < count; i++, at += 4) {
    quarters[at] = source[2 * i]!
    quarters[at + 1] = source[2 * i + 1]!
    quarters[at + 2] = 0
    quarters[at + 3] = 0
  }
}

function scale(out: BigInt64Array, to: number, count: number, factor: bigint): void {
  for (let i = to; i < to + count; i++) out[i] = BigInt.asIntN(64, out[i]! * factor)
}

/** Rounds down, also before 1970. */
function nanosToMicros(out: BigInt64Array, to: number, count: number): void {
  for (let i = to; i < to + count; i++) {
    const nanos = out[i]!
    const micros = BigInt.asIntN(64, nanos / 1000n)
    out[i] = BigInt.asIntN(64, micros * 1000n) > nanos ? BigInt.asIntN(64, micros - 1n) : micros
  }
}

const JULIAN_UNIX_EPOCH = 2_440_588

/** Nanoseconds of the day (8 bytes), then the Julian day (4). */
function int96(bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number): void {
  const words = aligned32(bytes, from, count * 3)
  const target = out as BigInt64Array
  for (let i = 0; i < count; i++) {
    const nanos = (words[3 * i]! >>> 0) + words[3 * i + 1]! * 4_294_967_296
    const days = words[3 * i + 2]! - JULIAN_UNIX_EPOCH
    target[to + i] = BigInt.asIntN(64, BigInt(days) * 86_400_000_000n + BigInt(Math.floor(nanos / 1000)))
  }
}

function float16(bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number): void {
  const target = out as Float32Array
  for (let i = 0; i < count; i++)
    target[to + i] = halfToNumber(bytes[from + 2 * i]! | (bytes[from + 2 * i + 1]! << 8))
}

/** The value of an IEEE 754 half. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** Signed big-endian numbers of `width` bytes. */
function bigEndianOf(width: number, lanes: 1 | 2): Convert {
  return (bytes, from, out, to, count) => {
    const words = halvesOf(out as BigInt64Array)
    const wordCount = lanes * 2
    for (let i = 0; i < count; i++) {
      const start = from + i * width
      bigEndianWords(bytes, start, start + width, words, (to + i) * wordCount, wordCount)
    }
  }
}

/**
 * The signed big-endian number `bytes[start .. end)` as 32-bit words, lowest first. Bytes beyond the words
 * are dropped.
 */
export function bigEndianWords(
  bytes: Uint8Array,
  start: number,
  end: number,
  words: Int32Array,
  at: number,
  wordCount: number,
): void {
  const sign = start < end ? (bytes[start]! << 24) >> 31 : 0
  let position = end - 1
  for (let word = 0; word < wordCount; word++) {
    let value = 0
    for (let shift = 0; shift < 32; shift += 8) {
      const byte = position >= start ? bytes[position]! : sign & 0xff
      value |= byte << shift
      position--
    }
    words[at + word] = value
  }
}
