import { EngineError } from '../errors.ts'
import { addressIn, addressOrZero, takeKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import { allocateFixed, nullVector } from './make-vector.ts'
import type {
  BytesVector,
  ConstantVector,
  DictionaryVector,
  FixedVector,
  ListVector,
  RecordBatch,
  StructVector,
  Vector,
} from './vector.ts'

/**
 * Rows `indices[0 .. count)` of a vector, in that order; index -1 gives NULL (the other side of an outer
 * join).
 * The result lies in `region`, except that a dictionary or constant is shared with the input.
 */
export function take(vector: Vector, indices: Int32Array, count: number, region: Region): Vector {
  switch (vector.encoding) {
    case 'fixed':
      return takeFixed(vector, indices, count, region)
    case 'bytes':
      return takeBytes(vector, indices, count, region)
    case 'dictionary':
      return takeDictionary(vector, indices, count, region)
    case 'constant':
      return takeConstant(vector, indices, count, region)
    case 'list':
      return takeList(vector, indices, count, region)
    case 'struct': {
      const children = vector.children.map((child) => take(child, indices, count, region))
      return { ...takeNulls(vector, indices, count, region), encoding: 'struct', children } as StructVector
    }
    case 'null':
      return nullVector(count, region)
  }
}

/** Rows of a batch by index; see `take`. */
export function takeBatch(
  batch: RecordBatch,
  indices: Int32Array,
  count: number,
  region: Region,
): RecordBatch {
  const near = inArena(indices, count, region)
  return { rowCount: count, columns: batch.columns.map((column) => take(column, near, count, region)) }
}

/** Indices in ordinary memory are copied once for all columns. */
function inArena(indices: Int32Array, count: number, region: Region): Int32Array {
  if (indices.buffer instanceof SharedArrayBuffer) return indices
  const copy = region.int32(count)
  copy.set(indices.subarray(0, count))
  return copy
}

/** The validity of taken rows; null when all are valid. */
export function takeValidity(
  vector: Vector,
  indices: Int32Array,
  count: number,
  region: Region,
): Uint8Array | null {
  return takeNulls(vector, indices, count, region).validity
}

/** What every vector has, for the taken rows. */
function takeNulls(vector: Vector, indices: Int32Array, count: number, region: Region) {
  const { type, validity } = vector
  const kernels = takeKernels(region.pool)
  const at = addressIn(region, indices)
  if (validity === null && kernels.anyNegative(at, count) === 0)
    return { type, length: count, nullCount: 0, validity: null }
  const bits = region.uint8((count + 7) >> 3)
  const ones = kernels.takeBits(addressOrZero(region, validity), at, count, bits.byteOffset)
  return { type, length: count, nullCount: count - ones, validity: ones === count ? null : bits }
}

function takeFixed(vector: FixedVector, indices: Int32Array, count: number, region: Region): FixedVector {
  const { type, values, lanes } = vector
  const out = allocateFixed(type, count, region, lanes)
  const [from, at, to] = [addressIn(region, values), addressIn(region, indices), out.byteOffset]
  if (type.kind === 'boolean') takeKernels(region.pool).takeBits(from, at, count, to)
  else takeWidth(values.BYTES_PER_ELEMENT * lanes, from, at, count, to, region)
  return { ...takeNulls(vector, indices, count, region), encoding: 'fixed', values: out, lanes }
}

function takeWidth(bytes: number, from: number, at: number, count: number, to: number, region: Region): void {
  const kernels = takeKernels(region.pool)
  if (bytes === 4) kernels.take32(from, at, count, to)
  else if (bytes === 8) kernels.take64(from, at, count, to)
  else if (bytes === 16) kernels.take128(from, at, count, to)
  else if (bytes === 2) kernels.take16(from, at, count, to)
  else kernels.take8(from, at, count, to)
}

/**
 * Offsets of taken rows, and their end. Rows of nothing are NULL whatever their index: a dictionary without
 * entries has codes 0.
 */
function takeOffsets(
  { offsets, length }: BytesVector | ListVector,
  indices: Int32Array,
  count: number,
  region: Region,
): { readonly out: Int32Array; readonly total: number } {
  const out = region.int32(count + 1)
  if (length === 0) return { out: out.fill(0), total: 0 }
  const [from, at] = [addressIn(region, offsets), addressIn(region, indices)]
  const total = takeKernels(region.pool).takeOffsets(from, at, count, out.byteOffset)
  if (total < 0)
    throw new EngineError('RESOURCES_EXHAUSTED', 'rows of one batch hold more than 2 GiB of text', {
      hint: 'Rows with values this long need smaller batches or a filter.',
    })
  return { out, total }
}

function takeBytes(vector: BytesVector, indices: Int32Array, count: number, region: Region): BytesVector {
  const { out: offsets, total } = takeOffsets(vector, indices, count, region)
  const bytes = region.uint8(total)
  if (total > 0)
    takeKernels(region.pool).takeBytes(
      addressIn(region, vector.offsets),
      addressIn(region, vector.bytes),
      addressIn(region, indices),
      count,
      offsets.byteOffset,
      bytes.byteOffset,
    )
  return { ...takeNulls(vector, indices, count, region), encoding: 'bytes', offsets, bytes }
}

function takeDictionary(
  vector: DictionaryVector,
  indices: Int32Array,
  count: number,
  region: Region,
): Vector {
  const codes = region.int32(count)
  if (vector.codes.length === 0) codes.fill(0)
  else
    takeWidth(4, addressIn(region, vector.codes), addressIn(region, indices), count, codes.byteOffset, region)
  const { dictionary } = vector
  return { ...takeNulls(vector, indices, count, region), encoding: 'dictionary', codes, dictionary }
}

function takeConstant(vector: ConstantVector, indices: Int32Array, count: number, region: Region): Vector {
  if (takeKernels(region.pool).anyNegative(addressIn(region, indices), count) === 1) {
    const codes = region.int32(count).fill(0)
    const dictionary = vector.value
    return { ...takeNulls(vector, indices, count, region), encoding: 'dictionary', codes, dictionary }
  }
  const isNull = vector.value.nullCount > 0 && count > 0
  return {
    ...vector,
    length: count,
    nullCount: isNull ? count : 0,
    validity: isNull ? region.bitmap(count) : null,
  }
}

function takeList(vector: ListVector, indices: Int32Array, count: number, region: Region): ListVector {
  const { out: offsets, total } = takeOffsets(vector, indices, count, region)
  const childRows = region.int32(total)
  if (total > 0)
    takeKernels(region.pool).takeRanges(
      addressIn(region, vector.offsets),
      addressIn(region, indices),
      count,
      childRows.byteOffset,
    )
  const child = take(vector.child, childRows, total, region)
  return { ...takeNulls(vector, indices, count, region), encoding: 'list', offsets, child }
}
