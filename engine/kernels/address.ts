import type { Region } from '../memory/index.ts'

/**
 * The address of an array for a kernel. Arrays of the arena have one; what lies in ordinary memory (literals,
 * tests) is copied into `region` first, so a kernel's results must never go to such an array.
 */
export function addressIn(region: Region, array: ArrayBufferView): number {
  if (array.buffer instanceof SharedArrayBuffer) return array.byteOffset
  const copy = region.uint8(array.byteLength)
  copy.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return copy.byteOffset
}

/** As `addressIn`; 0 for null, which kernels take for "none". */
export function addressOrZero(region: Region, array: ArrayBufferView | null): number {
  return array === null ? 0 : addressIn(region, array)
}
