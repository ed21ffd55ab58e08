import type { Region } from '../../memory/index.ts'
import type { ByteInput } from './byte-input.ts'

/** Bytes that a window holds at first: a piece of work that fits the caches of larger processors. */
const WINDOW_BYTES = 2 << 20

/**
 * A stretch of an input in memory. Records are scanned in `bytes[start, end)`; what is consumed moves `start`
 * on.
 *
 * ```
 * bytes |  consumed  |  to be scanned  |  free  |
 *                  start              end
 * ```
 */
export class TextWindow {
  bytes: Uint8Array
  start = 0
  end = 0
  /** Whether `end` is the end of the input. */
  atEnd = false
  readonly #input: ByteInput
  readonly #maxBytes: number
  readonly #createRegion: () => Region
  #region: Region
  /** Offset in the file of `bytes[#offsetAt]`. */
  #offset: number
  #offsetAt = 0

  constructor(input: ByteInput, createRegion: () => Region, maxBytes: number) {
    this.#input = input
    this.#createRegion = createRegion
    this.#offset = input.offset
    this.#maxBytes = Math.max(maxBytes, 64)
    this.#region = createRegion()
    this.bytes = this.#region.uint8(Math.min(WINDOW_BYTES, this.#maxBytes))
  }

  /** Whether there is no room for more bytes of a record that begins at `start`. */
  get isFull(): boolean {
    return this.start === 0 && this.end === this.bytes.length && this.bytes.length >= this.#maxBytes
  }

  /**
   * Moves the rest to the front and reads until the window is full or the input ends. Grows if the rest fills
   * it.
   */
  async fill(): Promise<void> {
    if (this.atEnd || this.isFull) return
    this.#offset = this.offsetOf(this.start)
    if (this.start > 0) this.bytes.copyWithin(0, this.start, this.end)
    else if (this.end === this.bytes.length) this.#grow()
    this.end -= this.start
    this.start = 0
    this.#offsetAt = 0
    while (this.end < this.bytes.length) {
      const count = await this.#input.read(this.bytes.subarray(this.end))
      if (count === 0) {
        this.atEnd = true
        return
      }
      this.end += count
    }
  }

  /** Offset in the (unpacked) file of a position in the window. */
  offsetOf(position: number): number {
    return this.#offset + this.#input.rawLength(this.bytes, this.#offsetAt, position)
  }

  free(): void {
    this.#region.free()
  }

  #grow(): void {
    const size = Math.min(this.#maxBytes, this.bytes.length * 2)
    const region = this.#createRegion()
    const larger = region.uint8(size)
    larger.set(this.bytes.subarray(0, this.end))
    this.#region.free()
    this.#region = region
    this.bytes = larger
  }
}
