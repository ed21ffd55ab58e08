import { identityOf } from './value-key.ts'

/** Slots of an empty table: a power of two. */
const FIRST_SLOTS = 2048

/** Characters of a short text, and the words that hold them with its length. */
const SHORT_TEXT = 16
const SHORT_WORDS = 5

/**
 * Distinct keys, numbered in order of arrival, each with a value. Strings and integers are looked up by open
 * addressing over their own hash, in a third of the time that a Map takes for strings that are new each time:
 * a Map asks the runtime for the hash of each. Short texts of Latin-1 stand there as words too, which are
 * compared in a quarter of the time that two strings take. Other keys stand in a Map by their identity.
 *
 * ```
 * slots  | hash, number + 1 | hash, number + 1 | 0, 0 | …      at most half of them are taken
 * shorts | four characters a word, length + 1 | …              by number; 0 where a key is no short text
 * ```
 */
export class KeyTable {
  readonly keys: unknown[] = []
  readonly values: unknown[] = []
  #slots = new Int32Array(2 * FIRST_SLOTS)
  #mask = FIRST_SLOTS - 1
  #taken = 0
  #shorts = new Int32Array(0)
  readonly #others = new Map<unknown, number>()

  /** The number of a key, or -1. */
  indexOf(key: unknown): number {
    if (typeof key === 'string') {
      const index = key.length <= SHORT_TEXT ? this.#findShort(key) : NOT_SHORT
      return index === NOT_SHORT ? this.#find(key, hashOfString(key)) : index
    }
    if (typeof key === 'number' && (key | 0) === key) return this.#find(key, key | 0)
    return this.#others.get(identityOf(key)) ?? -1
  }

  /** Takes a key that is not there yet. */
  add(key: unknown, value: unknown): void {
    const index = this.keys.length
    this.keys.push(key)
    this.values.push(value)
    if (typeof key === 'string') this.#insert(this.#keepShort(key, index) ?? hashOfString(key), index)
    else if (typeof key === 'number' && (key | 0) === key) this.#insert(key | 0, index)
    else this.#others.set(identityOf(key), index)
  }

  /** Forgets all keys. */
  clear(): void {
    this.keys.length = 0
    this.values.length = 0
    this.#slots = new Int32Array(2 * FIRST_SLOTS)
    this.#mask = FIRST_SLOTS - 1
    this.#taken = 0
    this.#shorts = new Int32Array(0)
    this.#others.clear()
  }

  #find(key: string | number, hash: number): number {
    const slots = this.#slots
    const mask = this.#mask
    const keys = this.keys
    for (let at = slotOf(hash, mask); ; at = (at + 1) & mask) {
      const number = slots[2 * at + 1]!
      if (number === 0) return -1
      if (slots[2 * at] === hash && keys[number - 1] === key) return number - 1
    }
  }

  /** The number of a text of up to 16 characters, -1, or `NOT_SHORT` if one of them is beyond Latin-1. */
  #findShort(text: string): number {
    const { length } = text
    let wide = 0
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    let i = 0
    for (; i < length && i < 4; i++) {
      const unit = text.charCodeAt(i)
      wide |= unit
      a = (a << 8) | unit
    }
    for (; i < length && i < 8; i++) {
      const unit = text.charCodeAt(i)
      wide |= unit
      b = (b << 8) | unit
    }
    for (; i < length && i < 12; i++) {
      const unit = text.charCodeAt(i)
      wide |= unit
      c = (c << 8) | unit
    }
    for (; i < length; i++) {
      const unit = text.charCodeAt(i)
      wide |= unit
      d = (d << 8) | unit
    }
    if (wide > 255) return NOT_SHORT
    const hash = hashOfWords(a, b, c, d, length)
    const slots = this.#slots
    const shorts = this.#shorts
    const mask = this.#mask
    for (let at = slotOf(hash, mask); ; at = (at + 1) & mask) {
      const number = slots[2 * at + 1]!
      if (number === 0) return -1
      if (slots[2 * at] !== hash) continue
      const from = (number - 1) * SHORT_WORDS
      if (from >= shorts.length || shorts[from + 4] !== length + 1) continue
      if (shorts[from] === a && shorts[from + 1] === b && shorts[from + 2] === c && shorts[from + 3] === d)
        return number - 1
    }
  }

  /** Notes a short text under its number and gives its hash; null if it is none. */
  #keepShort(text: string, index: number): number | null {
    if (text.length > SHORT_TEXT) return null
    const words = [0, 0, 0, 0] as [number, number, number, number]
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 255) return null
      words[i >> 2] = (words[i >> 2]! << 8) | unit
    }
    const from = index * SHORT_WORDS
    if (from >= this.#shorts.length) {
      const larger = new Int32Array(Math.max(64, 2 * (index + 1)) * SHORT_WORDS)
      larger.set(this.#shorts)
      this.#shorts = larger
    }
    this.#shorts.set(words, from)
    this.#shorts[from + 4] = text.length + 1
    return hashOfWords(...words, text.length)
  }

  #insert(hash: number, index: number): void {
    if (2 * ++this.#taken > this.#mask) this.#grow()
    place(this.#slots, this.#mask, hash, index + 1)
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Int32Array(2 * before.length)
    this.#mask = 2 * this.#mask + 1
    for (let at = 0; at < before.length; at += 2)
      if (before[at + 1] !== 0) place(this.#slots, this.#mask, before[at]!, before[at + 1]!)
  }
}

function place(slots: Int32Array, mask: number, hash: number, number: number): void {
  let at = slotOf(hash, mask)
  while (slots[2 * at + 1] !== 0) at = (at + 1) & mask
  slots[2 * at] = hash
  slots[2 * at + 1] = number
}

/** Neighbouring integers and hashes that differ in few bits go far apart. */
function slotOf(hash: number, mask: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x9e3779b1)
  return (mixed ^ (mixed >>> 15)) & mask
}

/** What looking for a short text gives for one with other characters. */
const NOT_SHORT = -2

function hashOfWords(a: number, b: number, c: number, d: number, length: number): number {
  let hash = Math.imul(a ^ length, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 15) ^ b, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13) ^ c, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16) ^ d, 0x27d4eb2f)
  return hash ^ (hash >>> 15)
}

function hashOfString(text: string): number {
  let hash = text.length
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}
