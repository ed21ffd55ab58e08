import { getBit, hashBytes } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import type { Region } from '../memory/index.ts'
import { emptySlots } from './int-tables.ts'

/** Longest sum of all distinct keys: offsets are int32. */
const MAX_BYTES = 2 ** 31 - 1

/**
 * Distinct byte strings, numbered in order of arrival. Slots as in Int32Table; the hash of each is kept, so
 * that growing needs no bytes and most misses are seen without them.
 */
export class BytesTable {
  size = 0
  /** String n is bytes [offsets[n], offsets[n + 1]). */
  offsets: Int32Array
  bytes: Uint8Array
  #hashes: Int32Array
  #slots: Int32Array
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
    this.offsets = region.int32(65)
    this.offsets[0] = 0
    this.bytes = region.uint8(1024)
    this.#hashes = region.int32(64)
    this.#slots = region.int32(256).fill(0)
  }

  /** The number of each row's string, new ones getting the next numbers; -1 where `validity` says NULL. */
  insert(
    offsets: Int32Array,
    bytes: Uint8Array,
    validity: Uint8Array | null,
    rowCount: number,
    out: Int32Array,
  ): void {
    for (let i = 0; i < rowCount; i++) {
      if (validity !== null && !getBit(validity, i)) out[i] = -1
      else out[i] = this.#insertOne(bytes, offsets[i]!, offsets[i + 1]!)
    }
  }

  /** The number of each row's string; -1 for those that are not there and for NULL. */
  find(
    offsets: Int32Array,
    bytes: Uint8Array,
    validity: Uint8Array | null,
    rowCount: number,
    out: Int32Array,
  ): void {
    for (let i = 0; i < rowCount; i++) {
      if (validity !== null && !getBit(validity, i)) {
        out[i] = -1
        continue
      }
      const [start, end] = [offsets[i]!, offsets[i + 1]!]
      const hash = hashBytes(bytes, start, end)
      const slot = findSlot(this.#slots, this.#hashes, this.offsets, this.bytes, hash, bytes, start, end)
      out[i] = this.#slots[slot]! - 1
    }
  }

  /** A number that no key finds (for NULL). */
  reserveOne(): number {
    this.#reserve(this.size + 1, this.offsets[this.size]!)
    this.offsets[this.size + 1] = this.offsets[this.size]!
    this.#hashes[this.size] = 0
    return this.size++
  }

  #insertOne(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end)
    const slot = findSlot(this.#slots, this.#hashes, this.offsets, this.bytes, hash, bytes, start, end)
    const entry = this.#slots[slot]!
    if (entry !== 0) return entry - 1
    const id = this.size++
    const at = this.offsets[id]!
    this.#slots[slot] = id + 1
    this.#hashes[id] = hash
    this.#reserve(this.size, at + end - start)
    for (let i = start, to = at; i < end; i++, to++) this.bytes[to] = bytes[i]!
    this.offsets[id + 1] = at + end - start
    // One free place is always kept, so that the next string finds room for its number and hash.
    this.#reserve(this.size + 1, at + end - start)
    return id
  }

  #reserve(size: number, byteCount: number): void {
    if (byteCount > MAX_BYTES)
      throw new EngineError('RESOURCES_EXHAUSTED', 'distinct keys hold more than 2 GiB of text')
    if (byteCount > this.bytes.length) {
      const larger = this.#region.uint8(Math.min(MAX_BYTES, Math.max(byteCount, this.bytes.length * 2)))
      larger.set(this.bytes)
      this.bytes = larger
    }
    if (size >= this.#hashes.length) {
      const length = this.#hashes.length * 2
      const [hashes, offsets] = [this.#region.int32(length), this.#region.int32(length + 1)]
      hashes.set(this.#hashes)
      offsets.set(this.offsets)
      this.#hashes = hashes
      this.offsets = offsets
    }
    if (size * 2 <= this.#slots.length) return
    const slots = emptySlots(this.#slots, size, this.#region)
    rehash(this.#slots, slots, this.#hashes)
    this.#slots = slots
  }
}

function rehash(old: Int32Array, slots: Int32Array, hashes: Int32Array): void {
  const mask = slots.length - 1
  for (let i = 0; i < old.length; i++) {
    const entry = old[i]!
    if (entry === 0) continue
    let slot = hashes[entry - 1]! & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = entry
  }
}

/** The slot of a string, or the empty one where it belongs. */
function findSlot(
  slots: Int32Array,
  hashes: Int32Array,
  offsets: Int32Array,
  stored: Uint8Array,
  hash: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const mask = slots.length - 1
  let slot = hash & mask
  for (;;) {
    const entry = slots[slot]!
    if (entry === 0) return slot
    if (hashes[entry - 1] === hash) {
      const at = offsets[entry - 1]!
      if (offsets[entry]! - at === end - start && sameBytes(stored, at, bytes, start, end)) return slot
    }
    slot = (slot + 1) & mask
  }
}

function sameBytes(stored: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start, j = at; i < end; i++, j++) if (bytes[i] !== stored[j]) return false
  return true
}
