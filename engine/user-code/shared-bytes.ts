import { CHUNK_VALUES, encodeChunk } from './chunk-codec.ts'

/**
 * Small chunks share memory up to this, as each shared memory costs a thread more than a small chunk does.
 */
const PACK_BYTES = 1 << 20

/** Values as bytes in memory that all threads see, in chunks, by partition. */
export function sharedChunks(partitions: Iterable<readonly unknown[]>): Uint8Array[][] {
  const shared: Uint8Array[][] = []
  const packer = new Packer()
  for (const values of partitions) {
    const chunks: Uint8Array[] = []
    shared.push(chunks)
    for (let from = 0; from < values.length; from += CHUNK_VALUES)
      packer.add(encodeChunk(values.slice(from, from + CHUNK_VALUES)), chunks)
  }
  packer.flush()
  return shared
}

/** A copy of bytes in memory that all threads see. */
export function sharedBytes(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return shared
}

/** Copies several pieces into one shared memory. */
class Packer {
  #pieces: { readonly bytes: Uint8Array; readonly into: Uint8Array[] }[] = []
  #size = 0

  /** `into` gets the shared copy, in order, by the next `flush`. */
  add(bytes: Uint8Array, into: Uint8Array[]): void {
    this.#pieces.push({ bytes, into })
    this.#size += bytes.length
    if (this.#size >= PACK_BYTES) this.flush()
  }

  flush(): void {
    const buffer = new SharedArrayBuffer(this.#size)
    let offset = 0
    for (const { bytes, into } of this.#pieces) {
      const shared = new Uint8Array(buffer, offset, bytes.length)
      shared.set(bytes)
      into.push(shared)
      offset += bytes.length
    }
    this.#pieces = []
    this.#size = 0
  }
}
