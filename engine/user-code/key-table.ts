import { identityOf } from './value-key.ts'

/** Slots of an empty table: a power of two. */
const FIRST_SLOTS = 2048

/**
 * Distinct keys, numbered in order of arrival, each with a value. Strings and integers are looked up by open
 * addressing over their own hash, in half the time that a Map takes for strings that are new each time: a Map
 * asks the runtime for the hash of each. Other keys stand in a Map by their identity.
 *
 * ```
 * slots | hash, number + 1 | hash, number + 1 | 0, 0 | …       at most half of them are taken
 * ```
 */
export class KeyTable {
  readonly keys: unknown[] = []
  readonly values: unknown[] = []
  #slots = new Int32Array(2 * FIRST_SLOTS)
  #mask = FIRST_SLOTS - 1
  #taken = 0
  readonly #others = new Map<unknown, number>()

  /** The number of a key, or -1. */
  indexOf(key: unknown): number {
    if (typeof key === 'string') return this.#find(key, hashOfString(key))
    if (typeof key === 'number' && (key | 0) === key) return this.#find(key, key | 0)
    return this.#others.get(identityOf(key)) ?? -1
  }

  /** Takes a key that is not there yet. */
  add(key: unknown, value: unknown): void {
    const index = this.keys.length
    this.keys.push(key)
    this.values.push(value)
    if (typeof key === 'string') this.#insert(hashOfString(key), index)
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

function hashOfString(text: string): number {
  let hash = text.length
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}
