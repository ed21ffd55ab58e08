import { corrupt, type Place } from '../corrupt-file.ts'
import type { Scratch } from '../scratch.ts'

/** BYTE_STREAM_SPLIT: the first byte of every value, then every second byte, and so on. */
export class SplitValues {
  readonly #bytes: Uint8Array
  readonly #from: number
  readonly #count: number
  readonly #width: number
  readonly #scratch: Scratch
  readonly #place: Place
  #row = 0

  constructor(bytes: Uint8Array, from: number, end: number, width: number, scratch: Scratch, place: Place) {
    if ((end - from) % width !== 0)
      throw corrupt(place, `${end - from} bytes are no values of ${width} bytes`)
    this.#bytes = bytes
    this.#from = from
    this.#count = (end - from) / width
    this.#width = width
    this.#scratch = scratch
    this.#place = place
  }

  take(count: number): { bytes: Uint8Array; at: number } {
    if (this.#row + count > this.#count) throw corrupt(this.#place, 'values are cut off')
    const out = this.#scratch.bytes(count * this.#width)
    for (let part = 0; part < this.#width; part++)
      gatherPart(this.#bytes, this.#from + part * this.#count + this.#row, count, out, part, this.#width)
    this.#row += count
    return { bytes: out, at: 0 }
  }
}

function gatherPart(
  bytes: Uint8Array,
  from: number,
  count: number,
  out: Uint8Array,
  part: number,
  width: number,
): void {
  for (let i = 0, to = part; i < count; i++, to += width) out[to] = bytes[from + i]!
}
