import { type KernelHost, kernelsOf } from './load.ts'

/** Kinds of values in keys, by the numbers that the kernels know. */
export const keyKinds = {
  int8: 0,
  int16: 1,
  int32: 2,
  int64: 3,
  float32: 4,
  float64: 5,
  boolean: 6,
  int128: 7,
} as const

/** Flags of a key column. */
export const keyFlags = { descending: 1, nullsFirst: 2 } as const

/** The loops that make key words. Addresses; 0 where there is no buffer. See assembly/sort-keys.ts. */
export interface SortKeyKernels {
  packKeyColumn(
    values: number,
    validity: number,
    kind: number,
    part: number,
    flags: number,
    rows: number,
    words: number,
    width: number,
    position: number,
  ): void
  addTextSizes(
    offsets: number,
    bytes: number,
    codes: number,
    validity: number,
    rows: number,
    sizes: number,
  ): void
  keyStarts(sizes: number, rows: number): number
  writeTextKeys(
    offsets: number,
    bytes: number,
    codes: number,
    validity: number,
    flags: number,
    rows: number,
    cursors: number,
  ): void
  writeFixedKeys(
    values: number,
    validity: number,
    kind: number,
    flags: number,
    rows: number,
    cursors: number,
  ): void
  swapKeyWords(words: number, count: number): void
}

/** The loops over the arena of a pool. */
export function sortKeyKernels(host: KernelHost): SortKeyKernels {
  return kernelsOf<SortKeyKernels>(host)
}
