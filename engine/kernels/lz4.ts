import { type KernelHost, kernelsOf } from './load.ts'

interface Lz4Kernels {
  lz4Compress(input: number, length: number, output: number, table: number): number
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

/** Bytes of scratch space that compressing takes. */
export const LZ4_TABLE_BYTES = 1 << 16

/** Most bytes that LZ4 makes of so many, and room that its kernel wants. */
export function mostLz4Bytes(length: number): number {
  return 32 + length + Math.ceil(length / 255)
}

/**
 * Writes one LZ4 block of `input` to `out`, which has room for `mostLz4Bytes`; gives its length. All lie in
 * the arena.
 */
export function compressLz4Into(
  host: KernelHost,
  input: Uint8Array,
  out: Uint8Array,
  table: Uint8Array,
): number {
  const { lz4Compress } = kernelsOf<Lz4Kernels>(host)
  return lz4Compress(input.byteOffset, input.length, out.byteOffset, table.byteOffset)
}
