import type { IntBuffer } from './byte-buffer.ts'
import { type StoredPart, StoredValuesBuffer } from './to-stored.ts'

/** A dictionary of values of 4 or 8 bytes, which are looked up and compared as words. */
export class WordDictionary {
  readonly values: StoredValuesBuffer
  readonly #width: 4 | 8
  /** Open addressing: code + 1, 0 is free. At most half of them are taken. */
  #slots = new Int32Array(64)
  /** Both words of every value. */
  #words = new Int32Array(64)

  constructor(width: 4 | 8) {
    this.#width = width
    this.values = new StoredValuesBuffer(width)
  }

  get sizeBytes(): number {
    return this.values.bytes.length
  }

  get heldBytes(): number {
    return this.values.heldBytes + this.#slots.byteLength + this.#words.byteLength
  }

  encode({ bytes, count }: StoredPart, codes: IntBuffer): void {
    codes.reserve(count)
    const size = this.#width >> 2
    const source = new Int32Array(bytes.buffer, bytes.byteOffset, count * size)
    const out = codes.values
    let at = codes.length
    let words = this.#words
    let slots = this.#slots
    let lastLow = 0
    let lastHigh = 0
    let code = -1
    for (let i = 0; i < count; i++) {
      const low = source[i * size]!
      const high = size === 2 ? source[i * size + 1]! : 0
      // Columns are often sorted, or repeat what stands before.
      if (code < 0 || low !== lastLow || high !== lastHigh) {
        const mask = slots.length - 1
        let slot = hashWords(low, high) & mask
        code = slots[slot]! - 1
        while (code >= 0 && (words[2 * code] !== low || words[2 * code + 1] !== high)) {
          slot = (slot + 1) & mask
          code = slots[slot]! - 1
        }
        if (code < 0) {
          code = this.#add(low, high, slot)
          words = this.#words
          slots = this.#slots
        }
        lastLow = low
        lastHigh = high
      }
      out[at++] = code
    }
    codes.length = at
  }

  #add(low: number, high: number, slot: number): number {
    const code = this.values.count
    if (2 * code === this.#words.length) {
      const larger = new Int32Array(4 * code)
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[2 * code] = low
    this.#words[2 * code + 1] = high
    this.values.appendWords(low, high)
    this.#slots[slot] = code + 1
    if (2 * code > this.#slots.length - 4) this.#grow()
    return code
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    const words = this.#words
    for (let code = 0; code < this.values.count; code++) {
      let slot = hashWords(words[2 * code]!, words[2 * code + 1]!) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = code + 1
    }
    this.#slots = slots
  }
}

function hashWords(low: number, high: number): number {
  const hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  const mixed = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
