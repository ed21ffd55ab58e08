import type { ValueForm } from './hash.ts'
import { type KernelHost, kernelsOf } from './load.ts'

/** The first rows of each group, over addresses of the arena; see assembly/group-tops.ts. */
export interface GroupTopKernels {
  /** A word for each row that grows with its place in the order; `validity` 0: no NULLs. */
  orderWords(
    form: ValueForm,
    values: number,
    validity: number,
    count: number,
    descending: number,
    nullsFirst: number,
    out: number,
  ): void
  /** Adds rows to the `limit` least words of their groups; gives how many rows may be among the first. */
  addToTops(words: number, groups: number, count: number, limit: number, tops: number, out: number): number
  /** The rows that are among the first of their groups, or equal to the last of these. */
  withinTops(words: number, groups: number, count: number, limit: number, tops: number, out: number): number
}

/** The kernels of this family. */
export function groupTopKernels(host: KernelHost): GroupTopKernels {
  return kernelsOf<GroupTopKernels>(host)
}
