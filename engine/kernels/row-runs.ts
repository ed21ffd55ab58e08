import { type KernelHost, kernelsOf } from './load.ts'

/**
 * Runs of equal rows that stand one after the other, over addresses of the arena; see assembly/row-runs.ts.
 * `marks` has a byte for each row, which is set where a column differs from the row before.
 */
export interface RowRunKernels {
  /** Values of `width` bytes: 1, 2, 4, 8 or 16. */
  markChanges(values: number, width: number, count: number, marks: number): void
  markBitChanges(bits: number, count: number, marks: number): void
  markTextChanges(offsets: number, bytes: number, count: number, marks: number): void
  /** The run of each row (int32), and the first row of each run; gives how many runs there are. */
  numberRuns(marks: number, count: number, numbers: number, starts: number): number
}

/** The kernels of this family. */
export function rowRunKernels(host: KernelHost): RowRunKernels {
  return kernelsOf<RowRunKernels>(host)
}
