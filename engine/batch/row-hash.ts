import { getBit } from './bitmap.ts'
import type { BytesVector, FixedVector, FlatVector, ListVector, StructVector, Vector } from './vector.ts'

/** Hash of a NULL of any type. */
const NULL_HASH = 0x2545f491

/**
 * A 32-bit hash of each row over all columns, into `out[0 .. rowCount)`. Equal rows have equal hashes
 * whatever their encoding and the lanes of decimals: NULL equals NULL, -0.0 equals 0.0, NaN equals NaN. No
 * columns give zeros. The same values hash alike in every process, so partitions may be chosen by it.
 */
export function hashRows(columns: readonly Vector[], rowCount: number, out: Int32Array): void {
  if (columns.length === 0) {
    out.fill(0, 0, rowCount)
    return
  }
  hashColumn(columns[0]!, rowCount, out)
  if (columns.length === 1) return
  const next = new Int32Array(rowCount)
  for (let i = 1; i < columns.length; i++) {
    hashColumn(columns[i]!, rowCount, next)
    combineAll(out, next, rowCount)
  }
}

/** A well mixed 32-bit hash of an int32 (the finalizer of MurmurHash3). */
export function hashInt32(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** A hash of the two halves of a 64-bit value. */
export function hashInt64(low: number, high: number): number {
  return hashInt32(Math.imul(high ^ (high >>> 15), 0x9e3779b1) + low)
}

/** A hash of bytes [start, end), four at a time. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = (end - start) ^ 0x3c074a61
  let i = start
  for (; i + 4 <= end; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    hash = Math.imul((hash << 13) | (hash >>> 19), 0x9e3779b1) ^ Math.imul(word, 0x85ebca6b)
  }
  for (; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hashInt32(hash)
}

function combine(a: number, b: number): number {
  return hashInt32(Math.imul((a << 5) | (a >>> 27), 0x9e3779b1) + b)
}

function combineAll(out: Int32Array, next: Int32Array, rowCount: number): void {
  for (let i = 0; i < rowCount; i++) out[i] = combine(out[i]!, next[i]!)
}

/** Hashes of dictionary entries, as long as the dictionary lives: many batches share one. */
const dictionaryHashes = new WeakMap<FlatVector, Int32Array>()

function hashColumn(vector: Vector, rowCount: number, out: Int32Array): void {
  switch (vector.encoding) {
    case 'fixed':
      hashFixed(vector, rowCount, out)
      break
    case 'bytes':
      hashBytesColumn(vector, rowCount, out)
      break
    case 'list':
      hashList(vector, rowCount, out)
      break
    case 'struct':
      hashStruct(vector, rowCount, out)
      break
    case 'null':
      break
    case 'constant': {
      const one = new Int32Array(1)
      hashColumn(vector.value, 1, one)
      out.fill(one[0]!, 0, rowCount)
      break
    }
    case 'dictionary':
      gatherHashes(vector.codes, hashesOf(vector.dictionary), rowCount, out)
      break
  }
  if (vector.validity !== null) hashNulls(vector.validity, rowCount, out)
}

function hashNulls(validity: Uint8Array, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) if (!getBit(validity, i)) out[i] = NULL_HASH
}

function hashesOf(dictionary: FlatVector): Int32Array {
  let hashes = dictionaryHashes.get(dictionary)
  if (hashes === undefined) {
    hashes = new Int32Array(dictionary.length)
    hashColumn(dictionary, dictionary.length, hashes)
    dictionaryHashes.set(dictionary, hashes)
  }
  return hashes
}

function gatherHashes(codes: Int32Array, hashes: Int32Array, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) out[i] = hashes[codes[i]!]!
}

function hashFixed(vector: FixedVector, rowCount: number, out: Int32Array): void {
  const { values, type, lanes } = vector
  if (type.kind === 'boolean') hashBits(values as Uint8Array, rowCount, out)
  else if (values instanceof Float64Array) hashFloats64(values, rowCount, out)
  else if (values instanceof Float32Array) hashFloats32(values, rowCount, out)
  else if (values instanceof BigInt64Array) {
    const halves = halvesOf(values)
    if (lanes === 1) hashHalves(halves, rowCount, out)
    else hashPairs(halves, rowCount, out)
  } else hashInts(values as Int32Array, rowCount, out)
}

/** The same memory as int32 halves, low half first. */
export function halvesOf(values: BigInt64Array | Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2)
}

function hashBits(bits: Uint8Array, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) out[i] = hashInt32((bits[i >> 3]! >> (i & 7)) & 1)
}

function hashInts(values: Int32Array, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) out[i] = hashInt32(values[i]!)
}

function hashHalves(halves: Int32Array, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) out[i] = hashInt64(halves[2 * i]!, halves[2 * i + 1]!)
}

/** 128-bit values: those that fit 64 bits hash as such. */
function hashPairs(halves: Int32Array, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) {
    const low = hashInt64(halves[4 * i]!, halves[4 * i + 1]!)
    const sign = halves[4 * i + 1]! >> 31
    if (halves[4 * i + 2] === sign && halves[4 * i + 3] === sign) out[i] = low
    else out[i] = combine(low, hashInt64(halves[4 * i + 2]!, halves[4 * i + 3]!))
  }
}

function hashFloats64(values: Float64Array, rowCount: number, out: Int32Array): void {
  const halves = halvesOf(values)
  for (let i = 0; i < rowCount; i++) {
    const value = values[i]!
    if (value === 0) out[i] = hashInt64(0, 0)
    else if (value !== value) out[i] = hashInt64(0, 0x7ff80000)
    else out[i] = hashInt64(halves[2 * i]!, halves[2 * i + 1]!)
  }
}

function hashFloats32(values: Float32Array, rowCount: number, out: Int32Array): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < rowCount; i++) {
    const value = values[i]!
    if (value === 0) out[i] = hashInt32(0)
    else if (value !== value) out[i] = hashInt32(0x7fc00000)
    else out[i] = hashInt32(bits[i]!)
  }
}

function hashBytesColumn(vector: BytesVector, rowCount: number, out: Int32Array): void {
  const { offsets, bytes } = vector
  for (let i = 0; i < rowCount; i++) out[i] = hashBytes(bytes, offsets[i]!, offsets[i + 1]!)
}

function hashList(vector: ListVector, rowCount: number, out: Int32Array): void {
  const { offsets, child } = vector
  const hashes = new Int32Array(child.length)
  hashColumn(child, child.length, hashes)
  for (let i = 0; i < rowCount; i++) {
    let hash = offsets[i + 1]! - offsets[i]!
    for (let j = offsets[i]!; j < offsets[i + 1]!; j++) hash = combine(hash, hashes[j]!)
    out[i] = hash
  }
}

function hashStruct(vector: StructVector, rowCount: number, out: Int32Array): void {
  out.fill(0x51ed270b, 0, rowCount)
  const next = new Int32Array(rowCount)
  for (const child of vector.children) {
    hashColumn(child, rowCount, next)
    combineAll(out, next, rowCount)
  }
}
