import { type KernelHost, kernelsOf } from './load.ts'

type Kernel = (
  text: number,
  fields: number,
  count: number,
  first: number,
  values: number,
  validity: number,
  control: number,
  odd: number,
  a?: number,
  b?: number,
) => number

interface TextKernels {
  readonly textIntegers: Kernel
  readonly textDecimals: Kernel
  readonly textDoubles: Kernel
  readonly textBooleans: Kernel
  readonly textDates: Kernel
  readonly textTimestamps: Kernel
}

/** Words of the block that kernels over fields are told by; the rest are zero. */
export const FIELD_CONTROL = {
  /** Address and length of the text that stands for NULL; length 0: only a field of nothing. */
  nullText: 0,
  nullLength: 1,
  /** Whether a field of two quotes is NULL. */
  emptyIsNull: 2,
  /** Flags that are looked at, and their value for the fast path; others are left to the slow one. */
  flagMask: 3,
  flagWanted: 4,
  /** NULLs are added. */
  nullCount: 5,
  /** float64 powers of ten for doubles, offsets of days for timestamps, the empty text for strings. */
  extra: 6,
  emptyLength: 7,
  /** For strings: how escapes are undone; quote -1: as in JSON. */
  quote: 8,
  escape: 9,
  length: 10,
} as const

/**
 * Fields of one column in a text: pairs of int32, where a field starts and where it ends times four plus
 * flags (1: in quotes, 2: escapes inside). A field that is missing starts at -1.
 */
export interface TextFields {
  readonly text: Uint8Array
  readonly fields: Int32Array
  readonly count: number
  /** Row of the column that the first field is; a multiple of 8. */
  readonly first: number
}

/** Where values go. */
export interface FieldTarget {
  readonly values: ArrayBufferView
  readonly validity: Uint8Array
  readonly control: Int32Array
  /** Gets the fields, counted from the first, that the kernel leaves to the slow path. */
  readonly odd: Int32Array
}

/** Turns fields into values; gives the number of those that are left to the slow path. */
export type FieldKernel = (host: KernelHost, input: TextFields, target: FieldTarget) => number

/** Integers of so many bytes. */
export function integerKernel(width: number): FieldKernel {
  return (host, input, target) => run(kernelsOf<TextKernels>(host).textIntegers, input, target, width)
}

/** Decimals, in one lane up to precision 18, else in two. Scale up to 18. */
export function decimalKernel(precision: number, scale: number): FieldKernel {
  return (host, input, target) =>
    run(kernelsOf<TextKernels>(host).textDecimals, input, target, precision, scale)
}

/** Doubles (width 8) or floats (4). `extra` of the control block is the address of 10^0 … 10^22. */
export function doubleKernel(width: number): FieldKernel {
  return (host, input, target) => run(kernelsOf<TextKernels>(host).textDoubles, input, target, width)
}

/** `true` and `false` as bits; bits are zero before. */
export const booleanKernel: FieldKernel = (host, input, target) =>
  run(kernelsOf<TextKernels>(host).textBooleans, input, target)

/** `1996-03-13` as days. */
export const dateKernel: FieldKernel = (host, input, target) =>
  run(kernelsOf<TextKernels>(host).textDates, input, target)

/** Days since 1970-01-01 for which the offsets of a zone are looked up in a table. */
export const OFFSET_DAYS = 36_525

/** In that table: not known; such days are left to the slow path. */
export const NO_OFFSET = -2_147_483_648

/**
 * `1996-03-13 08:26:00` as microseconds; `extra` is the address of the seconds by which days are ahead of
 * UTC.
 */
export const timestampKernel: FieldKernel = (host, input, target) =>
  run(kernelsOf<TextKernels>(host).textTimestamps, input, target)

function run(kernel: Kernel, input: TextFields, target: FieldTarget, a = 0, b = 0): number {
  const { text, fields, count, first } = input
  const { values, validity, control, odd } = target
  return kernel(
    text.byteOffset,
    fields.byteOffset,
    count,
    first,
    values.byteOffset,
    validity.byteOffset,
    control.byteOffset,
    odd.byteOffset,
    a,
    b,
  )
}
