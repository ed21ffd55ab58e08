import type { DeltaDecoder } from '../../../kernels/index.ts'
import type { BytesTarget } from '../bytes-target.ts'
import { corrupt, type Place } from '../corrupt-file.ts'
import type { Scratch } from '../scratch.ts'

type DeltasFrom = (from: number) => DeltaDecoder

/** All numbers of a delta-packed list, and where it ends. */
function readLengths(
  decoder: DeltaDecoder,
  limit: number,
  scratch: Scratch,
  place: Place,
): { lengths: Int32Array; next: number } {
  if (decoder.count > limit) throw corrupt(place, `${decoder.count} lengths for ${limit} values`)
  const lengths = scratch.int32(decoder.count)
  decoder.read32(lengths, decoder.count)
  return { lengths, next: decoder.position }
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. */
export class DeltaLengthBytes {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #place: Place
  readonly #lengths: Int32Array
  #at: number
  #row = 0

  /** `deltas` makes the decoder of numbers that begin there; `limit`: values that the page has at most. */
  constructor(
    deltas: DeltasFrom,
    bytes: Uint8Array,
    from: number,
    end: number,
    limit: number,
    scratch: Scratch,
    place: Place,
  ) {
    const { lengths, next } = readLengths(deltas(from), limit, scratch, place)
    this.#bytes = bytes
    this.#end = end
    this.#place = place
    this.#lengths = lengths
    this.#at = next
  }

  read(count: number, target: BytesTarget): void {
    target.takeBytes()
    if (this.#row + count > this.#lengths.length) throw corrupt(this.#place, 'values are cut off')
    const start = this.#at
    for (let i = 1; i <= count; i++) {
      const length = this.#lengths[this.#row++]!
      this.#at += length
      if (length < 0 || this.#at > this.#end)
        throw corrupt(this.#place, `a value of ${length} bytes does not fit into its page`)
      target.offsets[target.length + i] = target.used + this.#at - start
    }
    target.reserveBytes(this.#at - start)
    target.bytes.set(this.#bytes.subarray(start, this.#at), target.used)
    target.used += this.#at - start
    target.length += count
  }
}

/** DELTA_BYTE_ARRAY: how much each value shares with the one before, then the rests. */
export class DeltaBytes {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #place: Place
  readonly #prefixes: Int32Array
  readonly #suffixes: Int32Array
  #at: number
  #row = 0
  /** The value before; targets do not outlive a batch. */
  #previous: Uint8Array = new Uint8Array(0)

  /** See `DeltaLengthBytes`. */
  constructor(
    deltas: DeltasFrom,
    bytes: Uint8Array,
    from: number,
    end: number,
    limit: number,
    scratch: readonly [Scratch, Scratch],
    place: Place,
  ) {
    const prefixes = readLengths(deltas(from), limit, scratch[0], place)
    const suffixes = readLengths(deltas(prefixes.next), limit, scratch[1], place)
    this.#bytes = bytes
    this.#end = end
    this.#place = place
    this.#prefixes = prefixes.lengths
    this.#suffixes = suffixes.lengths
    this.#at = suffixes.next
  }

  read(count: number, target: BytesTarget): void {
    target.takeBytes()
    if (count === 0) return
    if (this.#row + count > Math.min(this.#prefixes.length, this.#suffixes.length))
      throw corrupt(this.#place, 'values are cut off')
    let previous = this.#previous
    let previousAt = 0
    let previousLength = previous.length
    for (let i = 0; i < count; i++, this.#row++) {
      const prefix = this.#prefixes[this.#row]!
      const suffix = this.#suffixes[this.#row]!
      if (prefix < 0 || prefix > previousLength || suffix < 0 || suffix > this.#end - this.#at)
        throw corrupt(this.#place, `a value of ${prefix} shared and ${suffix} own bytes does not fit`)
      target.reserveBytes(prefix + suffix)
      if (i > 0) previous = target.bytes
      target.bytes.set(previous.subarray(previousAt, previousAt + prefix), target.used)
      target.bytes.set(this.#bytes.subarray(this.#at, this.#at + suffix), target.used + prefix)
      this.#at += suffix
      previousAt = target.used
      previousLength = prefix + suffix
      target.used += previousLength
      target.offsets[++target.length] = target.used
    }
    this.#previous = target.bytes.slice(previousAt, previousAt + previousLength)
  }
}
