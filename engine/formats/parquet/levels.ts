import { setBit } from '../../batch/index.ts'
import type { HybridState, KernelHost } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import { rleDecoder } from './encoding/rle.ts'
import { ENCODING } from './format.ts'
import { bitWidth, type Span } from './page.ts'

/** Reads levels in order. */
export interface LevelDecoder {
  read(out: Int32Array, to: number, count: number): void
  /** Levels of one bit as bits of a zeroed bitmap; gives the number of ones. */
  readBits(out: Uint8Array, to: number, count: number): number
}

/** The decoder of a page's levels up to `max`. */
export function levelDecoder(
  bytes: Uint8Array,
  span: Span,
  encoding: number,
  max: number,
  place: Place,
  host: KernelHost,
  state: HybridState,
): LevelDecoder {
  const width = bitWidth(max)
  if (encoding === ENCODING.BIT_PACKED)
    return new PackedLevels(bytes.subarray(span.from, span.end), width, place)
  return rleDecoder(host, state, bytes, span.from, span.end, width, place)
}

/** The deprecated packing, highest bit first, of files before 2014. */
class PackedLevels implements LevelDecoder {
  readonly #bytes: Uint8Array
  readonly #width: number
  readonly #place: Place
  #bit = 0

  constructor(bytes: Uint8Array, width: number, place: Place) {
    this.#bytes = bytes
    this.#width = width
    this.#place = place
  }

  read(out: Int32Array, to: number, count: number): void {
    for (let i = 0; i < count; i++) out[to + i] = this.#next()
  }

  readBits(out: Uint8Array, to: number, count: number): number {
    let ones = 0
    for (let i = 0; i < count; i++) {
      if (this.#next() === 0) continue
      setBit(out, to + i)
      ones++
    }
    return ones
  }

  #next(): number {
    let level = 0
    for (let i = 0; i < this.#width; i++, this.#bit++) {
      const byte = this.#bytes[this.#bit >> 3]
      if (byte === undefined) throw corrupt(this.#place, 'levels are cut off')
      level = (level << 1) | ((byte >> (7 - (this.#bit & 7))) & 1)
    }
    return level
  }
}

/** Levels in a buffer that grows. */
export class LevelBuffer {
  bytes: Uint8Array
  length = 0
  readonly #region: Region
  #scratch: Int32Array | null = null

  constructor(region: Region) {
    this.#region = region
    this.bytes = NOTHING
  }

  /** Makes room for `count` more. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const larger = this.#region.uint8(Math.max(2 * this.bytes.length, this.length + count))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  append(from: LevelBuffer, start: number, end: number): void {
    this.reserve(end - start)
    this.bytes.set(from.bytes.subarray(start, end), this.length)
    this.length += end - start
  }

  /** Replaces what is there by `count` times level 0. */
  zero(count: number): void {
    this.length = 0
    this.reserve(count)
    this.length = count
    this.bytes.fill(0, 0, count)
  }

  /** Replaces what is there by `count` levels; CORRUPT_FILE for one above `max`. */
  fill(levels: LevelDecoder, count: number, max: number, place: Place): void {
    this.length = 0
    this.reserve(count)
    this.#scratch ??= this.#region.int32(SCRATCH)
    const scratch = this.#scratch
    for (let done = 0; done < count; done += SCRATCH) {
      const chunk = Math.min(SCRATCH, count - done)
      levels.read(scratch, 0, chunk)
      if (narrow(scratch, chunk, this.bytes, done) > max) throw corrupt(place, `a level is above ${max}`)
    }
    this.length = count
  }
}

const NOTHING = new Uint8Array(0)
const SCRATCH = 4096

/** Numbers as bytes; gives the largest. */
function narrow(from: Int32Array, count: number, out: Uint8Array, to: number): number {
  let largest = 0
  for (let i = 0; i < count; i++) {
    const value = from[i]!
    if (value > largest) largest = value
    out[to + i] = value
  }
  return largest
}

/** Which slots are there, in a bitmap that grows. Bits behind the end are zero. */
export class SlotBits {
  bits: Uint8Array
  length = 0
  readonly #region: Region

  constructor(capacity: number, region: Region) {
    this.#region = region
    this.bits = region.bitmap(capacity)
  }

  /** Adds the slots among entries [start, end); gives how many slots came and how many of them are there. */
  append(
    definitions: Uint8Array,
    start: number,
    end: number,
    slot: number,
    max: number,
  ): { slots: number; dense: number } {
    this.#reserve(end - start)
    const { bits, length } = this
    let row = length
    let dense = 0
    for (let i = start; i < end; i++) {
      const level = definitions[i]!
      if (level < slot) continue
      if (level === max) {
        bits[row >> 3]! |= 1 << (row & 7)
        dense++
      }
      row++
    }
    this.length = row
    return { slots: row - length, dense }
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bits.length * 8) return
    const larger = this.#region.bitmap(Math.max(this.bits.length * 16, this.length + count))
    larger.set(this.bits)
    this.bits = larger
  }
}
