import type { FixedArray } from '../../batch/index.ts'
import { convertKernels, type HybridDecoder, type KernelHost, type WantedRows } from '../../kernels/index.ts'
import type { BytesTarget } from './bytes-target.ts'
import { CodesTarget } from './codes-target.ts'
import { corrupt, type Place, unsupported } from './corrupt-file.ts'
import type { Convert } from './encoding/plain.ts'
import type { BitTarget, FixedTarget } from './target.ts'

/**
 * Decodes the values of one page, in order, and appends them to a target of the kind that fits the column.
 */
export interface ValueDecoder<T> {
  read(count: number, target: T): void
  /** Passes over `count` values. Where it is absent, they are read and dropped. */
  skip?(count: number): void
  /**
   * Appends only the wanted of the next `count` values, which are rows `base` on. Where it is absent, all are
   * read and the wanted picked.
   */
  readAt?(base: number, count: number, wanted: WantedRows, target: T): void
}

/** Stored values of one width from any encoding: `count` of them as bytes, valid until the next call. */
export interface StoredValues {
  take(count: number): { readonly bytes: Uint8Array; readonly at: number }
}

/** Stored byte arrays from any encoding, appended without a change. */
export type StoredBytes = ValueDecoder<BytesTarget>

/** Numbers that lie in the page as we hold them. */
export class CopyingDecoder implements ValueDecoder<FixedTarget> {
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

  skip(count: number): void {
    this.#stored.take(count)
  }

  readAt(base: number, count: number, wanted: WantedRows, target: FixedTarget): void {
    const { bytes, at } = this.#stored.take(count)
    target.appendValues(bytes.byteOffset + at, base, wanted)
  }
}

/** Numbers from stored values of another form. */
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

  skip(count: number): void {
    this.#stored.take(count)
  }
}

/** Numbers from codes of a dictionary. */
export class DictionaryDecoder implements ValueDecoder<FixedTarget | CodesTarget> {
  readonly #codes: HybridDecoder
  readonly #dictionary: FixedArray
  readonly #size: number

  constructor(codes: HybridDecoder, dictionary: FixedArray, size: number) {
    this.#codes = codes
    this.#dictionary = dictionary
    this.#size = size
  }

  read(count: number, target: FixedTarget | CodesTarget): void {
    if (target instanceof CodesTarget) this.#codes.readCodes(this.#size, target.codes, target.length, count)
    else {
      const { shift, nextAddress } = target
      this.#codes.gather(this.#dictionary.byteOffset, this.#size, shift, nextAddress, count)
    }
    target.length += count
  }

  skip(count: number): void {
    this.#codes.skip(count)
  }

  readAt(base: number, count: number, wanted: WantedRows, target: FixedTarget | CodesTarget): void {
    if (target instanceof CodesTarget)
      this.#codes.readCodesAt(this.#size, target.codes, target.length, base, count, wanted)
    else {
      const { shift, nextAddress } = target
      const { byteOffset } = this.#dictionary
      this.#codes.gatherAt(byteOffset, this.#size, shift, nextAddress, base, count, wanted)
    }
    target.length += wanted.to - wanted.from
  }
}

/** Decimals that are stored as byte arrays of any length. */
export class DecimalBytesDecoder implements ValueDecoder<FixedTarget> {
  readonly #host: KernelHost
  readonly #stored: StoredBytes
  readonly #newTarget: (capacity: number) => BytesTarget

  constructor(host: KernelHost, stored: StoredBytes, newTarget: (capacity: number) => BytesTarget) {
    this.#host = host
    this.#stored = stored
    this.#newTarget = newTarget
  }

  read(count: number, target: FixedTarget): void {
    const texts = this.#newTarget(count)
    this.#stored.read(count, texts)
    texts.takeBytes()
    const { offsets, bytes } = texts
    const kernels = convertKernels(this.#host)
    kernels.bigEndianTexts(bytes.byteOffset, offsets.byteOffset, count, target.lanes, target.nextAddress)
    target.length += count
  }
}

/** PLAIN booleans: bits. */
export class PlainBits implements ValueDecoder<BitTarget> {
  readonly #host: KernelHost
  readonly #bytes: Uint8Array
  readonly #place: Place
  #bit = 0

  constructor(host: KernelHost, bytes: Uint8Array, from: number, end: number, place: Place) {
    this.#host = host
    this.#bytes = bytes.subarray(from, end)
    this.#place = place
  }

  read(count: number, target: BitTarget): void {
    const from = this.#bit
    this.skip(count)
    clearFrom(target)
    const { bits, length } = target
    convertKernels(this.#host).moveBits(this.#bytes.byteOffset, from, bits.byteOffset, length, count)
    target.length += count
  }

  skip(count: number): void {
    this.#bit += count
    if (this.#bit > this.#bytes.length * 8) throw corrupt(this.#place, 'values are cut off')
  }
}

/** Booleans as runs. */
export class RleBits implements ValueDecoder<BitTarget> {
  readonly #runs: HybridDecoder

  constructor(runs: HybridDecoder) {
    this.#runs = runs
  }

  read(count: number, target: BitTarget): void {
    clearFrom(target)
    this.#runs.readBits(target.bits, target.length, count)
    target.length += count
  }

  skip(count: number): void {
    this.#runs.skip(count)
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
