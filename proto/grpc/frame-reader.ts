import { EngineError } from '../../engine/errors.ts'
import { HEAD_BYTES } from './chunk-wire.ts'

/** Who gets the frames of a connection. */
export interface FrameTaker {
  /** Where the bytes of a frame shall lie; as many as `size`. */
  place(kind: number, size: number): Uint8Array
  frame(kind: number, bytes: Uint8Array): void
}

/**
 * Puts frames together. A socket reads into `free()` and says how much it has read (`filled`), so that a
 * frame is copied once, from the system to its place; what arrives in buffers of its own is given to `feed`.
 */
export class FrameReader {
  readonly #maxBytes: number
  readonly #taker: FrameTaker
  readonly #head = Buffer.alloc(HEAD_BYTES)
  /** Of the frame whose head is whole. */
  #body: Uint8Array | null = null
  #count = 0

  /** A frame of more bytes is a PROTOCOL_ERROR. */
  constructor(maxBytes: number, taker: FrameTaker) {
    this.#maxBytes = maxBytes
    this.#taker = taker
  }

  /** Where the next bytes belong; never empty. */
  free(): Uint8Array {
    return (this.#body ?? this.#head).subarray(this.#count)
  }

  /** So many bytes of `free()` are read. True if they end a frame that was given to the taker. */
  filled(count: number): boolean {
    this.#count += count
    if (this.#body === null) {
      if (this.#count < HEAD_BYTES) return false
      const size = this.#head.readUInt32LE(0)
      if (size > this.#maxBytes)
        throw new EngineError(
          'PROTOCOL_ERROR',
          `a frame of ${size} bytes, at most ${this.#maxBytes} may come`,
        )
      this.#count = 0
      this.#body = this.#taker.place(this.#head[4]!, size)
      if (size > 0) return false
    } else if (this.#count < this.#body.length) return false
    const body = this.#body
    this.#body = null
    this.#count = 0
    this.#taker.frame(this.#head[4]!, body)
    return true
  }

  /** Takes bytes up to the end of a frame. Gives those behind it; empty if there are none. */
  feed(bytes: Uint8Array): Uint8Array {
    let rest = bytes
    while (rest.length > 0) {
      const free = this.free()
      const count = Math.min(free.length, rest.length)
      free.set(rest.subarray(0, count))
      rest = rest.subarray(count)
      if (this.filled(count)) return rest
    }
    return rest
  }
}
