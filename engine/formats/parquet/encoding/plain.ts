import type { FixedArray } from '../../../batch/index.ts'
import { convertKernels, type KernelHost } from '../../../kernels/index.ts'
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

/** The conversion of a leaf with values of one width in the arena; `lanes` is that of the target. */
export function convertOf(leaf: Leaf, lanes: 1 | 2, host: KernelHost): Convert {
  const kernels = convertKernels(host)
  switch (leaf.conversion) {
    case 'copy':
      return copy
    case 'narrow':
      return (bytes, from, out, to, count) => {
        const shift = out.BYTES_PER_ELEMENT - 1
        kernels.narrowInts(bytes.byteOffset + from, count, shift, addressOf(out, to))
      }
    case 'extend':
      return (bytes, from, out, to, count) =>
        kernels.extendSigned(bytes.byteOffset + from, count, addressOf(out, to))
    case 'unsigned32':
      return (bytes, from, out, to, count) =>
        kernels.extendUnsigned(bytes.byteOffset + from, count, addressOf(out, to))
    case 'unsigned64':
      return (bytes, from, out, to, count) =>
        kernels.extendTo128(bytes.byteOffset + from, count, addressOf(out, to * 2))
    case 'millis32':
      return (bytes, from, out, to, count) => {
        kernels.extendSigned(bytes.byteOffset + from, count, addressOf(out, to))
        kernels.scaleInts(addressOf(out, to), count, 1000)
      }
    case 'millis':
      return (bytes, from, out, to, count) => {
        copy(bytes, from, out, to, count)
        kernels.scaleInts(addressOf(out, to), count, 1000)
      }
    case 'nanos':
      return (bytes, from, out, to, count) =>
        kernels.nanosToMicros(bytes.byteOffset + from, count, addressOf(out, to))
    case 'int96':
      return (bytes, from, out, to, count) =>
        kernels.int96ToMicros(bytes.byteOffset + from, count, addressOf(out, to))
    case 'float16':
      return float16
    case 'big-endian':
      return (bytes, from, out, to, count) => {
        const address = addressOf(out, to * lanes)
        kernels.bigEndianInts(bytes.byteOffset + from, count, leaf.typeLength, lanes, address)
      }
    default:
      throw new Error(`leaf of conversion ${leaf.conversion} has no fixed width`)
  }
}

/** Where element `index` of an array of the arena lies. */
export function addressOf(array: FixedArray, index: number): number {
  return array.byteOffset + index * array.BYTES_PER_ELEMENT
}

function copy(bytes: Uint8Array, from: number, out: FixedArray, to: number, count: number): void {
  const width = out.BYTES_PER_ELEMENT
  const target = new Uint8Array(out.buffer, out.byteOffset, out.byteLength)
  target.set(bytes.subarray(from, from + count * width), to * width)
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
