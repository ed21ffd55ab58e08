import { type FixedVector, flatten, shortHashes, type Vector } from '../batch/index.ts'
import { codesOfHashes, dropNullCodes, type IntegerArray, keyCodes, keyRange } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, MAX_INT64_PRECISION } from '../types/index.ts'

/**
 * How the keys of a join become codes, which are what its table holds; decided by the build side's keys.
 *
 * - `none`: no build row has a key that can be found.
 * - `packed`: integers; the code is the place in the product of the keys' ranges, so equal codes are equal
 *   keys. `specs`: least key and size of the range, for each key. Codes of 32 bits where the product allows.
 * - `hashed`: anything; the code is a hash of 31 bits, and whoever finds a row has to compare the keys.
 *
 * Rows with a NULL in a key that is not null-safe have code -1.
 */
export type JoinKeyForm =
  | { readonly kind: 'none' }
  | { readonly kind: 'packed'; readonly bits: 32 | 64; readonly specs: BigInt64Array; readonly size: number }
  | { readonly kind: 'hashed' }

/** Codes of keys, a row each. */
export type JoinCodes = Int32Array | BigInt64Array

/** The form for the keys of a build side. What it holds lies in `region`. */
export function keyFormOf(
  keys: readonly Vector[],
  types: readonly DataType[],
  nullSafe: readonly boolean[],
  rowCount: number,
  region: Region,
): JoinKeyForm {
  if (rowCount === 0) return { kind: 'none' }
  if (!types.every((type, index) => isIntegerKey(type) && nullSafe[index] === false))
    return { kind: 'hashed' }
  const specs = region.int64(2 * keys.length)
  let size = 1n
  for (const [index, key] of keys.entries()) {
    const spec = specs.subarray(2 * index, 2 * index + 2)
    const { values, validity } = integersOf(key, region)
    if (keyRange(region.pool, values, validity, rowCount, spec) === 0) return { kind: 'none' }
    spec[1] = spec[1]! - spec[0]! + 1n
    // The difference wraps around for ranges of more than 63 bits.
    if (spec[1]! <= 0n) return { kind: 'hashed' }
    size *= spec[1]!
  }
  if (size >= 1n << 62n) return { kind: 'hashed' }
  return { kind: 'packed', bits: size < 1n << 31n ? 32 : 64, specs, size: Number(size) }
}

/** Types whose values are single integers of up to 64 bits. */
export function isIntegerKey(type: DataType): boolean {
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
      return true
    case 'decimal':
      return type.precision <= MAX_INT64_PRECISION
    default:
      return false
  }
}

/** The code of each row; the array lies in `region`. */
export function codesOf(
  form: Exclude<JoinKeyForm, { readonly kind: 'none' }>,
  keys: readonly Vector[],
  nullSafe: readonly boolean[],
  rowCount: number,
  region: Region,
): JoinCodes {
  if (form.kind === 'hashed') return hashCodes(keys, nullSafe, rowCount, region)
  const codes = form.bits === 32 ? region.int32(rowCount) : region.int64(rowCount)
  for (const [index, key] of keys.entries()) {
    const { values, validity } = integersOf(key, region)
    const spec = form.specs.subarray(2 * index, 2 * index + 2)
    keyCodes(region.pool, values, validity, rowCount, spec, index > 0, codes)
  }
  return codes
}

function hashCodes(
  keys: readonly Vector[],
  nullSafe: readonly boolean[],
  rowCount: number,
  region: Region,
): Int32Array {
  const codes = shortHashes(keys, rowCount, region)
  codesOfHashes(region.pool, codes, rowCount)
  for (const [index, { validity }] of keys.entries())
    if (validity !== null && nullSafe[index] === false) dropNullCodes(region.pool, codes, validity, rowCount)
  return codes
}

/** Integers of a key column and its bitmap of NULLs. */
export interface IntegerColumn {
  readonly values: IntegerArray
  readonly validity: Uint8Array | null
}

/** The integers of a vector of a type that `isIntegerKey`. */
export function integersOf(key: Vector, region: Region): IntegerColumn {
  const flat = flatten(key, region) as FixedVector // Of a type that has one lane.
  return { values: flat.values as IntegerArray, validity: flat.validity }
}
