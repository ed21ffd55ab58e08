import { type KernelHost, kernelsOf } from './load.ts'

/**
 * Rows by index and copies of rows, over addresses of the arena. Indices are int32; where -1 is allowed it
 * gives zeros and needs one readable row of values. See assembly/take.ts.
 */
export interface TakeKernels {
  take8(values: number, indices: number, count: number, out: number): void
  take16(values: number, indices: number, count: number, out: number): void
  take32(values: number, indices: number, count: number, out: number): void
  take64(values: number, indices: number, count: number, out: number): void
  take128(values: number, indices: number, count: number, out: number): void
  /** `values` 0: ones everywhere. Gives the number of ones. */
  takeBits(values: number, indices: number, count: number, out: number): number
  /** 1 if an index is negative, else 0. */
  anyNegative(indices: number, count: number): number
  /** Fills count + 1 offsets; gives the last, or -1 when it is beyond 2^31 - 1. */
  takeOffsets(offsets: number, indices: number, count: number, out: number): number
  takeBytes(
    offsets: number,
    bytes: number,
    indices: number,
    count: number,
    outOffsets: number,
    out: number,
  ): void
  /** Child rows of the taken rows of a list. */
  takeRanges(offsets: number, indices: number, count: number, out: number): void
  /** from, from + 1, … */
  countUp(from: number, count: number, out: number): void
  addToEach(values: number, count: number, add: number, out: number): void
  /** int64 to 128 bits, sign extended. */
  widen64(values: number, count: number, out: number): void
  /** Writes bits [from, from + count) of `bits` (0: ones) to bit `at` of `out` and on. */
  appendBits(bits: number, from: number, count: number, out: number, at: number): void
}

/** The kernels of this family. */
export function takeKernels(host: KernelHost): TakeKernels {
  return kernelsOf<TakeKernels>(host)
}
