import { type KernelHost, kernelsOf } from './load.ts'

/** Kernels over states of aggregates; addresses and offsets in bytes, see assembly/flat-states.ts. */
export interface FlatStateKernels {
  flatInit(states: number, stride: number, empty: number, from: number, to: number): void
  flatCounts(states: number, stride: number, plus: number, minus: number, count: number, out: number): void
  flatSeen(states: number, stride: number, plus: number, minus: number, count: number, out: number): void
  flatWords(states: number, stride: number, offset: number, log2: number, count: number, out: number): void
  flatAreSmall(states: number, stride: number, count: number, sums: number, sumCount: number): number
  flatExtend(states: number, stride: number, count: number, sums: number, sumCount: number): void
  /** The groups of rows by the cells of their keys; gives the position of the first that has none. */
  groupsOfCells(
    keys: number,
    keyCount: number,
    cells: number,
    rows: number,
    from: number,
    count: number,
    out: number,
  ): number
  /** Gives how many rows are the first of a cell; see the kernel. */
  newCells(
    keys: number,
    keyCount: number,
    cells: number,
    rows: number,
    count: number,
    out: number,
    cellOut: number,
  ): number
  flatSums(
    states: number,
    stride: number,
    offset: number,
    words: number,
    count: number,
    limit: number,
    narrow: number,
    wide: number,
  ): number
  flatMeans(
    states: number,
    stride: number,
    offset: number,
    plus: number,
    minus: number,
    count: number,
    factor: number,
    out: number,
  ): number
  flatFloatMeans(
    states: number,
    stride: number,
    offset: number,
    plus: number,
    minus: number,
    count: number,
    out: number,
  ): void
}

/** The kernels over the arena of a pool. */
export function flatStateKernels(host: KernelHost): FlatStateKernels {
  return kernelsOf<FlatStateKernels>(host)
}
