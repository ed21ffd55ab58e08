import { type KernelHost, kernelsOf } from './load.ts'

/**
 * Integers of a narrow range and their numbers, over addresses of the arena; see assembly/direct-keys.ts.
 * Keys have a `width` of 4 or 8 bytes; where `masked`, rows whose `out` is negative stay as they are.
 */
export interface DirectKeyKernels {
  /** Least and greatest key as two int64; gives how many keys there are. */
  rangeOfKeys(keys: number, width: number, count: number, out: number, masked: number, bounds: number): number
  /** Numbers of keys that are all within range; gives the new size. */
  insertNarrow(
    keys: number,
    width: number,
    count: number,
    base: number,
    direct: number,
    stored: number,
    size: number,
    out: number,
    masked: number,
  ): number
  /** Numbers of keys, or -1. */
  findNarrow(
    keys: number,
    width: number,
    count: number,
    base: number,
    span: number,
    direct: number,
    out: number,
    masked: number,
  ): void
}

/** The kernels of this family. */
export function directKeyKernels(host: KernelHost): DirectKeyKernels {
  return kernelsOf<DirectKeyKernels>(host)
}
