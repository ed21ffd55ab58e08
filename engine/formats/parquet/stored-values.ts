import type { DeltaDecoder } from '../../kernels/index.ts'
import type { BytesTarget } from './bytes-target.ts'
import { corrupt, type Place } from './corrupt-file.ts'
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
  readonly #width: number
  readonly #scratch: Scratch

  /** `width`: bytes of a number, 4 or 8. */
  constructor(decoder: DeltaDecoder, width: number, scratch: Scratch) {
    this.#decoder = decoder
    this.#width = width
    this.#scratch = scratch
  }

  take(count: number): { bytes: Uint8Array; at: number } {
    const bytes = this.#scratch.bytes(count * this.#width)
    if (this.#width === 8) this.#decoder.read64(bytes, count)
    else this.#decoder.read32(bytes, count)
    return { bytes, at: 0 }
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
