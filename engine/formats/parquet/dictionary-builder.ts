import type { IntBuffer } from './byte-buffer.ts'
import { type StoredPart, StoredValuesBuffer } from './to-stored.ts'
import { WordDictionary } from './word-dictionary.ts'

/** Distinct values in the order of their first occurrence, and the codes that stand for them. */
export interface DictionaryBuilder {
  readonly values: StoredValuesBuffer
  /** Bytes of the dictionary page. */
  readonly sizeBytes: number
  /** Bytes that it takes in memory. */
  readonly heldBytes: number
  /** Appends the codes of all values. */
  encode(part: StoredPart, codes: IntBuffer): void
}

/** A dictionary of values of `width` bytes, 0 for byte arrays. */
export function newDictionary(width: number): DictionaryBuilder {
  return width === 4 || width === 8 ? new WordDictionary(width) : new BytesDictionary(width)
}

/** A dictionary of byte arrays of one length or of any. */
class BytesDictionary implements DictionaryBuilder {
  readonly values: StoredValuesBuffer
  readonly #width: number
  /** Open addressing: code + 1, 0 is free. */
  #slots = new Int32Array(64)

  /** `width`: bytes of a value, 0 for byte arrays. */
  constructor(width: number) {
    this.#width = width
    this.values = new StoredValuesBuffer(width)
  }

  get sizeBytes(): number {
    return this.values.bytes.length + (this.#width === 0 ? 4 * this.values.count : 0)
  }

  get heldBytes(): number {
    return this.values.heldBytes + this.#slots.byteLength
  }

  encode(part: StoredPart, codes: IntBuffer): void {
    codes.reserve(part.count)
    const { bytes, starts, ends } = part
    const width = this.#width
    for (let i = 0; i < part.count; i++) {
      const start = width > 0 ? i * width : starts[i]!
      const end = width > 0 ? start + width : ends[i]!
      codes.values[codes.length++] = this.#codeOf(bytes, start, end)
    }
  }

  #codeOf(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1
    const { values } = this
    for (let slot = hashBytes(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const code = this.#slots[slot]! - 1
      if (code < 0) return this.#add(bytes, start, end, slot)
      const from = this.#width > 0 ? code * this.#width : values.start(code)
      const to = this.#width > 0 ? from + this.#width : values.end(code)
      if (to - from === end - start && sameBytes(values.bytes.bytes, from, bytes, start, end)) return code
    }
  }

  #add(bytes: Uint8Array, start: number, end: number, slot: number): number {
    const { values } = this
    const code = values.count
    if (this.#width > 0) {
      values.bytes.append(bytes.subarray(start, end))
      values.count++
    } else values.appendBytes(bytes, start, end)
    this.#slots[slot] = code + 1
    if (values.count * 2 > this.#slots.length) this.#grow()
    return code
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    const { values } = this
    for (let code = 0; code < values.count; code++) {
      const from = this.#width > 0 ? code * this.#width : values.start(code)
      const to = this.#width > 0 ? from + this.#width : values.end(code)
      let slot = hashBytes(values.bytes.bytes, from, to) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = code + 1
    }
    this.#slots = slots
  }
}

/** Murmur-like: four bytes a step, then mixed. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    hash = Math.imul(hash ^ Math.imul(word, 0x9e3779b1), 0x85ebca6b)
    hash ^= hash >>> 15
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function sameBytes(a: Uint8Array, from: number, b: Uint8Array, start: number, end: number): boolean {
  for (let i = start, j = from; i < end; i++, j++) if (a[j] !== b[i]) return false
  return true
}
