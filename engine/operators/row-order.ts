import {
  type BytesVector,
  type FixedVector,
  flatten,
  getBit,
  halvesOf,
  type Vector,
  valueReader,
} from '../batch/index.ts'
import { valueOrder } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import type { Value } from '../types/index.ts'
import { sortIndices } from './radix-sort.ts'

export { sortIndices } from './radix-sort.ts'

/** How one key is ordered. */
export interface KeyOrder {
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/**
 * A key column as words of 32 bits, most significant first: rows order as their words do, unsigned. Spark's
 * order: NaN is the greatest number, -0.0 is 0.0, text goes by bytes. Words of fixed-width types compare
 * across batches; those of text and nested types are ranks within this one.
 */
export function sortWords(vector: Vector, rowCount: number, order: KeyOrder, region: Region): Uint32Array[] {
  const words = valueWords(vector, rowCount, region)
  if (order.descending) for (const word of words) invert(word, rowCount)
  const { validity } = vector
  if (validity === null) return words
  for (const word of words) clearNulls(word, validity, rowCount)
  return [nullWord(validity, rowCount, order.nullsFirst, region), ...words]
}

function uint32(length: number, region: Region): Uint32Array {
  const array = region.int32(length)
  return new Uint32Array(array.buffer, array.byteOffset, length)
}

function invert(word: Uint32Array, rowCount: number): void {
  for (let i = 0; i < rowCount; i++) word[i] = ~word[i]!
}

function clearNulls(word: Uint32Array, validity: Uint8Array, rowCount: number): void {
  for (let i = 0; i < rowCount; i++) if (!getBit(validity, i)) word[i] = 0
}

function nullWord(validity: Uint8Array, rowCount: number, nullsFirst: boolean, region: Region): Uint32Array {
  const word = uint32(rowCount, region)
  for (let i = 0; i < rowCount; i++) word[i] = getBit(validity, i) === nullsFirst ? 1 : 0
  return word
}

function valueWords(vector: Vector, rowCount: number, region: Region): Uint32Array[] {
  switch (vector.encoding) {
    case 'null':
    case 'constant':
      return []
    case 'dictionary': {
      if (vector.dictionary.length > rowCount) return valueWords(flatten(vector, region), rowCount, region)
      const entries = valueWords(vector.dictionary, vector.dictionary.length, region)
      return entries.map((word) => gatherWord(word, vector.codes, rowCount, region))
    }
    case 'fixed':
      return fixedWords(vector, rowCount, region)
    case 'bytes':
      return [textRanks(vector, rowCount, region)]
    default:
      return [nestedRanks(vector, rowCount, region)]
  }
}

function gatherWord(word: Uint32Array, codes: Int32Array, rowCount: number, region: Region): Uint32Array {
  const out = uint32(rowCount, region)
  for (let i = 0; i < rowCount; i++) out[i] = word[codes[i]!]!
  return out
}

function fixedWords(vector: FixedVector, rowCount: number, region: Region): Uint32Array[] {
  const { values, type, lanes } = vector
  if (values instanceof Float64Array) return float64Words(values, rowCount, region)
  if (values instanceof BigInt64Array) return longWords(halvesOf(values), lanes * 2, rowCount, region)
  const word = uint32(rowCount, region)
  if (type.kind === 'boolean')
    for (let i = 0; i < rowCount; i++) word[i] = getBit(values as Uint8Array, i) ? 1 : 0
  else if (values instanceof Float32Array) float32Word(values, rowCount, word)
  else for (let i = 0; i < rowCount; i++) word[i] = (values as Int32Array)[i]! ^ 0x8000_0000
  return [word]
}

/** Signed integers of `width` halves a row, low first. */
function longWords(halves: Int32Array, width: number, rowCount: number, region: Region): Uint32Array[] {
  const words: Uint32Array[] = []
  for (let part = width - 1; part >= 0; part--) {
    const word = uint32(rowCount, region)
    const flip = part === width - 1 ? 0x8000_0000 : 0
    for (let i = 0; i < rowCount; i++) word[i] = halves[i * width + part]! ^ flip
    words.push(word)
  }
  return words
}

/** Bits of doubles order as integers once negatives are inverted. */
function float64Words(values: Float64Array, rowCount: number, region: Region): Uint32Array[] {
  const [high, low] = [uint32(rowCount, region), uint32(rowCount, region)]
  const halves = halvesOf(values)
  for (let i = 0; i < rowCount; i++) {
    const value = values[i]!
    if (value === 0 || value !== value) {
      high[i] = value === 0 ? 0x8000_0000 : 0xffff_ffff
      low[i] = 0
      continue
    }
    const isNegative = halves[2 * i + 1]! < 0
    high[i] = isNegative ? ~halves[2 * i + 1]! : halves[2 * i + 1]! ^ 0x8000_0000
    low[i] = isNegative ? ~halves[2 * i]! : halves[2 * i]!
  }
  return [high, low]
}

function float32Word(values: Float32Array, rowCount: number, word: Uint32Array): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < rowCount; i++) {
    const value = values[i]!
    if (value === 0) word[i] = 0x8000_0000
    else if (value !== value) word[i] = 0xffff_ffff
    else word[i] = bits[i]! < 0 ? ~bits[i]! : bits[i]! ^ 0x8000_0000
  }
}

