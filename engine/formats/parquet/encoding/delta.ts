import { corrupt, type Place } from '../corrupt-file.ts'
import { unpackOf } from './bit-unpack.ts'

/** No writer makes larger blocks. */
const MAX_BLOCK = 1 << 20

/**
 * Reads DELTA_BINARY_PACKED numbers of 32 or 64 bits.
 *
 * ```
 * values per block · miniblocks per block · total count · first value (zigzag)
 * block: smallest delta (zigzag) · bit width of each miniblock · miniblocks of bit-packed (delta - smallest
 * delta) ```
 * 64-bit numbers are pairs of 32-bit words, low word first: BigInt would cost ten times as much.
 */
export class DeltaDecoder {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #place: Place
  readonly #wide: boolean
  readonly #miniblocks: number
  readonly #perMiniblock: number
  /** Values of the page, as it says. */
  readonly count: number
  #at: number
  /** Values not read yet. */
  #left: number
  #isFirst = true
  #low = 0
  #high = 0
  #minLow = 0
  #minHigh = 0
  #widthsAt = 0
  #miniblock: number
  /** Deltas of the open miniblock. */
  readonly #lows: Int32Array
  readonly #highs: Int32Array
  #next: number

  constructor(bytes: Uint8Array, from: number, end: number, bits: 32 | 64, place: Place) {
    this.#bytes = bytes
    this.#at = from
    this.#end = end
    this.#place = place
    this.#wide = bits === 64
    const blockSize = this.#varint()
    this.#miniblocks = this.#varint()
    this.count = this.#varint()
    this.#perMiniblock = blockSize / this.#miniblocks
    if (blockSize > MAX_BLOCK || this.#miniblocks === 0 || this.#perMiniblock % 8 !== 0 || blockSize === 0)
      throw corrupt(place, `delta blocks of ${blockSize} values in ${this.#miniblocks} parts`)
    this.#readZigzag()
    this.#low = this.#readLow
    this.#high = this.#readHigh
    this.#left = this.count
    this.#miniblock = this.#miniblocks
    this.#next = this.#perMiniblock
    this.#lows = new Int32Array(this.#perMiniblock)
    this.#highs = new Int32Array(this.#wide ? this.#perMiniblock : 0)
  }

  /** The next `count` 32-bit numbers. */
  read32(out: Int32Array, to: number, count: number): void {
    this.#take(count)
    let at = to
    const stop = to + count
    if (this.#isFirst && count > 0) {
      this.#isFirst = false
      out[at++] = this.#low
    }
    while (at < stop) {
      if (this.#next === this.#perMiniblock) this.#openMiniblock()
      const chunk = Math.min(stop - at, this.#perMiniblock - this.#next)
      this.#low = sum32(this.#lows, this.#next, chunk, this.#low, this.#minLow, out, at)
      this.#next += chunk
      at += chunk
    }
  }

  /** The next `count` 64-bit numbers as pairs of words; `to` counts pairs. */
  read64(out: Int32Array, to: number, count: number): void {
    this.#take(count)
    let at = to
    const stop = to + count
    if (this.#isFirst && count > 0) {
      this.#isFirst = false
      out[2 * at] = this.#low
      out[2 * at + 1] = this.#high
      at++
    }
    while (at < stop) {
      if (this.#next === this.#perMiniblock) this.#openMiniblock()
      const chunk = Math.min(stop - at, this.#perMiniblock - this.#next)
      this.#sum64(chunk, out, at)
      this.#next += chunk
      at += chunk
    }
  }

  /** Where the bytes of the numbers end; all must have been read. */
  get position(): number {
    return this.#at
  }

  #take(count: number): void {
    if (count > this.#left) throw corrupt(this.#place, `${this.count} delta values, more are needed`)
    this.#left -= count
  }

  #sum64(count: number, out: Int32Array, to: number): void {
    const lows = this.#lows
    const highs = this.#highs
    const minLow = this.#minLow >>> 0
    const minHigh = this.#minHigh
    let low = this.#low >>> 0
    let high = this.#high
    for (let i = 0, from = this.#next; i < count; i++, from++) {
      const sum = low + minLow + (lows[from]! >>> 0)
      high = (high + minHigh + highs[from]! + ((sum / 4_294_967_296) | 0)) | 0
      low = sum >>> 0
      out[2 * (to + i)] = low
      out[2 * (to + i) + 1] = high
    }
    this.#low = low | 0
    this.#high = high
  }

  #openMiniblock(): void {
    if (this.#miniblock === this.#miniblocks) this.#openBlock()
    const width = this.#bytes[this.#widthsAt + this.#miniblock]!
    this.#miniblock++
    this.#next = 0
    if (width > (this.#wide ? 64 : 32)) throw corrupt(this.#place, `deltas of ${width} bits`)
    const size = (this.#perMiniblock * width) >> 3
    const available = this.#end - this.#at
    let bytes = this.#bytes
    let from = this.#at
    if (size > available) {
      // Some writers cut the padding of the last miniblock.
      bytes = new Uint8Array(size)
      bytes.set(this.#bytes.subarray(from, this.#end))
      from = 0
    }
    this.#at = Math.min(this.#end, this.#at + size)
    if (width <= 32) {
      unpackOf(width)(bytes, from, this.#lows, 0, this.#perMiniblock >> 3)
      this.#highs.fill(0)
    } else unpackWide(bytes, from, width, this.#lows, this.#highs)
  }

  #openBlock(): void {
    if (this.#at >= this.#end) throw corrupt(this.#place, 'delta blocks are cut off')
    this.#readZigzag()
    this.#minLow = this.#readLow
    this.#minHigh = this.#readHigh
    this.#widthsAt = this.#at
    this.#at += this.#miniblocks
    if (this.#at > this.#end) throw corrupt(this.#place, 'delta blocks are cut off')
    this.#miniblock = 0
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 5; shift++) {
      if (this.#at >= this.#end) throw corrupt(this.#place, 'delta values are cut off')
      const byte = this.#bytes[this.#at++]!
      value += (byte & 0x7f) * 2 ** (7 * shift)
      if (byte < 0x80 && value <= 0x7fffffff) return value
      if (byte < 0x80) break
    }
    throw corrupt(this.#place, 'a number of the delta header is too large')
  }

  #readLow = 0
  #readHigh = 0

  /** A signed number of up to 64 bits into `#readLow` and `#readHigh`. */
  #readZigzag(): void {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.#end) throw corrupt(this.#place, 'delta values are cut off')
      const byte = this.#bytes[this.#at++]!
      value |= BigInt(byte & 0x7f) << shift
      if (byte >= 0x80) continue
      const signed = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
      this.#readLow = Number(BigInt.asIntN(32, signed))
      this.#readHigh = Number(BigInt.asIntN(32, signed >> 32n))
      return
    }
    throw corrupt(this.#place, 'a number of a delta block is too large')
  }
}

function sum32(
  deltas: Int32Array,
  from: number,
  count: number,
  start: number,
  min: number,
  out: Int32Array,
  to: number,
): number {
  let value = start
  for (let i = 0; i < count; i++) {
    value = (value + min + deltas[from + i]!) | 0
    out[to + i] = value
  }
  return value
}

/** Numbers of 33 to 64 bits, a bit range at a time. */
function unpackWide(
  bytes: Uint8Array,
  from: number,
  width: number,
  lows: Int32Array,
  highs: Int32Array,
): void {
  for (let i = 0, bit = 0; i < lows.length; i++, bit += width) {
    lows[i] = bitsAt(bytes, from, bit, 32)
    highs[i] = bitsAt(bytes, from, bit + 32, width - 32)
  }
}

function bitsAt(bytes: Uint8Array, from: number, bit: number, width: number): number {
  let value = 0
  for (let taken = 0; taken < width; ) {
    const position = bit + taken
    const chunk = Math.min(8 - (position & 7), width - taken)
    value |= ((bytes[from + (position >> 3)]! >> (position & 7)) & ((1 << chunk) - 1)) << taken
    taken += chunk
  }
  return value
}
