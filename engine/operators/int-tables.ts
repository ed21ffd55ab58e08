import { getBit, halvesOf, hashInt32, hashInt64 } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'

/** Rows inserted between two looks at the load. */
const CHUNK_ROWS = 4096

/**
 * Distinct int32 values, numbered 0, 1, 2 … in order of arrival. Open addressing: a slot holds a number
 * plus one, zero is empty; at most half of the slots are used. All arrays live in the region.
 */
export class Int32Table {
  size = 0
  /** The value of each number. */
  values: Int32Array
  #slots: Int32Array
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
    this.values = region.int32(64)
    this.#slots = region.int32(256).fill(0)
  }

  /** The number of each row's key, new keys getting the next numbers; -1 where `validity` says NULL. */
  insert(keys: Int32Array, validity: Uint8Array | null, rowCount: number, out: Int32Array): void {
    for (let from = 0; from < rowCount; from += CHUNK_ROWS) {
      const to = Math.min(rowCount, from + CHUNK_ROWS)
      this.#reserve(this.size + to - from)
      this.size = insert32(this.#slots, this.values, this.size, keys, validity, from, to, out)
    }
  }

  /** The number of each row's key; -1 for keys that are not there and for NULL. */
  find(keys: Int32Array, validity: Uint8Array | null, rowCount: number, out: Int32Array): void {
    find32(this.#slots, this.values, keys, validity, rowCount, out)
  }

  /** A number that no key finds (for NULL). */
  reserveOne(): number {
    this.#reserve(this.size + 1)
    this.values[this.size] = 0
    return this.size++
  }

  #reserve(size: number): void {
    if (size > this.values.length) {
      const larger = this.#region.int32(Math.max(size, this.values.length * 2))
      larger.set(this.values.subarray(0, this.size))
      this.values = larger
    }
    if (size * 2 <= this.#slots.length) return
    const slots = emptySlots(this.#slots, size, this.#region)
    rehash32(this.#slots, slots, this.values)
    this.#slots = slots
  }
}

/** A larger array of empty slots, at most a quarter of them soon used. */
export function emptySlots(old: Int32Array, size: number, region: Region): Int32Array {
  let length = old.length * 2
  while (length < size * 4) length *= 2
  return region.int32(length).fill(0)
}

function rehash32(old: Int32Array, slots: Int32Array, values: Int32Array): void {
  const mask = slots.length - 1
  for (let i = 0; i < old.length; i++) {
    const entry = old[i]!
    if (entry === 0) continue
    let slot = hashInt32(values[entry - 1]!) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = entry
  }
}

function insert32(
  slots: Int32Array,
  values: Int32Array,
  size: number,
  keys: Int32Array,
  validity: Uint8Array | null,
  from: number,
  to: number,
  out: Int32Array,
): number {
  const mask = slots.length - 1
  let next = size
  for (let i = from; i < to; i++) {
    if (validity !== null && !getBit(validity, i)) {
      out[i] = -1
      continue
    }
    const key = keys[i]!
    let slot = hashInt32(key) & mask
    let entry = slots[slot]!
    while (entry !== 0 && values[entry - 1] !== key) {
      slot = (slot + 1) & mask
      entry = slots[slot]!
    }
    if (entry === 0) {
      values[next] = key
      entry = ++next
      slots[slot] = entry
    }
    out[i] = entry - 1
  }
  return next
}

function find32(
  slots: Int32Array,
  values: Int32Array,
  keys: Int32Array,
  validity: Uint8Array | null,
  rowCount: number,
  out: Int32Array,
): void {
  const mask = slots.length - 1
  for (let i = 0; i < rowCount; i++) {
    if (validity !== null && !getBit(validity, i)) {
      out[i] = -1
      continue
    }
    const key = keys[i]!
    let slot = hashInt32(key) & mask
    let entry = slots[slot]!
    while (entry !== 0 && values[entry - 1] !== key) {
      slot = (slot + 1) & mask
      entry = slots[slot]!
    }
    out[i] = entry - 1
  }
}

/**
 * The same for 64-bit keys, which come and are kept as int32 halves, low half first: key i is halves 2i and
 * 2i + 1.
 */
export class Int64Table {
  size = 0
  /** The value of each number. */
  values: BigInt64Array
  #halves: Int32Array
  #slots: Int32Array
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
    this.values = region.int64(64)
    this.#halves = halvesOf(this.values)
    this.#slots = region.int32(256).fill(0)
  }

  /** See Int32Table. */
  insert(keys: Int32Array, validity: Uint8Array | null, rowCount: number, out: Int32Array): void {
    for (let from = 0; from < rowCount; from += CHUNK_ROWS) {
      const to = Math.min(rowCount, from + CHUNK_ROWS)
      this.#reserve(this.size + to - from)
      this.size = insert64(this.#slots, this.#halves, this.size, keys, validity, from, to, out)
    }
  }

  /** See Int32Table. */
  find(keys: Int32Array, validity: Uint8Array | null, rowCount: number, out: Int32Array): void {
    find64(this.#slots, this.#halves, keys, validity, rowCount, out)
  }

  /** See Int32Table. */
  reserveOne(): number {
    this.#reserve(this.size + 1)
    this.values[this.size] = 0n
    return this.size++
  }

  #reserve(size: number): void {
    if (size > this.values.length) {
      const larger = this.#region.int64(Math.max(size, this.values.length * 2))
      larger.set(this.values.subarray(0, this.size))
      this.values = larger
      this.#halves = halvesOf(larger)
    }
    if (size * 2 <= this.#slots.length) return
    const slots = emptySlots(this.#slots, size, this.#region)
    rehash64(this.#slots, slots, this.#halves)
    this.#slots = slots
  }
}

function rehash64(old: Int32Array, slots: Int32Array, halves: Int32Array): void {
  const mask = slots.length - 1
  for (let i = 0; i < old.length; i++) {
    const entry = old[i]!
    if (entry === 0) continue
    let slot = hashInt64(halves[2 * entry - 2]!, halves[2 * entry - 1]!) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = entry
  }
}

function insert64(
  slots: Int32Array,
  halves: Int32Array,
  size: number,
  keys: Int32Array,
  validity: Uint8Array | null,
  from: number,
  to: number,
  out: Int32Array,
): number {
  const mask = slots.length - 1
  let next = size
  for (let i = from; i < to; i++) {
    if (validity !== null && !getBit(validity, i)) {
      out[i] = -1
      continue
    }
    const low = keys[2 * i]!
    const high = keys[2 * i + 1]!
    let slot = hashInt64(low, high) & mask
    let entry = slots[slot]!
    while (entry !== 0 && (halves[2 * entry - 2] !== low || halves[2 * entry - 1] !== high)) {
      slot = (slot + 1) & mask
      entry = slots[slot]!
    }
    if (entry === 0) {
      halves[2 * next] = low
      halves[2 * next + 1] = high
      entry = ++next
      slots[slot] = entry
    }
    out[i] = entry - 1
  }
  return next
}

function find64(
  slots: Int32Array,
  halves: Int32Array,
  keys: Int32Array,
  validity: Uint8Array | null,
  rowCount: number,
  out: Int32Array,
): void {
  const mask = slots.length - 1
  for (let i = 0; i < rowCount; i++) {
    if (validity !== null && !getBit(validity, i)) {
      out[i] = -1
      continue
    }
    const low = keys[2 * i]!
    const high = keys[2 * i + 1]!
    let slot = hashInt64(low, high) & mask
    let entry = slots[slot]!
    while (entry !== 0 && (halves[2 * entry - 2] !== low || halves[2 * entry - 1] !== high)) {
      slot = (slot + 1) & mask
      entry = slots[slot]!
    }
    out[i] = entry - 1
  }
}
