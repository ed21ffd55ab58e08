import { type KernelHost, kernelsOf } from './load.ts'

/** Texts that belong to numbers; see assembly/key-texts.ts. */
export interface KeyTextKernels {
  /**
   * Whether the text of a row differs from that of its number: with `mask` 0 the first such row, or -1; else
   * these rows get the number -1. Negative numbers are left alone.
   */
  differentTexts(
    offsets: number,
    bytes: number,
    codes: number,
    validity: number,
    count: number,
    numbers: number,
    ownOffsets: number,
    ownBytes: number,
    ownNulls: number,
    mask: 0 | 1,
  ): number
}

/** The kernels of this family. */
export function keyTextKernels(host: KernelHost): KeyTextKernels {
  return kernelsOf<KeyTextKernels>(host)
}
