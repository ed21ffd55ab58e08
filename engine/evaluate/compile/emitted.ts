import type { DataType } from '../../types/index.ts'

/** What has no WebAssembly form here; the interpreter then serves. */
export class EmitError extends Error {}

/** Where a value of the current row is, in locals of the function. */
export type Emitted = IntValue | WideValue | FloatValue | BoolValue

interface EmittedBase {
  /** A local i32, 1 where the row is not NULL, 0 where it is; null if it never is. */
  readonly valid: number | null
}

/**
 * Integers, dates, timestamps, intervals and decimals (unscaled) within 64 bits. What can be proven of their
 * size decides which operations need a check, and which need 128 bits.
 */
export interface IntValue extends EmittedBase {
  readonly kind: 'int'
  /** A local i64, or the value itself. */
  readonly source: number | bigint
  readonly least: bigint
  readonly most: bigint
}

/** The same in 128 bits: two locals i64, the low word unsigned. */
export interface WideValue extends EmittedBase {
  readonly kind: 'wide'
  readonly low: number
  readonly high: number
  readonly least: bigint
  readonly most: bigint
}

/** float32 and float64: a local f64. */
export interface FloatValue extends EmittedBase {
  readonly kind: 'float'
  readonly local: number
}

/** A local i32, 0 or 1; under NULL it may be either. */
export interface BoolValue extends EmittedBase {
  readonly kind: 'bool'
  readonly local: number
}

/** The kinds of types that have a form in locals. */
export type Form = 'int' | 'float' | 'bool'

/** The form of a type's values; null if it has none. */
export function formOf(type: DataType): Form | null {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'interval_ym':
    case 'interval_dt':
    case 'decimal':
      return 'int'
    case 'float32':
    case 'float64':
      return 'float'
    case 'boolean':
      return 'bool'
    default:
      return null
  }
}

const BITS: Readonly<Record<string, bigint>> = {
  int8: 7n,
  int16: 15n,
  int32: 31n,
  date: 31n,
  interval_ym: 31n,
}

/** Least and greatest value of a type of form `int`. */
export function boundsOf(type: DataType): { readonly least: bigint; readonly most: bigint } {
  if (type.kind === 'decimal') {
    const most = 10n ** BigInt(type.precision) - 1n
    return { least: -most, most }
  }
  const limit = 1n << (BITS[type.kind] ?? 63n)
  return { least: -limit, most: limit - 1n }
}

/** Whether all values between two fit so many bits, with the sign. */
export function fitsBits({ least, most }: { least: bigint; most: bigint }, bits: number): boolean {
  return BigInt.asIntN(bits, least) === least && BigInt.asIntN(bits, most) === most
}
