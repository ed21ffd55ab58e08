import type { BytesTarget } from './bytes-target.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import { DeltaDecoder } from './encoding/delta.ts'
import type { Scratch } from './scratch.ts'
import type { StoredBytes, StoredValues } from './values.ts'

/** PLAIN values of one width: they lie in the page as they are. */
export class PlainValues implements StoredValues {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #width: number
  readonly #place: Place
  #at: number

  constructor(bytes: Uint8Array, from: number, end: number, width: number, place: Place) {
    this.#bytes = bytes
    this.#at = from
    this.#end = end
    this.#width = width
    this.#place = place
  }

  take(count: number): { bytes: Uint8Array; at: number } {
    const at = this.#at
    this.#at += count * this.#width
    if (this.#at > this.#end) throw corrupt(this.#place, 'values are cut off')
    return { bytes: this.#bytes, at }
  }
}

/** DELTA_BINARY_PACKED numbers. */
export class DeltaValues implements StoredValues {
  readonly #decoder: DeltaDecoder
  readonly #words: 1 | 2
  readonly #scratch: Scratch

  constructor(bytes: Uint8Array, from: number, end: number, bits: 32 | 64, scratch: Scratch, place: Place) {
    this.#decoder = new DeltaDecoder(bytes, from, end, bits, place)
    this.#words = bits === 32 ? 1 : 2
    this.#scratch = scratch
  }

  take(count: number): { bytes: Uint8Array; at: number } {
    const words = this.#scratch.int32(count * this.#words)
    if (this.#words === 1) this.#decoder.read32(words, 0, count)
    else this.#decoder.read64(words, 0, count)
    return { bytes: new Uint8Array(words.buffer, words.byteOffset, words.byteLength), at: 0 }
  }
}

/** Values of one width that are encoded as byte arrays. */
export class ValuesOfBytes implements StoredValues {
  readonly #stored: StoredBytes
  readonly #width: number
  readonly #newTarget: (capacity: number) => BytesTarget
  readonly #place: Place

  constructor(
    stored: StoredBytes,
    width: number,
    newTarget: (capacity: number) => BytesTarget,
    place: Place,
  ) {
    this.#stored = stored
    this.#width = width
    this.#newTarget = newTarget
    this.#place = place
  }

  take(count: number): { bytes: Uint8Array; at: number } {
    const target = this.#newTarget(count)
    this.#stored.read(count, target)
    for (let i = 1; i <= count; i++)
      if (target.offsets[i] !== i * this.#width)
        throw corrupt(this.#place, `a value has not ${this.#width} bytes`)
    return { bytes: target.bytes, at: 0 }
  }
}
