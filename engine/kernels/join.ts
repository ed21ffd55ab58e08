import { type KernelHost, kernelsOf } from './load.ts'

type CodesKernel = (
  keys: number,
  validity: number,
  length: number,
  spec: number,
  more: number,
  out: number,
) => void
type RangeKernel = (keys: number, validity: number, length: number, out: number) => number

interface JoinKernels {
  readonly joinRange8: RangeKernel
  readonly joinRange16: RangeKernel
  readonly joinRange32: RangeKernel
  readonly joinRange64: RangeKernel
  readonly joinCodes32Of8: CodesKernel
  readonly joinCodes32Of16: CodesKernel
  readonly joinCodes32Of32: CodesKernel
  readonly joinCodes32Of64: CodesKernel
  readonly joinCodes64Of8: CodesKernel
  readonly joinCodes64Of16: CodesKernel
  readonly joinCodes64Of32: CodesKernel
  readonly joinCodes64Of64: CodesKernel
  joinCodesOfHashes(hashes: number, length: number): void
  joinDropNulls(codes: number, validity: number, length: number): void
  joinDirectInsert(codes: number, length: number, heads: number, next: number): number
  joinDirectFind(codes: number, length: number, heads: number, out: number): void
  joinBitsInsert(codes: number, length: number, bits: number): void
  joinBitsFind(codes: number, length: number, bits: number, out: number): void
  joinHashInsert32(codes: number, length: number, slots: number, size: number, next: number): number
  joinHashInsert64(codes: number, length: number, slots: number, size: number, next: number): number
  joinHashFind32(
    codes: number,
    length: number,
    slots: number,
    size: number,
    scratch: number,
    out: number,
  ): void
  joinHashFind64(
    codes: number,
    length: number,
    slots: number,
    size: number,
    keys: number,
    scratch: number,
    out: number,
  ): void
}

/** Integers of any width: what a key column holds. */
export type IntegerArray = Int8Array | Int16Array | Int32Array | BigInt64Array

/** Bytes of scratch that the find kernels of hash tables take. */
export const FIND_SCRATCH_BYTES = 512 * 8

function addressOf(array: Uint8Array | null): number {
  return array === null ? 0 : array.byteOffset
}

/** Least and greatest key that is not NULL into `out`; gives the number of such keys. */
export function keyRange(
  host: KernelHost,
  keys: IntegerArray,
  validity: Uint8Array | null,
  length: number,
  out: BigInt64Array,
): number {
  const kernels = kernelsOf<JoinKernels>(host)
  const range = {
    1: kernels.joinRange8,
    2: kernels.joinRange16,
    4: kernels.joinRange32,
    8: kernels.joinRange64,
  }
  return range[widthOf(keys)](keys.byteOffset, addressOf(validity), length, out.byteOffset)
}

function widthOf(keys: IntegerArray): 1 | 2 | 4 | 8 {
  return keys.BYTES_PER_ELEMENT as 1 | 2 | 4 | 8 // The widths of the arrays in the type.
}

/**
 * Codes of a key column: its place in a range, `spec` = [least key, size of the range], -1 outside and for
 * NULL. `more`: the column goes on with codes that earlier columns have begun in `out`.
 */
export function keyCodes(
  host: KernelHost,
  keys: IntegerArray,
  validity: Uint8Array | null,
  length: number,
  spec: BigInt64Array,
  more: boolean,
  out: Int32Array | BigInt64Array,
): void {
  const kernels = kernelsOf<JoinKernels>(host)
  const { joinCodes32Of8, joinCodes32Of16, joinCodes32Of32, joinCodes32Of64 } = kernels
  const { joinCodes64Of8, joinCodes64Of16, joinCodes64Of32, joinCodes64Of64 } = kernels
  const codes =
    out.BYTES_PER_ELEMENT === 4
      ? { 1: joinCodes32Of8, 2: joinCodes32Of16, 4: joinCodes32Of32, 8: joinCodes32Of64 }
      : { 1: joinCodes64Of8, 2: joinCodes64Of16, 4: joinCodes64Of32, 8: joinCodes64Of64 }
  const kernel = codes[widthOf(keys)]
  kernel(keys.byteOffset, addressOf(validity), length, spec.byteOffset, more ? 1 : 0, out.byteOffset)
}

