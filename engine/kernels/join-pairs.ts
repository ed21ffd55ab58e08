import { type KernelHost, kernelsOf } from './load.ts'

interface PairKernels {
  joinPairsUnique(found: number, length: number, probeRows: number, buildRows: number): number
  joinPairsChained(
    found: number,
    length: number,
    next: number,
    cursor: number,
    probeRows: number,
    buildRows: number,
    capacity: number,
  ): number
  joinFlagFound(found: number, length: number, flags: number): void
  joinMark(rows: number, count: number, flags: number): void
  joinMarkChains(found: number, length: number, next: number, flags: number): void
  joinRowsWhere(flags: number, length: number, wanted: number, out: number): number
  joinKeepRows(rows: number, indices: number, count: number): void
}

/** Pairs of probe row and found row, where each key has one row; gives their number. */
export function uniquePairs(
  host: KernelHost,
  found: Int32Array,
  length: number,
  probeRows: Int32Array,
  buildRows: Int32Array,
): number {
  const { joinPairsUnique } = kernelsOf<PairKernels>(host)
  return joinPairsUnique(found.byteOffset, length, probeRows.byteOffset, buildRows.byteOffset)
}

/**
 * The next pairs along the chains, as many as fit `probeRows`; gives their number. `cursor`: the probe row to
 * go on with, and the build row of its chain, -1 for the first.
 */
export function chainedPairs(
  host: KernelHost,
  found: Int32Array,
  length: number,
  next: Int32Array,
  cursor: Int32Array,
  probeRows: Int32Array,
  buildRows: Int32Array,
): number {
  return kernelsOf<PairKernels>(host).joinPairsChained(
    found.byteOffset,
    length,
    next.byteOffset,
    cursor.byteOffset,
    probeRows.byteOffset,
    buildRows.byteOffset,
    probeRows.length,
  )
}

/** A byte a probe row: whether a row was found. */
export function flagFound(host: KernelHost, found: Int32Array, length: number, flags: Uint8Array): void {
  kernelsOf<PairKernels>(host).joinFlagFound(found.byteOffset, length, flags.byteOffset)
}

/** Sets the flags of `rows[0 .. count)`; threads may share the flags. */
export function markRows(host: KernelHost, rows: Int32Array, count: number, flags: Uint8Array): void {
  kernelsOf<PairKernels>(host).joinMark(rows.byteOffset, count, flags.byteOffset)
}

/** Sets the flags of all rows on the chains found; threads may share the flags. */
export function markChains(
  host: KernelHost,
  found: Int32Array,
  length: number,
  next: Int32Array,
  flags: Uint8Array,
): void {
  const { joinMarkChains } = kernelsOf<PairKernels>(host)
  joinMarkChains(found.byteOffset, length, next.byteOffset, flags.byteOffset)
}

/** Positions of the flags that are `wanted`, into `out`; gives their number. */
export function rowsFlagged(
  host: KernelHost,
  flags: Uint8Array,
  length: number,
  wanted: 0 | 1,
  out: Int32Array,
): number {
  return kernelsOf<PairKernels>(host).joinRowsWhere(flags.byteOffset, length, wanted, out.byteOffset)
}

/** rows[i] = rows[indices[i]], in place; indices rise. */
export function keepRows(host: KernelHost, rows: Int32Array, indices: Int32Array, count: number): void {
  kernelsOf<PairKernels>(host).joinKeepRows(rows.byteOffset, indices.byteOffset, count)
}
