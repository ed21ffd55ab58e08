import type { Region } from '../memory/index.ts'
import { type DataType, MAX_INT64_PRECISION } from '../types/index.ts'
import { countOnes } from './bitmap.ts'
import type {
  BytesVector,
  ConstantVector,
  DictionaryVector,
  FixedArray,
  FixedVector,
  FlatVector,
  ListVector,
  NullVector,
  StructVector,
  Vector,
} from './vector.ts'

/**
 * An empty typed array of the kind that holds `length` rows of a fixed-width type; booleans are bits. NOT
 * zeroed.
 */
export function allocateFixed(type: DataType, length: number, region: Region, lanes: 1 | 2 = 1): FixedArray {
  switch (type.kind) {
    case 'boolean':
      return region.uint8((length + 7) >> 3)
    case 'int8':
      return region.int8(length)
    case 'int16':
      return region.int16(length)
    case 'int32':
    case 'date':
    case 'interval_ym':
      return region.int32(length)
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'interval_dt':
      return region.int64(length)
    case 'decimal':
      return region.int64(length * lanes)
    case 'float32':
      return region.float32(length)
    case 'float64':
      return region.float64(length)
    default:
      throw new Error(`type ${type.kind} has no fixed width`)
  }
}

/** The same memory as int32 halves, low half first. */
export function halvesOf(values: BigInt64Array | Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2)
}

/** Whether values of the type all have one width. */
export function isFixedWidth(type: DataType): boolean {
  const { kind } = type
  return !(
    kind === 'string' ||
    kind === 'binary' ||
    kind === 'list' ||
    kind === 'map' ||
    kind === 'struct' ||
    kind === 'null'
  )
}

/** The lanes that a decimal of unknown values needs; 1 for every other type. */
export function lanesOf(type: DataType): 1 | 2 {
  return type.kind === 'decimal' && type.precision > MAX_INT64_PRECISION ? 2 : 1
}

/** Validity and its count of NULLs in normal form: no bitmap when no row is NULL. */
export function nulls(
  validity: Uint8Array | null,
  length: number,
): { validity: Uint8Array | null; nullCount: number } {
  if (validity === null) return { validity: null, nullCount: 0 }
  const nullCount = length - countOnes(validity, length)
  return { validity: nullCount === 0 ? null : validity, nullCount }
}

/** A fixed-width vector over values that are there. */
export function fixedVector(
  type: DataType,
  length: number,
  values: FixedArray,
  validity: Uint8Array | null = null,
  lanes: 1 | 2 = 1,
): FixedVector {
  return { encoding: 'fixed', type, length, values, lanes, ...nulls(validity, length) }
}

/** A string or binary vector over offsets (length + 1) and bytes. */
export function bytesVector(
  type: DataType,
  length: number,
  offsets: Int32Array,
  bytes: Uint8Array,
  validity: Uint8Array | null = null,
): BytesVector {
  return { encoding: 'bytes', type, length, offsets, bytes, ...nulls(validity, length) }
}

/** A dictionary vector; `validity` must already cover NULL entries of the dictionary. */
export function dictionaryVector(
  length: number,
  codes: Int32Array,
  dictionary: FlatVector,
  validity: Uint8Array | null = null,
): DictionaryVector {
  return {
    encoding: 'dictionary',
    type: dictionary.type,
    length,
    codes,
    dictionary,
    ...nulls(validity, length),
  }
}

/** A list or map vector over offsets (length + 1) and its child. */
export function listVector(
  type: DataType,
  length: number,
  offsets: Int32Array,
  child: Vector,
  validity: Uint8Array | null = null,
): ListVector {
  return { encoding: 'list', type, length, offsets, child, ...nulls(validity, length) }
}

/** A struct vector over its children. */
export function structVector(
  type: DataType,
  length: number,
  children: readonly Vector[],
  validity: Uint8Array | null = null,
): StructVector {
  return { encoding: 'struct', type, length, children, ...nulls(validity, length) }
}

/** A vector of NULLs of type `null`. */
export function nullVector(length: number, region: Region): NullVector {
  const validity = length === 0 ? null : region.bitmap(length)
  return { encoding: 'null', type: { kind: 'null' }, length, nullCount: length, validity }
}

/** A vector that repeats the single row of `value`. */
export function constantOf(value: FlatVector, length: number, region: Region): ConstantVector {
  const isNull = value.nullCount > 0 && length > 0
  const validity = isNull ? region.bitmap(length) : null
  return { encoding: 'constant', type: value.type, length, nullCount: isNull ? length : 0, validity, value }
}
