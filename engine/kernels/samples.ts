import { type KernelHost, kernelsOf } from './load.ts'

/** Values of groups side by side, and the value at a share of each; see assembly/samples.ts. */
export interface SampleKernels {
  /** `starts` and `next` (scratch) have groups + 1 places. */
  doublesByGroup(
    values: number,
    groupOf: number,
    count: number,
    groups: number,
    starts: number,
    next: number,
    out: number,
  ): void
  /** The order of the values changes, unless they are sorted (`sorts` 0). */
  doubleAtShare(values: number, count: number, share: number, reaches: 0 | 1, sorts: 0 | 1): number
}

/** The kernels of this family. */
export function sampleKernels(host: KernelHost): SampleKernels {
  return kernelsOf<SampleKernels>(host)
}
