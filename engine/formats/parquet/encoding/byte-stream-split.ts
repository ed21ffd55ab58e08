import { joinStreams, type KernelHost } from '../../../kernels/index.ts'
import { corrupt, type Place } from '../corrupt-file.ts'
import type { Scratch } from '../scratch.ts'

/** BYTE_STREAM_SPLIT: the first byte of every value, then every second byte, and so on. */
export class SplitValues {
  readonly #host: KernelHost
  readonly #bytes: Uint8Array
  readonly #from: number
  readonly #count: number
  readonly #width: number
  readonly #scratch: Scratch
  readonly #place: Place
  #row = 0

  constructor(
    host: KernelHost,
    bytes: Uint8Array,
    from: number,
    end: number,
    width: number,
    scratch: Scratch,
    place: Place,
  ) {
    this.#host = host
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
    joinStreams(this.#host, this.#bytes, this.#from + this.#row, this.#count, this.#width, count, out)
    this.#row += count
    return { bytes: out, at: 0 }
  }
}
