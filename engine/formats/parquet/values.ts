import type { FixedArray, FlatVector } from '../../batch/index.ts'
import type { BytesTarget } from './bytes-target.ts'
import { corrupt, type Place, unsupported } from './corrupt-file.ts'
import { areBelow, gatherCodes } from './encoding/dictionary.ts'
import { bigEndianWords, type Convert } from './encoding/plain.ts'
import { moveBits, type RleDecoder } from './encoding/rle.ts'
import { readUint32 } from './page.ts'
import type { BitTarget, FixedTarget } from './target.ts'

/**
 * Decodes the values of one page, in order, and appends them to a target of the kind that fits the column.
 */
export interface ValueDecoder<T> {
  read(count: number, target: T): void
}

/** Stored values of one width from any encoding: `count` of them as bytes, valid until the next call. */
export interface StoredValues {
  take(count: number): { readonly bytes: Uint8Array; readonly at: number }
}

/** Stored byte arrays from any encoding, appended without a change. */
export type StoredBytes = ValueDecoder<BytesTarget>

/** Numbers from stored values. */
export class ConvertingDecoder implements ValueDecoder<FixedTarget> {
  readonly #stored: StoredValues
  readonly #convert: Convert

  constructor(stored: StoredValues, convert: Convert) {
    this.#stored = stored
    this.#convert = convert
  }

  read(count: number, target: FixedTarget): void {
    const { bytes, at } = this.#stored.take(count)
    this.#convert(bytes, at, target.values, target.length, count)
    target.length += count
  }
}

/** Numbers from codes of a dictionary. */
export class DictionaryDecoder implements ValueDecoder<FixedTarget> {
  readonly #codes: RleDecoder
  readonly #dictionary: FixedArray
  readonly #size: number
  readonly #place: Place

  constructor(codes: RleDecoder, dictionary: FixedArray, size: number, place: Place) {
    this.#codes = codes
    this.#dictionary = dictionary
    this.#size = size
    this.#place = place
  }

  read(count: number, target: FixedTarget): void {
    const { values, length, lanes } = target
    gatherCodes(this.#codes, this.#dictionary, this.#size, lanes, values, length, count, this.#place)
    target.length += count
  }
}

/** Decimals that are stored as byte arrays of any length. */
export class DecimalBytesDecoder implements ValueDecoder<FixedTarget> {
  readonly #stored: StoredBytes
  readonly #newTarget: (capacity: number) => BytesTarget

  constructor(stored: StoredBytes, newTarget: (capacity: number) => BytesTarget) {
    this.#stored = stored
    this.#newTarget = newTarget
  }

  read(count: number, target: FixedTarget): void {
    const texts = this.#newTarget(count)
    this.#stored.read(count, texts)
    texts.takeBytes()
    const { values, length, lanes } = target
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
    const { offsets, bytes } = texts
    for (let i = 0; i < count; i++)
      bigEndianWords(bytes, offsets[i]!, offsets[i + 1]!, words, (length + i) * lanes * 2, lanes * 2)
    target.length += count
  }
}

/** Strings and binary as codes of a dictionary, as long as the target takes them. */
export class CodesDecoder implements ValueDecoder<BytesTarget> {
  readonly #codes: RleDecoder
  readonly #dictionary: FlatVector
  readonly #place: Place

  constructor(codes: RleDecoder, dictionary: FlatVector, place: Place) {
    this.#codes = codes
    this.#dictionary = dictionary
    this.#place = place
  }

  read(count: number, target: BytesTarget): void {
    const dictionary = this.#dictionary
    if (target.takesCodes(dictionary)) {
      const codes = target.codes!
      this.#readCodes(codes, target.length, count)
      target.length += count
      return
    }
    const codes = new Int32Array(count)
    this.#readCodes(codes, 0, count)
    if (dictionary.encoding === 'bytes')
      target.appendEntries(codes, count, dictionary.offsets, dictionary.bytes)
  }

  #readCodes(codes: Int32Array, to: number, count: number): void {
    this.#codes.read(codes, to, count)
    const size = this.#dictionary.length
    if (!areBelow(codes, to, count, size))
      throw corrupt(this.#place, `a code is beyond the ${size} entries of the dictionary`)
  }
}

/** PLAIN byte arrays: each behind its length in four bytes. */
export class PlainBytes implements StoredBytes {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #place: Place
  #at: number

  constructor(bytes: Uint8Array, from: number, end: number, place: Place) {
    this.#bytes = bytes
    this.#at = from
    this.#end = end
    this.#place = place
  }