/**
 * The rank of each string among all: by the first eight bytes at once, then runs that agree there one by
 * one.
 */
function textRanks(vector: BytesVector, rowCount: number, region: Region): Uint32Array {
  const { offsets, bytes } = vector
  const [high, low] = [uint32(rowCount, region), uint32(rowCount, region)]
  for (let i = 0; i < rowCount; i++) {
    high[i] = prefixWord(bytes, offsets[i]!, offsets[i + 1]!)
    low[i] = prefixWord(bytes, offsets[i]! + 4, offsets[i + 1]!)
  }
  const indices = sortIndices([high, low], rowCount, region)
  const compare = (a: number, b: number) =>
    compareBytes(bytes, offsets[a]!, offsets[a + 1]!, offsets[b]!, offsets[b + 1]!)
  for (let from = 0; from < rowCount; ) {
    let to = from + 1
    const first = indices[from]!
    while (to < rowCount && high[indices[to]!] === high[first] && low[indices[to]!] === low[first]) to++
    if (to - from > 1) indices.subarray(from, to).sort(compare)
    from = to
  }
  return denseRanks(indices, rowCount, compare, region)
}

/** Four bytes, the first most significant, zeros behind the end. */
function prefixWord(bytes: Uint8Array, start: number, end: number): number {
  const a = start < end ? bytes[start]! : 0
  const b = start + 1 < end ? bytes[start + 1]! : 0
  const c = start + 2 < end ? bytes[start + 2]! : 0
  const d = start + 3 < end ? bytes[start + 3]! : 0
  return (a << 24) | (b << 16) | (c << 8) | d
}

function compareBytes(bytes: Uint8Array, startA: number, endA: number, startB: number, endB: number): number {
  const length = Math.min(endA - startA, endB - startB)
  for (let i = 0; i < length; i++) {
    const difference = bytes[startA + i]! - bytes[startB + i]!
    if (difference !== 0) return difference
  }
  return endA - startA - (endB - startB)
}

function denseRanks(
  indices: Int32Array,
  rowCount: number,
  compare: (a: number, b: number) => number,
  region: Region,
): Uint32Array {
  const ranks = uint32(rowCount, region)
  let rank = 0
  for (let i = 0; i < rowCount; i++) {
    if (i > 0 && compare(indices[i - 1]!, indices[i]!) !== 0) rank++
    ranks[indices[i]!] = rank
  }
  return ranks
}

function nestedRanks(vector: Vector, rowCount: number, region: Region): Uint32Array {
  const read = valueReader(vector)
  const values: Value[] = Array.from({ length: rowCount }, (_, row) => read(row))
  const order = valueOrder(vector.type)
  const compare = (a: number, b: number): number => {
    const [left, right] = [values[a]!, values[b]!]
    if (left === null || right === null) return (left === null ? 0 : 1) - (right === null ? 0 : 1)
    return order(left, right)
  }
  const indices = region.int32(rowCount)
  for (let i = 0; i < rowCount; i++) indices[i] = i
  indices.sort((a, b) => compare(a, b) || a - b)
  return denseRanks(indices, rowCount, compare, region)
}

/** Whether two rows are equal in all words. */
export function sameWords(words: readonly Uint32Array[], a: number, b: number): boolean {
  for (let i = 0; i < words.length; i++) if (words[i]![a] !== words[i]![b]) return false
  return true
}
