import type { Region } from '../../memory/index.ts'

/** Next capacity for `length` groups. */
function capacityFor(current: number, length: number): number {
  return Math.max(64, length, current * 2)
}

/** Doubles an array of doubles until it holds `length`; new places are `fill`. */
export function growFloat64(array: Float64Array, length: number, region: Region, fill = 0): Float64Array {
  if (length <= array.length) return array
  const larger = region.float64(capacityFor(array.length, length))
  larger.fill(fill, array.length)
  larger.set(array)
  return larger
}

/** Doubles an array of int32 until it holds `length`; new places are zero. */
export function growInt32(array: Int32Array, length: number, region: Region): Int32Array {
  if (length <= array.length) return array
  const larger = region.int32(capacityFor(array.length, length))
  larger.fill(0, array.length)
  larger.set(array)
  return larger
}

/** Doubles an array of bytes until it holds `length`; new places are zero. */
export function growUint8(array: Uint8Array, length: number, region: Region): Uint8Array {
  if (length <= array.length) return array
  const larger = region.uint8(capacityFor(array.length, length))
  larger.fill(0, array.length)
  larger.set(array)
  return larger
}

/** Where growing arrays start. */
export const NO_FLOATS: Float64Array = new Float64Array(0)
export const NO_INTS: Int32Array = new Int32Array(0)

export const NO_BYTES: Uint8Array = new Uint8Array(0)
