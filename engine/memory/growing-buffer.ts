import type { Region } from './region.ts'

/** One buffer of the arena that grows: what it outgrew goes back to the pool at once. */
export class GrowingBuffer {
  #address = 0
  #capacity = 0
  readonly #region: Region

  /** Empty, in `region`. */
  constructor(region: Region) {
    this.#region = region
  }

  /** Where it starts now; 0 while it has no bytes. */
  get address(): number {
    return this.#address
  }

  /** Bytes that it holds. */
  get capacity(): number {
    return this.#capacity
  }

  /** Makes it hold at least `bytes`, at least doubling; the first `keep` bytes stay. Gives the address. */
  reserve(bytes: number, keep = 0): number {
    if (bytes <= this.#capacity && this.#address !== 0) return this.#address
    const capacity = Math.max(bytes, Math.min(this.#capacity * 2, this.#capacity + GREATEST_STEP), 64)
    const address = this.#region.allocateGrowing(capacity)
    const { bytes: arena } = this.#region.pool
    if (keep > 0) arena.copyWithin(address, this.#address, this.#address + keep)
    if (this.#address !== 0) this.#region.giveBack(this.#address)
    this.#address = address
    this.#capacity = capacity
    return address
  }

  /** The first `length` int32 values. */
  int32(length: number): Int32Array {
    return new Int32Array(this.#region.pool.buffer, this.#address, length)
  }

  /** The first `length` doubles. */
  float64(length: number): Float64Array {
    return new Float64Array(this.#region.pool.buffer, this.#address, length)
  }

  /** The first `length` bytes. */
  uint8(length: number): Uint8Array {
    return new Uint8Array(this.#region.pool.buffer, this.#address, length)
  }
}

/** Large buffers grow by no more than this beyond what is asked for. */
const GREATEST_STEP = 256 << 20
