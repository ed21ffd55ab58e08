import { type KernelHost, kernelsOf } from './load.ts'

interface BitmapKernels {
  bitmapCount(bits: number, length: number): number
  bitmapIndices(bits: number, length: number, out: number): number
}

/** Ones among the first `length` bits of a bitmap in the arena. */
export function countBits(host: KernelHost, bits: Uint8Array, length: number): number {
  return kernelsOf<BitmapKernels>(host).bitmapCount(bits.byteOffset, length)
}

/** Writes the positions of the ones among the first `length` bits to `out`, in order; gives their number. */
export function bitIndices(host: KernelHost, bits: Uint8Array, length: number, out: Int32Array): number {
  return kernelsOf<BitmapKernels>(host).bitmapIndices(bits.byteOffset, length, out.byteOffset)
}
