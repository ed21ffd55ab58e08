import { type KernelHost, kernelsOf } from './load.ts'

/** How the values of a column lie, for kernels that read any fixed width; numbers of assembly/key-bits.ts. */
export const VALUE_FORMS = {
  bits: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  int128: 5,
  float32: 6,
  float64: 7,
} as const

/** One of VALUE_FORMS. */
export type ValueForm = (typeof VALUE_FORMS)[keyof typeof VALUE_FORMS]

/**
 * 64-bit hashes of rows, over addresses of the arena; see assembly/hash.ts. `validity` 0: no NULLs.
 * `combine` 0 writes, 1 combines with the hashes that are there.
 */
export interface HashKernels {
  hashFixed(
    form: ValueForm,
    values: number,
    validity: number,
    count: number,
    out: number,
    combine: number,
  ): void
  /** `codes` 0: row i is string i, else string codes[i]. */
  hashStrings(
    offsets: number,
    bytes: number,
    codes: number,
    validity: number,
    count: number,
    out: number,
    combine: number,
  ): void
  /** `entries`: hashes of the dictionary's entries. */
  hashCodes(
    codes: number,
    entries: number,
    validity: number,
    count: number,
    out: number,
    combine: number,
  ): void
  /** `elements`: hashes of the child's rows. */
  hashLists(
    offsets: number,
    elements: number,
    validity: number,
    count: number,
    out: number,
    combine: number,
  ): void
  hashHashes(hashes: number, validity: number, count: number, out: number, combine: number): void
  /** The upper 32 bits of each hash. */
  upperHalves(hashes: number, count: number, out: number): void
}

/** The kernels of this family. */
export function hashKernels(host: KernelHost): HashKernels {
  return kernelsOf<HashKernels>(host)
}
