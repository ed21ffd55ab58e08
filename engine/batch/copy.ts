import { assert } from '../errors.ts'
import { addressIn, addressOrZero, takeKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import { copyBits } from './bitmap.ts'
import {
  allocateFixed,
  bytesVector,
  fixedVector,
  listVector,
  nullVector,
  structVector,
} from './make-vector.ts'
import { take } from './take.ts'
import type {
  BytesVector,
  FixedArray,
  FixedVector,
  FlatVector,
  ListVector,
  RecordBatch,
  Vector,
} from './vector.ts'

/** The indices 0, 1, 2, … */
export function identity(count: number, region: Region, from = 0): Int32Array {
  const indices = region.int32(count)
  takeKernels(region.pool).countUp(from, count, indices.byteOffset)
  return indices
}

/** The same column without dictionary or constant at the top. Gives the input itself if it has none. */
export function flatten(vector: Vector, region: Region): FlatVector {
  if (vector.encoding === 'dictionary') {
    const flat = take(vector.dictionary, vector.codes, vector.length, region) as FlatVector
    return withValidity(flat, vector)
  }
  if (vector.encoding === 'constant') {
    const flat = take(vector.value, region.int32(vector.length).fill(0), vector.length, region) as FlatVector
    return withValidity(flat, vector)
  }
  return vector
}

function withValidity(flat: FlatVector, from: Vector): FlatVector {
  return { ...flat, validity: from.validity, nullCount: from.nullCount }
}

/** A copy that owns all its memory in `region`, dictionaries within nested columns too. Encoding is kept. */
export function copyVector(vector: Vector, region: Region): Vector {
  return withOwnDictionaries(slice(vector, 0, vector.length, region), region)
}

/** `slice` shares dictionaries and constants with its input; here they are copied. */
function withOwnDictionaries(vector: Vector, region: Region): Vector {
  switch (vector.encoding) {
    case 'dictionary':
      return { ...vector, dictionary: copyVector(vector.dictionary, region) as FlatVector }
    case 'constant':
      return { ...vector, value: copyVector(vector.value, region) as FlatVector }
    case 'list':
      return { ...vector, child: withOwnDictionaries(vector.child, region) }
    case 'struct':
      return { ...vector, children: vector.children.map((child) => withOwnDictionaries(child, region)) }
    default:
      return vector
  }
}

/** A copy of a batch that owns all its memory in `region`. */
export function copyBatch(batch: RecordBatch, region: Region): RecordBatch {
  return { rowCount: batch.rowCount, columns: batch.columns.map((column) => copyVector(column, region)) }
}

function copyValidity(vector: Vector, region: Region, from = 0, length = vector.length): Uint8Array | null {
  if (vector.validity === null) return null
  const out = region.bitmap(length)
  copyBits(vector.validity, from, out, length)
  return out
}

/** Rows [from, from + length) as a copy in `region`; dictionaries and constants are shared with the input. */
export function slice(vector: Vector, from: number, length: number, region: Region): Vector {
  switch (vector.encoding) {
    case 'fixed':
      return sliceFixed(vector, from, length, region)
    case 'bytes':
      return sliceBytes(vector, from, length, region)
    case 'list':
      return sliceList(vector, from, length, region)
    case 'struct': {
      const children = vector.children.map((child) => slice(child, from, length, region))
      return structVector(vector.type, length, children, copyValidity(vector, region, from, length))
    }
    case 'null':
      return nullVector(length, region)
    default:
      return take(vector, identity(length, region, from), length, region)
  }
}

/** Rows [from, from + length) of a batch; see `slice`. */
export function sliceBatch(batch: RecordBatch, from: number, length: number, region: Region): RecordBatch {
  if (from === 0 && length === batch.rowCount) return batch
  return { rowCount: length, columns: batch.columns.map((column) => slice(column, from, length, region)) }
}

function sliceFixed(vector: FixedVector, from: number, length: number, region: Region): FixedVector {
  const { type, values, lanes } = vector
  const out = allocateFixed(type, length, region, lanes)
  if (type.kind === 'boolean') copyBits(values as Uint8Array, from, out as Uint8Array, length)
  else out.set(values.subarray(from * lanes, (from + length) * lanes) as never)
  return fixedVector(type, length, out, copyValidity(vector, region, from, length), lanes)
}

function sliceBytes(vector: BytesVector, from: number, length: number, region: Region): BytesVector {
  const start = vector.offsets[from]!
  const end = vector.offsets[from + length]!
  const offsets = shiftedOffsets(vector.offsets, from, length, region)
  const bytes = region.uint8(end - start)
  bytes.set(vector.bytes.subarray(start, end))
  return bytesVector(vector.type, length, offsets, bytes, copyValidity(vector, region, from, length))
}

function sliceList(vector: ListVector, from: number, length: number, region: Region): ListVector {
  const start = vector.offsets[from]!
  const offsets = shiftedOffsets(vector.offsets, from, length, region)
  const child = slice(vector.child, start, vector.offsets[from + length]! - start, region)
  return listVector(vector.type, length, offsets, child, copyValidity(vector, region, from, length))
}

/** Offsets [from, from + length], starting at 0. */
function shiftedOffsets(offsets: Int32Array, from: number, length: number, region: Region): Int32Array {
  const out = region.int32(length + 1)
  const at = addressIn(region, offsets) + from * 4
  takeKernels(region.pool).addToEach(at, length + 1, -offsets[from]!, out.byteOffset)
  return out
}

/** All rows of several vectors of one type, one after the other, as one flat vector in `region`. */
export function concat(vectors: readonly Vector[], region: Region): FlatVector {
  const flat = vectors.map((vector) => flatten(vector, region))
  const first = flat[0]
  assert(first !== undefined, 'concat needs at least one vector')
  if (flat.length === 1) return first
  const length = flat.reduce((sum, vector) => sum + vector.length, 0)
  const validity = concatValidity(flat, length, region)
  switch (first.encoding) {
    case 'fixed':
      return concatFixed(flat as FixedVector[], length, validity, region)
    case 'bytes':
      return concatBytes(flat as BytesVector[], length, validity, region)
    case 'list': {
      const lists = flat as ListVector[]
      const children = lists.map(({ child, offsets, length: rows }) =>
        slice(child, offsets[0]!, offsets[rows]! - offsets[0]!, region),
      )
      const offsets = concatOffsets(lists, length, region)
      return listVector(first.type, length, offsets, concat(children, region), validity)
    }
    case 'struct': {
      const structs = flat as (typeof first)[]
      const children = first.children.map((_, index) =>
        concat(
          structs.map((struct) => struct.children[index]!),
          region,
        ),
      )
      return structVector(first.type, length, children, validity)
    }
    case 'null':
      return nullVector(length, region)
  }
}

function concatValidity(vectors: readonly Vector[], length: number, region: Region): Uint8Array | null {
  if (vectors.every((vector) => vector.validity === null)) return null
  const out = region.bitmap(length)
  const kernels = takeKernels(region.pool)
  let at = 0
  for (const { validity, length: rows } of vectors) {
    kernels.appendBits(addressOrZero(region, validity), 0, rows, out.byteOffset, at)
    at += rows
  }
  return out
}

function concatFixed(
  vectors: readonly FixedVector[],
  length: number,
  validity: Uint8Array | null,
  region: Region,
): FixedVector {
  const { type } = vectors[0]!
  const lanes = vectors.some((vector) => vector.lanes === 2) ? 2 : 1
  const out = allocateFixed(type, length, region, lanes)
  if (type.kind === 'boolean') out.fill(0 as never)
  let at = 0
  for (const vector of vectors) {
    appendFixed(vector, out, at, lanes, region)
    at += vector.length
  }
  return fixedVector(type, length, out, validity, lanes)
}

function appendFixed(vector: FixedVector, out: FixedArray, at: number, lanes: 1 | 2, region: Region): void {
  const { type, values, length } = vector
  if (type.kind === 'boolean')
    takeKernels(region.pool).appendBits(addressIn(region, values), 0, length, out.byteOffset, at)
  else if (vector.lanes === lanes) out.set(values.subarray(0, length * lanes) as never, at * lanes)
  else takeKernels(region.pool).widen64(addressIn(region, values), length, out.byteOffset + at * 16)
}

/** Scaled int64 values as 128-bit pairs, sign extended; for arrays outside the arena. */
export function widen(values: BigInt64Array, length: number, out: BigInt64Array): void {
  for (let i = 0; i < length; i++) {
    const value = values[i]!
    out[2 * i] = value
    out[2 * i + 1] = value < 0n ? -1n : 0n
  }
}

function concatOffsets(
  vectors: readonly { readonly offsets: Int32Array; readonly length: number }[],
  length: number,
  region: Region,
): Int32Array {
  const out = region.int32(length + 1)
  const kernels = takeKernels(region.pool)
  let row = 0
  let end = 0
  for (const { offsets, length: rows } of vectors) {
    const shift = end - offsets[0]!
    kernels.addToEach(addressIn(region, offsets), rows, shift, out.byteOffset + row * 4)
    row += rows
    end = offsets[rows]! + shift
  }
  out[length] = end
  return out
}

function concatBytes(
  vectors: readonly BytesVector[],
  length: number,
  validity: Uint8Array | null,
  region: Region,
): BytesVector {
  const offsets = concatOffsets(vectors, length, region)
  const bytes = region.uint8(offsets[length]!)
  let at = 0
  for (const vector of vectors) {
    const used = vector.bytes.subarray(vector.offsets[0]!, vector.offsets[vector.length]!)
    bytes.set(used, at)
    at += used.length
  }
  return bytesVector(vectors[0]!.type, length, offsets, bytes, validity)
}
