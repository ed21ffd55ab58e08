import type { Leaf } from './schema.ts'
import type { StoredPart } from './to-stored.ts'

/** Smallest and largest value as stored; null when there is none. */
export interface StoredBounds {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** Compares two stored values in the order of the column's type. */
export type CompareStored = (a: Uint8Array, b: Uint8Array) => number

/** The bounds of values; null if there are none (or only NaN), or the type has no order. */
export function boundsOf(leaf: Leaf, part: StoredPart): StoredBounds | null {
  if (part.count === 0) return null
  const { bytes, count } = part
  if (part.width === 0) return textBounds(part)
  if (leaf.conversion === 'big-endian') return bigEndianBounds(part)
  switch (leaf.physical) {
    case 'BOOLEAN':
      return rangeOf(bytes, 1, extremes(bytes, count))
    case 'INT32':
      return rangeOf(bytes, 4, extremes(new Int32Array(bytes.buffer, bytes.byteOffset, count), count))
    case 'INT64':
      return rangeOf(bytes, 8, extremes64(new BigInt64Array(bytes.buffer, bytes.byteOffset, count), count))
    case 'FLOAT':
      return zeroBounds(
        rangeOf(bytes, 4, extremes(new Float32Array(bytes.buffer, bytes.byteOffset, count), count)),
      )
    case 'DOUBLE':
      return zeroBounds(
        rangeOf(bytes, 8, extremes(new Float64Array(bytes.buffer, bytes.byteOffset, count), count)),
      )
    default:
      return null
  }
}

/** The bounds of both. */
export function mergeBounds(a: StoredBounds | null, b: StoredBounds | null, leaf: Leaf): StoredBounds | null {
  if (a === null || b === null) return a ?? b
  const compare = compareOf(leaf)
  return { min: compare(b.min, a.min) < 0 ? b.min : a.min, max: compare(b.max, a.max) > 0 ? b.max : a.max }
}

/** The order of a leaf's stored values. */
export function compareOf(leaf: Leaf): CompareStored {
  if (leaf.conversion === 'big-endian') return compareBigEndian
  switch (leaf.physical) {
    case 'INT32':
      return (a, b) => view(a).getInt32(0, true) - view(b).getInt32(0, true)
    case 'INT64':
      return (a, b) => Number(view(a).getBigInt64(0, true) - view(b).getBigInt64(0, true))
    case 'FLOAT':
      return (a, b) => view(a).getFloat32(0, true) - view(b).getFloat32(0, true)
    case 'DOUBLE':
      return (a, b) => view(a).getFloat64(0, true) - view(b).getFloat64(0, true)
    default:
      return (a, b) => compareBytes(a, 0, a.length, b, 0, b.length)
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

interface Extremes {
  readonly min: number
  readonly max: number
}

/** Positions of the smallest and largest number; NaN is neither. Null if there is no number. */
function extremes(values: ArrayLike<number>, count: number): Extremes | null {
  let min = -1
  let max = -1
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    if (value !== value) continue
    if (min < 0 || value < values[min]!) min = i
    if (max < 0 || value > values[max]!) max = i
  }
  return min < 0 ? null : { min, max }
}

function extremes64(values: BigInt64Array, count: number): Extremes {
  let min = 0
  let max = 0
  for (let i = 1; i < count; i++) {
    if (values[i]! < values[min]!) min = i
    if (values[i]! > values[max]!) max = i
  }
  return { min, max }
}

function rangeOf(bytes: Uint8Array, width: number, found: Extremes | null): StoredBounds | null {
  if (found === null) return null
  const { min, max } = found
  return {
    min: bytes.slice(min * width, min * width + width),
    max: bytes.slice(max * width, max * width + width),
  }
}

/** As the specification asks: a smallest zero is negative, a largest one positive. */
function zeroBounds(bounds: StoredBounds | null): StoredBounds | null {
  if (bounds === null) return null
  const isZero = (bytes: Uint8Array) =>
    bytes.every((byte, i) => byte === 0 || (byte === 128 && i === bytes.length - 1))
  if (isZero(bounds.min)) bounds.min[bounds.min.length - 1] = 128
  if (isZero(bounds.max)) bounds.max[bounds.max.length - 1] = 0
  return bounds
}

function bigEndianBounds({ bytes, width, count }: StoredPart): StoredBounds {
  let min = bytes.subarray(0, width)
  let max = min
  for (let i = 1; i < count; i++) {
    const value = bytes.subarray(i * width, (i + 1) * width)
    if (compareBigEndian(value, min) < 0) min = value
    if (compareBigEndian(value, max) > 0) max = value
  }
  return { min: min.slice(), max: max.slice() }
}

/** Signed numbers of one length, highest byte first. */
function compareBigEndian(a: Uint8Array, b: Uint8Array): number {
  const sign = ((a[0]! << 24) >> 24) - ((b[0]! << 24) >> 24)
  return sign !== 0 ? sign : compareBytes(a, 1, a.length, b, 1, b.length)
}

function textBounds({ bytes, starts, ends, count }: StoredPart): StoredBounds {
  let min = 0
  let max = 0
  for (let i = 1; i < count; i++) {
    const start = starts[i]!
    const end = ends[i]!
    if (compareBytes(bytes, start, end, bytes, starts[min]!, ends[min]!) < 0) min = i
    else if (compareBytes(bytes, start, end, bytes, starts[max]!, ends[max]!) > 0) max = i
  }
  return { min: bytes.slice(starts[min]!, ends[min]!), max: bytes.slice(starts[max]!, ends[max]!) }
}

function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const common = Math.min(aEnd - aStart, bEnd - bStart)
  for (let i = 0; i < common; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!
    if (difference !== 0) return difference
  }
  return aEnd - aStart - (bEnd - bStart)
}

/** A lower bound of at most `limit` bytes. */
export function truncateMin(bytes: Uint8Array, limit: number, isText: boolean): Uint8Array {
  return bytes.length <= limit ? bytes : bytes.slice(0, isText ? characterStart(bytes, limit) : limit)
}

/**
 * An upper bound of at most `limit` bytes: cut, and its last byte that can grow made larger. Null if none
 * can.
 */
export function truncateMax(bytes: Uint8Array, limit: number, isText: boolean): Uint8Array | null {
  if (bytes.length <= limit) return bytes
  // Among characters only ASCII grows without a thought.
  const largest = isText ? 0x7e : 0xfe
  for (let at = (isText ? characterStart(bytes, limit) : limit) - 1; at >= 0; at--) {
    if (bytes[at]! > largest) continue
    const cut = bytes.slice(0, at + 1)
    cut[at]!++
    return cut
  }
  return null
}

/** The largest position up to `limit` where a UTF-8 character begins. */
function characterStart(bytes: Uint8Array, limit: number): number {
  let at = limit
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--
  return at
}
