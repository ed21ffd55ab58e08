import type { ValueForm } from './hash.ts'
import { type KernelHost, kernelsOf } from './load.ts'

/** Keys of several columns as rows of one width, and numbers by code; see assembly/key-rows.ts. */
export interface KeyRowKernels {
  /** `bytes`: 4, 8 or 16, as wide as the form or int64 widened to 16. */
  encodeValues(
    form: ValueForm,
    bytes: number,
    values: number,
    count: number,
    to: number,
    stride: number,
  ): void
  /** Zero for values under NULL, and their flag in the int32 at `flags`. */
  encodeNulls(
    validity: number,
    count: number,
    to: number,
    bytes: number,
    flags: number,
    flag: number,
    stride: number,
  ): void
  decodeValues(form: ValueForm, from: number, stride: number, count: number, out: number): void
  /** A bitmap of the rows that have the flag; gives their number. */
  decodeFlags(from: number, stride: number, flag: number, count: number, out: number): number
  invertBits(bits: number, count: number): void
  /** Sets the number of each NULL row. */
  numberNulls(validity: number, number: number, count: number, out: number): void
  /** -1 where a code is negative. */
  maskNegative(codes: number, count: number, out: number): void
  /** Gives the lowest number. */
  mapCodes(codes: number, numbers: number, count: number, out: number): number
  unknownCodes(
    codes: number,
    validity: number,
    numbers: number,
    unknown: number,
    count: number,
    out: number,
  ): number
  /** places[at[i]] = values[i]. */
  scatter32(values: number, at: number, count: number, places: number): void
  packCodes(codes: number, shift: number, count: number, out: number): void
  /** Gives the new size. */
  insertDirect(packed: number, direct: number, kept: number, size: number, count: number, out: number): number
  findDirect(packed: number, direct: number, count: number, out: number): void
  /** `seen`: a zero byte for each number from `before` on. */
  firstRows(numbers: number, count: number, before: number, seen: number, out: number): number
}

/** The kernels of this family. */
export function keyRowKernels(host: KernelHost): KeyRowKernels {
  return kernelsOf<KeyRowKernels>(host)
}
