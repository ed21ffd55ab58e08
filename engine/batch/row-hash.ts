import {
  addressIn,
  addressOrZero,
  type HashKernels,
  hashKernels,
  VALUE_FORMS,
  type ValueForm,
} from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { DictionaryVector, FixedVector, FlatVector, Vector } from './vector.ts'

/**
 * A 64-bit hash of each row over all columns, as numbers in `region`. Equal rows have equal hashes whatever
 * their encoding and the lanes of decimals: NULL equals NULL, -0.0 equals 0.0, NaN equals NaN. No columns
 * give zeros. The same values hash alike in every process, so the partitions of an exchange may be chosen by
 * it. Buckets of tables are not: theirs is Spark's.
 */
export function hashRows(columns: readonly Vector[], rowCount: number, region: Region): BigInt64Array {
  const out = region.int64(rowCount)
  if (columns.length === 0) out.fill(0n)
  const writer = { kernels: hashKernels(region.pool), region }
  columns.forEach((column, index) => {
    hashColumn(column, rowCount, out.byteOffset, index > 0, writer)
  })
  return out
}

/** The upper 32 bits of `hashRows`. */
export function shortHashes(columns: readonly Vector[], rowCount: number, region: Region): Int32Array {
  const out = region.int32(rowCount)
  const hashes = hashRows(columns, rowCount, region)
  hashKernels(region.pool).upperHalves(hashes.byteOffset, rowCount, out.byteOffset)
  return out
}

/** How the values of a fixed-width vector lie, for kernels. */
export function valueForm({ values, type, lanes }: FixedVector): ValueForm {
  if (type.kind === 'boolean') return VALUE_FORMS.bits
  if (values instanceof BigInt64Array) return lanes === 2 ? VALUE_FORMS.int128 : VALUE_FORMS.int64
  if (values instanceof Int32Array) return VALUE_FORMS.int32
  if (values instanceof Float64Array) return VALUE_FORMS.float64
  if (values instanceof Float32Array) return VALUE_FORMS.float32
  return values instanceof Int16Array ? VALUE_FORMS.int16 : VALUE_FORMS.int8
}

interface Writer {
  readonly kernels: HashKernels
  readonly region: Region
}

function hashColumn(vector: Vector, count: number, out: number, isNext: boolean, writer: Writer): void {
  const { kernels, region } = writer
  const combine = isNext ? 1 : 0
  const validity = addressOrZero(region, vector.validity)
  const at = (array: ArrayBufferView) => addressIn(region, array)
  switch (vector.encoding) {
    case 'fixed':
      kernels.hashFixed(valueForm(vector), at(vector.values), validity, count, out, combine)
      break
    case 'bytes':
      kernels.hashStrings(at(vector.offsets), at(vector.bytes), 0, validity, count, out, combine)
      break
    case 'dictionary':
      hashDictionary(vector, count, out, combine, writer)
      break
    case 'constant': {
      const codes = region.int32(count).fill(0)
      kernels.hashCodes(codes.byteOffset, hashAll(vector.value, writer), validity, count, out, combine)
      break
    }
    case 'list':
      kernels.hashLists(at(vector.offsets), hashAll(vector.child, writer), validity, count, out, combine)
      break
    case 'struct': {
      const own = region.int64(count)
      if (vector.children.length === 0) own.fill(0n)
      vector.children.forEach((child, index) => {
        hashColumn(child, count, own.byteOffset, index > 0, writer)
      })
      kernels.hashHashes(own.byteOffset, validity, count, out, combine)
      break
    }
    case 'null':
      kernels.hashHashes(out, validity, count, out, combine)
  }
}

/** Hashes of all rows of a vector; their address. */
function hashAll(vector: Vector, writer: Writer): number {
  const hashes = writer.region.int64(vector.length)
  hashColumn(vector, vector.length, hashes.byteOffset, false, writer)
  return hashes.byteOffset
}

/** Entries are hashed once when rows are more than they; strings of larger dictionaries row by row. */
function hashDictionary(
  vector: DictionaryVector,
  count: number,
  out: number,
  combine: 0 | 1,
  writer: Writer,
): void {
  const { kernels, region } = writer
  const dictionary: FlatVector = vector.dictionary
  const validity = addressOrZero(region, vector.validity)
  const codes = addressIn(region, vector.codes)
  if (dictionary.encoding === 'bytes' && dictionary.length > count) {
    const [offsets, bytes] = [addressIn(region, dictionary.offsets), addressIn(region, dictionary.bytes)]
    kernels.hashStrings(offsets, bytes, codes, validity, count, out, combine)
  } else kernels.hashCodes(codes, hashAll(dictionary, writer), validity, count, out, combine)
}
