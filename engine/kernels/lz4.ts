import { type KernelHost, kernelsOf } from './load.ts'

interface Lz4Kernels {
  lz4Decompress(input: number, inputBytes: number, output: number, outputBytes: number): number
}

/**
 * Fills `out` exactly from one LZ4 block; gives false if it is malformed or of another length. Both lie in
 * the arena.
 */
export function decompressLz4Block(host: KernelHost, input: Uint8Array, out: Uint8Array): boolean {
  const { lz4Decompress } = kernelsOf<Lz4Kernels>(host)
  return lz4Decompress(input.byteOffset, input.length, out.byteOffset, out.length) === 1
}
