import { type KernelHost, kernelsOf } from './load.ts'

interface PieceGatherKernels {
  gatherPieces1(ids: number, count: number, table: number, out: number): void
  gatherPieces2(ids: number, count: number, table: number, out: number): void
  gatherPieces4(ids: number, count: number, table: number, out: number): void
  gatherPieces8(ids: number, count: number, table: number, out: number): void
  gatherPieces16(ids: number, count: number, table: number, out: number): void
  gatherPieceBits(ids: number, count: number, table: number, out: number): void
  gatherPieceOffsets(ids: number, count: number, table: number, out: number): number
  gatherPieceText(ids: number, count: number, table: number, out: number): void
}

/** Bytes of one value that `gatherPieces` moves. */
export type ValueBytes = 1 | 2 | 4 | 8 | 16

/** Values of rows by id (`piece << 16 | row`); `table` holds the address of each piece's values. */
export function gatherPieces(
  host: KernelHost,
  valueBytes: ValueBytes,
  ids: Int32Array,
  table: Int32Array,
  out: { readonly byteOffset: number },
): void {
  const kernels = kernelsOf<PieceGatherKernels>(host)
  kernels[`gatherPieces${valueBytes}`](ids.byteOffset, ids.length, table.byteOffset, out.byteOffset)
}

/** Bits of rows by id; a piece whose address is 0 has ones. */
export function gatherPieceBits(host: KernelHost, ids: Int32Array, table: Int32Array, out: Uint8Array): void {
  const kernels = kernelsOf<PieceGatherKernels>(host)
  kernels.gatherPieceBits(ids.byteOffset, ids.length, table.byteOffset, out.byteOffset)
}

/**
 * Offsets of the text of rows by id, from 0; gives the bytes in all. `table` holds four addresses a piece:
 * offsets, bytes, codes (0 if text is not behind a dictionary), 0.
 */
export function gatherPieceOffsets(
  host: KernelHost,
  ids: Int32Array,
  table: Int32Array,
  out: Int32Array,
): number {
  const kernels = kernelsOf<PieceGatherKernels>(host)
  return kernels.gatherPieceOffsets(ids.byteOffset, ids.length, table.byteOffset, out.byteOffset) >>> 0
}

/** Text of rows by id, one behind the other; `out` comes from a region, since bytes behind it are written. */
export function gatherPieceText(host: KernelHost, ids: Int32Array, table: Int32Array, out: Uint8Array): void {
  const kernels = kernelsOf<PieceGatherKernels>(host)
  kernels.gatherPieceText(ids.byteOffset, ids.length, table.byteOffset, out.byteOffset)
}
