import type { BytesVector } from '../../batch/index.ts'
import {
  type HybridDecoder,
  type KernelHost,
  readPlainStrings,
  readPlainStringsAt,
  skipPlainStrings,
  type WantedRows,
} from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { BytesTarget } from './bytes-target.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import type { StoredBytes, StoredValues, ValueDecoder } from './values.ts'

/** Strings and binary as codes of a dictionary, as long as the target takes them. */
export class CodesDecoder implements ValueDecoder<BytesTarget> {
  readonly #codes: HybridDecoder
  readonly #dictionary: BytesVector
  readonly #passing: Region

  /** Codes that only lead to bytes lie in `passing`, which is reset for them. */
  constructor(codes: HybridDecoder, dictionary: BytesVector, passing: Region) {
    this.#codes = codes
    this.#dictionary = dictionary
    this.#passing = passing
  }

  read(count: number, target: BytesTarget): void {
    const dictionary = this.#dictionary
    if (target.takesCodes(dictionary)) {
      this.#codes.readCodes(dictionary.length, target.codes!, target.length, count)
      target.length += count
      return
    }
    this.#passing.reset()
    const codes = this.#passing.int32(count)
    this.#codes.readCodes(dictionary.length, codes, 0, count)
    target.appendEntries(codes, count, dictionary)
  }

  skip(count: number): void {
    this.#codes.skip(count)
  }

  readAt(base: number, count: number, wanted: WantedRows, target: BytesTarget): void {
    const dictionary = this.#dictionary
    const picked = wanted.to - wanted.from
    if (target.takesCodes(dictionary)) {
      this.#codes.readCodesAt(dictionary.length, target.codes!, target.length, base, count, wanted)
      target.length += picked
      return
    }
    this.#passing.reset()
    const codes = this.#passing.int32(picked)
    this.#codes.readCodesAt(dictionary.length, codes, 0, base, count, wanted)
    target.appendEntries(codes, picked, dictionary)
  }
}

/** PLAIN byte arrays: each behind its length in four bytes. */
export class PlainBytes implements StoredBytes {
  readonly #host: KernelHost
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #place: Place
  #at: number

  constructor(host: KernelHost, bytes: Uint8Array, from: number, end: number, place: Place) {
    this.#host = host
    this.#bytes = bytes
    this.#at = from
    this.#end = end
    this.#place = place
  }

  read(count: number, target: BytesTarget): void {
    target.takeBytes()
    target.reserveShare(this.#end - this.#at, count)
    const bytes = this.#bytes
    this.#moveTo(readPlainStrings(this.#host, bytes, this.#at, this.#end, count, target, target.length))
    target.length += count
    target.used = target.offsets[target.length]!
  }

  skip(count: number): void {
    this.#moveTo(skipPlainStrings(this.#host, this.#bytes, this.#at, this.#end, count))
  }

  readAt(base: number, count: number, wanted: WantedRows, target: BytesTarget): void {
    target.takeBytes()
    target.reserveBytes(this.#end - this.#at)
    const bytes = this.#bytes
    const { length } = target
    this.#moveTo(
      readPlainStringsAt(this.#host, bytes, this.#at, this.#end, base, count, wanted, target, length),
    )
    target.length += wanted.to - wanted.from
    target.used = target.offsets[target.length]!
  }

  #moveTo(next: number): void {
    if (next < 0) throw corrupt(this.#place, 'a value does not fit into its page')
    this.#at = next
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

  skip(count: number): void {
    this.#stored.take(count)
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

  skip(count: number): void {
    this.#stored.take(count)
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
