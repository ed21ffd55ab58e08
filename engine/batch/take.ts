import type { Region } from '../memory/index.ts'
import { getBit, setBit } from './bitmap.ts'
import {
  allocateFixed,
  bytesVector,
  dictionaryVector,
  fixedVector,
  listVector,
  nullVector,
  structVector,
} from './make-vector.ts'
import type {
  BytesVector,
  ConstantVector,
  DictionaryVector,
  FixedArray,
  FixedVector,
  ListVector,
  RecordBatch,
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
      return structVector(vector.type, count, children, takeValidity(vector, indices, count, region))
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
  return { rowCount: count, columns: batch.columns.map((column) => take(column, indices, count, region)) }
}

/** The validity of the taken rows, or null when all are valid. */
function takeValidity(vector: Vector, indices: Int32Array, count: number, region: Region): Uint8Array | null {
  const { validity } = vector
  if (validity === null && !hasNegative(indices, count)) return null
  const out = region.bitmap(count)
  for (let i = 0; i < count; i++) {
    const row = indices[i]!
    if (row >= 0 && (validity === null || getBit(validity, row))) setBit(out, i)
  }
  return out
}

function hasNegative(indices: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (indices[i]! < 0) return true
  return false
}

function takeFixed(vector: FixedVector, indices: Int32Array, count: number, region: Region): FixedVector {
  const { type, values, lanes } = vector
  const out = allocateFixed(type, count, region, lanes)
  if (type.kind === 'boolean') gatherBits(values as Uint8Array, indices, count, out as Uint8Array)
  else if (lanes === 2) gatherPairs(values as BigInt64Array, indices, count, out as BigInt64Array)
  else gather(values, indices, count, out)
  return fixedVector(type, count, out, takeValidity(vector, indices, count, region), lanes)
}

function gatherBits(values: Uint8Array, indices: Int32Array, count: number, out: Uint8Array): void {
  out.fill(0)
  for (let i = 0; i < count; i++) {
    const row = indices[i]!
    if (row >= 0 && getBit(values, row)) setBit(out, i)
  }
}

/**
 * BigInt arrays would make a BigInt of every value, so pairs and singles move as 64-bit floats do: by int32
 * halves.
 */
function gatherPairs(values: BigInt64Array, indices: Int32Array, count: number, out: BigInt64Array): void {
  const from = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const to = new Int32Array(out.buffer, out.byteOffset, out.length * 2)
  for (let i = 0; i < count; i++) {
    const row = indices[i]! < 0 ? 0 : indices[i]! * 4
    to[4 * i] = from[row]!
    to[4 * i + 1] = from[row + 1]!
    to[4 * i + 2] = from[row + 2]!
    to[4 * i + 3] = from[row + 3]!
  }
}

function gather(values: FixedArray, indices: Int32Array, count: number, out: FixedArray): void {
  if (values.length === 0) out.fill((out instanceof BigInt64Array ? 0n : 0) as never)
  else if (values instanceof BigInt64Array) gather64(values, indices, count, out as BigInt64Array)
  else if (values instanceof Int32Array) gather32(values, indices, count, out as Int32Array)
  else if (values instanceof Float64Array) gatherFloat64(values, indices, count, out as Float64Array)
  else gatherOther(values as Int16Array, indices, count, out as Int16Array)
}

function gather64(values: BigInt64Array, indices: Int32Array, count: number, out: BigInt64Array): void {
  const from = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const to = new Int32Array(out.buffer, out.byteOffset, out.length * 2)
  for (let i = 0; i < count; i++) {
    const row = indices[i]! < 0 ? 0 : indices[i]! * 2
    to[2 * i] = from[row]!
    to[2 * i + 1] = from[row + 1]!
  }
}

function gather32(values: Int32Array, indices: Int32Array, count: number, out: Int32Array): void {
  for (let i = 0; i < count; i++) out[i] = values[indices[i]! < 0 ? 0 : indices[i]!]!
}

function gatherFloat64(values: Float64Array, indices: Int32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = values[indices[i]! < 0 ? 0 : indices[i]!]!
}

/** One and two byte integers and 32-bit floats: rarer, so one polymorphic loop serves them. */
function gatherOther(values: Int16Array, indices: Int32Array, count: number, out: Int16Array): void {
  for (let i = 0; i < count; i++) out[i] = values[indices[i]! < 0 ? 0 : indices[i]!]!
}

function takeBytes(vector: BytesVector, indices: Int32Array, count: number, region: Region): BytesVector {
  const { offsets, bytes } = vector
  const outOffsets = region.int32(count + 1)
  let total = 0
  for (let i = 0; i < count; i++) {
    outOffsets[i] = total
    const row = indices[i]!
    if (row >= 0) total += offsets[row + 1]! - offsets[row]!
  }
  outOffsets[count] = total
  const out = region.uint8(total)
  for (let i = 0; i < count; i++) {
    const row = indices[i]!
    if (row >= 0) copyBytes(bytes, offsets[row]!, offsets[row + 1]!, out, outOffsets[i]!)
  }
  return bytesVector(vector.type, count, outOffsets, out, takeValidity(vector, indices, count, region))
}

/** A plain loop beats `set(subarray)` for the short strings of real columns. */
function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > 64) {
    to.set(from.subarray(start, end), at)
    return
  }
  for (let i = start, j = at; i < end; i++, j++) to[j] = from[i]!
}

function takeDictionary(
  vector: DictionaryVector,
  indices: Int32Array,
  count: number,
  region: Region,
): Vector {
  const codes = region.int32(count)
  if (vector.codes.length === 0) codes.fill(0)
  else gather32(vector.codes, indices, count, codes)
  return dictionaryVector(count, codes, vector.dictionary, takeValidity(vector, indices, count, region))
}

function takeConstant(vector: ConstantVector, indices: Int32Array, count: number, region: Region): Vector {
  if (hasNegative(indices, count)) {
    const codes = region.int32(count).fill(0)
    return dictionaryVector(count, codes, vector.value, takeValidity(vector, indices, count, region))
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
  const { offsets } = vector
  const outOffsets = region.int32(count + 1)
  let total = 0
  for (let i = 0; i < count; i++) {
    outOffsets[i] = total
    const row = indices[i]!
    if (row >= 0) total += offsets[row + 1]! - offsets[row]!
  }
  outOffsets[count] = total
  const childRows = region.int32(total)
  let next = 0
  for (let i = 0; i < count; i++) {
    const row = indices[i]!
    if (row >= 0)
      for (let child = offsets[row]!; child < offsets[row + 1]!; child++) childRows[next++] = child
  }
  const child = take(vector.child, childRows, total, region)
  return listVector(vector.type, count, outOffsets, child, takeValidity(vector, indices, count, region))
}
