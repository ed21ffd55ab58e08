import { type DirectKeyKernels, directKeyKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'

/** A range may have so many places for each key that it may hold, */
const PLACES_A_KEY = 16
/** and in any case as many as this, */
const FEW_PLACES = 1 << 16
/** but never more than this, nor than a small part of all memory. */
const MOST_PLACES = 1 << 23
const BYTES_A_PLACE = 64

const LEAST = { 4: -(2n ** 31n), 8: -(2n ** 63n) } as const

/**
 * Distinct integers of a narrow range, numbered in order of arrival: the key itself says where its number
 * stands, without hashing. Such are most ids; sorted ones stay in the cache, however many there are.
 */
export class DirectKeys {
  size = 0
  /** The number that was taken by `reserveOne`, or -1. */
  reserved = -1
  readonly #region: Region
  readonly #width: 4 | 8
  readonly #kernels: DirectKeyKernels
  /** Places: the numbers of keys from base on. */
  #direct = 0
  #span = 0
  /** The first key that has a place; then room for a range. */
  readonly #base: BigInt64Array
  readonly #stored: GrowingBuffer

  constructor(region: Region, width: 4 | 8) {
    this.#region = region
    this.#width = width
    this.#kernels = directKeyKernels(region.pool)
    this.#base = region.int64(3).fill(0n)
    this.#stored = new GrowingBuffer(region)
  }

  /** Where the keys lie by number, one after the other. */
  get keys(): number {
    return this.#stored.address
  }

  /**
   * The number of each key, new ones getting the next in the order of rows; false, with nothing done, if the
   * range is too wide. `keys`: their address. With `masked`, rows where `out` is negative keep that.
   */
  insert(keys: number, rowCount: number, out: Int32Array, masked: boolean): boolean {
    if (!this.#fit(keys, rowCount, out, masked)) return false
    const width = this.#width
    const stored = this.#stored.reserve((this.size + rowCount) * width, this.size * width)
    this.size = this.#kernels.insertNarrow(
      keys,
      width,
      rowCount,
      this.#base.byteOffset,
      this.#direct,
      stored,
      this.size,
      out.byteOffset,
      masked ? 1 : 0,
    )
    return true
  }

  /** The number of each key, -1 where it is not there. `masked`: see insert. */
  find(keys: number, rowCount: number, out: Int32Array, masked: boolean): void {
    this.#kernels.findNarrow(
      keys,
      this.#width,
      rowCount,
      this.#base.byteOffset,
      this.#span,
      this.#direct,
      out.byteOffset,
      masked ? 1 : 0,
    )
  }

  /** A number that no key finds (for NULL); its key is zeros. */
  reserveOne(): number {
    const width = this.#width
    const at = this.#stored.reserve((this.size + 1) * width, this.size * width) + this.size * width
    this.#region.pool.bytes.fill(0, at, at + width)
    this.reserved = this.size++
    return this.reserved
  }

  /** Makes places for the keys of some rows; false if there would be too many. */
  #fit(keys: number, rowCount: number, out: Int32Array, masked: boolean): boolean {
    const bounds = this.#base.byteOffset + 8
    const { rangeOfKeys } = this.#kernels
    if (rangeOfKeys(keys, this.#width, rowCount, out.byteOffset, masked ? 1 : 0, bounds) === 0) return true
    const [base, least, most] = [this.#base[0]!, this.#base[1]!, this.#base[2]!]
    const end = base + BigInt(this.#span)
    if (least >= base && most < end) return true
    const isFirst = this.#span === 0
    const from = isFirst || least < base ? least : base
    const to = isFirst || most >= end ? most + 1n : end
    const mostPlaces = Math.min(MOST_PLACES, Math.floor(this.#region.pool.limitBytes / BYTES_A_PLACE))
    const limit = Math.min(mostPlaces, Math.max(FEW_PLACES, PLACES_A_KEY * (this.size + rowCount)))
    if (to - from > BigInt(limit)) return false
    // More on the side where keys come, so that places are not moved for each batch.
    const spare = isFirst ? 0n : BigInt(Math.min(limit - Number(to - from), Number(to - from)))
    if (isFirst || most >= end) this.#grow(from, to + spare)
    else this.#grow(from - spare > LEAST[this.#width] ? from - spare : LEAST[this.#width], to)
    return true
  }

  #grow(from: bigint, to: bigint): void {
    const { buffer } = this.#region.pool
    const span = Number(to - from)
    const direct = this.#region.allocateGrowing(span * 4)
    const places = new Int32Array(buffer, direct, span)
    const held = this.#span === 0 ? 0 : Number(this.#base[0]! - from)
    places.fill(-1, 0, held)
    places.set(new Int32Array(buffer, this.#direct, this.#span), held)
    places.fill(-1, held + this.#span)
    if (this.#span > 0) this.#region.giveBack(this.#direct)
    this.#direct = direct
    this.#span = span
    this.#base[0] = from
  }
}
