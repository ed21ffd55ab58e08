import { type KernelHost, kernelsOf } from './load.ts'

interface SnappyKernels {
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
