import type { Region } from '../../memory/index.ts'

/** A buffer that is used again for each page: what was in it before is lost. */
export class Scratch {
  readonly #region: Region
  #bytes: Uint8Array

  constructor(region: Region) {
    this.#region = region
    this.#bytes = new Uint8Array(0)
  }

  bytes(length: number): Uint8Array {
    if (this.#bytes.length < length) this.#bytes = this.#region.uint8(length + (length >> 2))
    return this.#bytes.subarray(0, length)
  }

  int32(length: number): Int32Array {
    const { buffer, byteOffset } = this.bytes(length * 4)
    return new Int32Array(buffer, byteOffset, length)
  }
}
