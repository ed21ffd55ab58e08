import type { IntegerArray } from './join.ts'
import { type KernelHost, kernelsOf } from './load.ts'

type BitsKernel = (keys: number, validity: number, length: number, spec: number, bits: number) => void
type BloomKernel = (keys: number, validity: number, length: number, bloom: number, words: number) => void
type TestKernel = (
  keys: number,
  validity: number,
  rows: number,
  count: number,
  spec: number,
  set: number,
  words: number,
  out: number,
) => number

interface FilterKernels {
  readonly joinFilterBits8: BitsKernel
  readonly joinFilterBits16: BitsKernel
  readonly joinFilterBits32: BitsKernel
  readonly joinFilterBits64: BitsKernel
  readonly joinFilterBloom32: BloomKernel
  readonly joinFilterBloom64: BloomKernel
  readonly joinFilterTest8: TestKernel
  readonly joinFilterTest16: TestKernel
  readonly joinFilterTest32: TestKernel
  readonly joinFilterTest64: TestKernel
}

/** Which keys may pass a filter, over the arena. */
export interface KeySet {
  /** The least key, and the size of the range. */
  readonly spec: BigInt64Array
  /** A bit a key of the range, or words of a bloom filter; null where the range is all that is known. */
  readonly bits: Uint8Array | null
  readonly bloom: BigInt64Array | null
}

/** Keys of a column with its bitmap of NULLs. */
export interface KeyColumn {
  readonly values: IntegerArray
  readonly validity: Uint8Array | null
}

/** Sets the bits of all keys that are not NULL; they lie in the range of `spec`. */
export function insertKeyBits(
  host: KernelHost,
  { values, validity }: KeyColumn,
  length: number,
  spec: BigInt64Array,
  bits: Uint8Array,
): void {
  const kernels = kernelsOf<FilterKernels>(host)
  const { joinFilterBits8, joinFilterBits16, joinFilterBits32, joinFilterBits64 } = kernels
  const byWidth = { 1: joinFilterBits8, 2: joinFilterBits16, 4: joinFilterBits32, 8: joinFilterBits64 }
  const kernel = byWidth[values.BYTES_PER_ELEMENT as 1 | 2 | 4 | 8] // The widths of IntegerArray.
  kernel(values.byteOffset, validity?.byteOffset ?? 0, length, spec.byteOffset, bits.byteOffset)
}

/** Puts all keys that are not NULL into a bloom filter; keys of 4 or 8 bytes. */
export function insertKeyBloom(
  host: KernelHost,
  { values, validity }: KeyColumn,
  length: number,
  bloom: BigInt64Array,
): void {
  const { joinFilterBloom32, joinFilterBloom64 } = kernelsOf<FilterKernels>(host)
  const kernel = values.BYTES_PER_ELEMENT === 8 ? joinFilterBloom64 : joinFilterBloom32
  kernel(values.byteOffset, validity?.byteOffset ?? 0, length, bloom.byteOffset, bloom.length)
}

/**
 * Writes those of `rows` whose key may be in the set to `out`, in order; gives their number. `rows` null: all
 * of [0, count). `out` may be `rows`.
 */
export function testKeys(
  host: KernelHost,
  { values, validity }: KeyColumn,
  rows: Int32Array | null,
  count: number,
  { spec, bits, bloom }: KeySet,
  out: Int32Array,
): number {
  const kernels = kernelsOf<FilterKernels>(host)
  const { joinFilterTest8, joinFilterTest16, joinFilterTest32, joinFilterTest64 } = kernels
  const byWidth = { 1: joinFilterTest8, 2: joinFilterTest16, 4: joinFilterTest32, 8: joinFilterTest64 }
  const kernel = byWidth[values.BYTES_PER_ELEMENT as 1 | 2 | 4 | 8] // The widths of IntegerArray.
  const set = (bloom ?? bits)?.byteOffset ?? 0
  const from = rows?.byteOffset ?? 0
  const nulls = validity?.byteOffset ?? 0
  const words = bloom?.length ?? 0
  return kernel(values.byteOffset, nulls, from, count, spec.byteOffset, set, words, out.byteOffset)
}