  read(count: number, target: BytesTarget): void {
    target.takeBytes()
    const from = this.#at
    const total = this.#measure(count, target)
    target.reserveBytes(total)
    copyPlain(this.#bytes, from, count, target.bytes, target.offsets, target.length)
    target.used += total
    target.length += count
  }

  /** Writes the offsets of the next values; gives their bytes together. */
  #measure(count: number, { offsets, length, used }: BytesTarget): number {
    const bytes = this.#bytes
    let at = this.#at
    let sum = used
    for (let row = length + 1; row <= length + count; row++) {
      if (at + 4 > this.#end) throw corrupt(this.#place, 'values are cut off')
      const size = readUint32(bytes, at)
      at += 4 + size
      if (at > this.#end) throw corrupt(this.#place, `a value of ${size} bytes does not fit into its page`)
      sum += size
      offsets[row] = sum
    }
    this.#at = at
    return sum - used
  }
}

function copyPlain(
  bytes: Uint8Array,
  from: number,
  count: number,
  out: Uint8Array,
  offsets: Int32Array,
  row: number,
): void {
  let at = from
  let start = offsets[row]!
  for (let i = 1; i <= count; i++) {
    at += 4
    const end = offsets[row + i]!
    if (end - start > 48) {
      out.set(bytes.subarray(at, at + end - start), start)
      at += end - start
    } else for (let j = start; j < end; j++) out[j] = bytes[at++]!
    start = end
  }
}

/** Values of one width as binary. */
export class FixedBytesDecoder implements ValueDecoder<BytesTarget> {
  readonly #stored: StoredValues
  readonly #width: number

  constructor(stored: StoredValues, width: number) {
    this.#stored = stored
    this.#width = width
  }

  read(count: number, target: BytesTarget): void {
    target.takeBytes()
    const width = this.#width
    const { bytes, at } = this.#stored.take(count)
    target.reserveBytes(count * width)
    target.bytes.set(bytes.subarray(at, at + count * width), target.used)
    for (let i = 1; i <= count; i++) target.offsets[target.length + i] = target.used + i * width
    target.used += count * width
    target.length += count
  }
}

/** UUIDs as text. */
export class UuidDecoder implements ValueDecoder<BytesTarget> {
  readonly #stored: StoredValues

  constructor(stored: StoredValues) {
    this.#stored = stored
  }

  read(count: number, target: BytesTarget): void {
    target.takeBytes()
    const { bytes, at } = this.#stored.take(count)
    target.reserveBytes(count * 36)
    for (let i = 0; i < count; i++) {
      writeUuid(bytes, at + i * 16, target.bytes, target.used)
      target.used += 36
      target.offsets[++target.length] = target.used
    }
  }
}

function writeUuid(bytes: Uint8Array, from: number, out: Uint8Array, to: number): void {
  let at = to
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) out[at++] = 0x2d
    const byte = bytes[from + i]!
    out[at++] = HEX[byte >> 4]!
    out[at++] = HEX[byte & 15]!
  }
}

const HEX = new TextEncoder().encode('0123456789abcdef')

/** PLAIN booleans: bits. */
export class PlainBits implements ValueDecoder<BitTarget> {
  readonly #bytes: Uint8Array
  readonly #place: Place
  #bit = 0

  constructor(bytes: Uint8Array, from: number, end: number, place: Place) {
    this.#bytes = bytes.subarray(from, end)
    this.#place = place
  }

  read(count: number, target: BitTarget): void {
    if (this.#bit + count > this.#bytes.length * 8) throw corrupt(this.#place, 'values are cut off')
    clearFrom(target)
    moveBits(this.#bytes, this.#bit, target.bits, target.length, count)
    this.#bit += count
    target.length += count
  }
}

/** Booleans as runs. */
export class RleBits implements ValueDecoder<BitTarget> {
  readonly #runs: RleDecoder

  constructor(runs: RleDecoder) {
    this.#runs = runs
  }

  read(count: number, target: BitTarget): void {
    clearFrom(target)
    this.#runs.readBits(target.bits, target.length, count)
    target.length += count
  }
}

/** Bits behind the end must be zero, which moving for NULLs may have changed. */
function clearFrom({ bits, length }: BitTarget): void {
  const byte = length >> 3
  if ((length & 7) !== 0) bits[byte]! &= (1 << (length & 7)) - 1
  bits.fill(0, (length + 7) >> 3)
}

/** The error for an encoding that does not go with a column's type. */
export function wrongEncoding(encoding: number, physical: string, place: Place): Error {
  return unsupported(place, `encoding ${encoding} of ${physical} values`)
}