/** Hashes become codes, in place: they lose their sign. */
export function codesOfHashes(host: KernelHost, hashes: Int32Array, length: number): void {
  kernelsOf<JoinKernels>(host).joinCodesOfHashes(hashes.byteOffset, length)
}

/** Takes the codes of rows that are NULL. */
export function dropNullCodes(
  host: KernelHost,
  codes: Int32Array,
  validity: Uint8Array,
  length: number,
): void {
  kernelsOf<JoinKernels>(host).joinDropNulls(codes.byteOffset, validity.byteOffset, length)
}

/** Inserts all rows into `heads` (zeros before); gives the number of rows whose key was there before. */
export function insertDirect(
  host: KernelHost,
  codes: Int32Array,
  length: number,
  heads: Int32Array,
  next: Int32Array,
): number {
  return kernelsOf<JoinKernels>(host).joinDirectInsert(
    codes.byteOffset,
    length,
    heads.byteOffset,
    next.byteOffset,
  )
}

/** The first row of each code, -1 for none. */
export function findDirect(
  host: KernelHost,
  codes: Int32Array,
  length: number,
  heads: Int32Array,
  out: Int32Array,
): void {
  kernelsOf<JoinKernels>(host).joinDirectFind(codes.byteOffset, length, heads.byteOffset, out.byteOffset)
}

/** Sets the bits of all codes. */
export function insertBits(host: KernelHost, codes: Int32Array, length: number, bits: Uint8Array): void {
  kernelsOf<JoinKernels>(host).joinBitsInsert(codes.byteOffset, length, bits.byteOffset)
}

/** 0 for codes whose bit is set, -1 for others. */
export function findBits(
  host: KernelHost,
  codes: Int32Array,
  length: number,
  bits: Uint8Array,
  out: Int32Array,
): void {
  kernelsOf<JoinKernels>(host).joinBitsFind(codes.byteOffset, length, bits.byteOffset, out.byteOffset)
}

/** Inserts all rows into slots (pairs of int32, zeros before); gives the number of repeated keys. */
export function insertHash(
  host: KernelHost,
  codes: Int32Array | BigInt64Array,
  length: number,
  slots: Int32Array,
  next: Int32Array,
): number {
  const { joinHashInsert32, joinHashInsert64 } = kernelsOf<JoinKernels>(host)
  const insert = codes.BYTES_PER_ELEMENT === 4 ? joinHashInsert32 : joinHashInsert64
  return insert(codes.byteOffset, length, slots.byteOffset, slots.length / 2, next.byteOffset)
}

/** The first row of each code, -1 for none; codes are their own tags. */
export function findHash32(
  host: KernelHost,
  codes: Int32Array,
  length: number,
  slots: Int32Array,
  scratch: Uint8Array,
  out: Int32Array,
): void {
  const { joinHashFind32 } = kernelsOf<JoinKernels>(host)
  const [at, size] = [slots.byteOffset, slots.length / 2]
  joinHashFind32(codes.byteOffset, length, at, size, scratch.byteOffset, out.byteOffset)
}

/** The first row of each code, -1 for none; `keys` are the codes that were inserted. */
export function findHash64(
  host: KernelHost,
  codes: BigInt64Array,
  length: number,
  slots: Int32Array,
  keys: BigInt64Array,
  scratch: Uint8Array,
  out: Int32Array,
): void {
  const { joinHashFind64 } = kernelsOf<JoinKernels>(host)
  const [at, size] = [slots.byteOffset, slots.length / 2]
  joinHashFind64(codes.byteOffset, length, at, size, keys.byteOffset, scratch.byteOffset, out.byteOffset)
}
