import { type KernelHost, kernelsOf } from './load.ts'

interface SnappyKernels {
  snappyCompress(input: number, length: number, output: number, table: number): number
  snappyDecompress(input: number, inputBytes: number, output: number, outputBytes: number): number
}

/**
 * Fills `out` exactly from Snappy's raw format; gives false if the input is malformed or of another length.
 * Both lie in the arena.
 */
export function decompressSnappy(host: KernelHost, input: Uint8Array, out: Uint8Array): boolean {
  const { snappyDecompress } = kernelsOf<SnappyKernels>(host)
  return snappyDecompress(input.byteOffset, input.length, out.byteOffset, out.length) === 1
}

/** Bytes of scratch space that compressing takes. */
export const SNAPPY_TABLE_BYTES = 1 << 16

/** Most bytes that Snappy makes of so many. */
export function mostSnappyBytes(length: number): number {
  return 32 + length + Math.ceil(length / 6)
}

/**
 * Writes Snappy's raw format of `input` to `out`, which has room for `mostSnappyBytes`; gives its length. All
 * lie in the arena.
 */
export function compressSnappyInto(
  host: KernelHost,
  input: Uint8Array,
  out: Uint8Array,
  table: Uint8Array,
): number {
  const { snappyCompress } = kernelsOf<SnappyKernels>(host)
  return snappyCompress(input.byteOffset, input.length, out.byteOffset, table.byteOffset)
}
