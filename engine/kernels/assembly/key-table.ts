// Distinct keys, numbered 0, 1, 2 … in order of arrival. Open addressing with linear probing over a
// power of two of slots; a slot with number + 1 = 0 is empty. A table is 64 bytes of the arena:
//
//   0 slots   4 mask   8 size   12 limit   16 keys   20 stride
//   24 bytes  28 bytes used     32 bytes capacity    36 offsets
//
// `limit`: most keys before the owner must make it larger. Inserting stops there and gives the row where it
// stopped, so that no kernel allocates. Where `masked`, rows whose `out` is negative are left alone.
import { mix64, number } from './key-bits'

// Four-byte keys: slots of eight bytes, number + 1 and key. Neighbouring keys share a cache line of slots, so
// that sorted input stays in the cache, while blocks of eight are spread by a good hash.

// @ts-ignore: decorator
@inline
function place32(key: u32, mask: u32): u32 {
  return ((<u32>mix64(key >> 3) << 3) | (key & 7)) & mask
}

/** Inserts rows [from, to); gives the row where it stopped. */
export function insertKeys32(table: usize, keys: usize, from: i32, to: i32, out: usize, masked: i32): i32 {
  const slots = load<usize>(table)
  const mask = load<u32>(table, 4)
  const limit = load<u32>(table, 12)
  const stored = load<usize>(table, 16)
  let size = load<u32>(table, 8)
  let row = from
  for (; row < to; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const key = load<u32>(keys + ((<usize>row) << 2))
    let place = place32(key, mask)
    let slot = load<u64>(slots + ((<usize>place) << 3))
    while (<u32>slot != 0 && <u32>(slot >> 32) != key) {
      place = (place + 1) & mask
      slot = load<u64>(slots + ((<usize>place) << 3))
    }
    if (<u32>slot == 0) {
      if (size == limit) break
      store<u32>(stored + ((<usize>size) << 2), key)
      size++
      slot = (<u64>key << 32) | <u64>size
      store<u64>(slots + ((<usize>place) << 3), slot)
    }
    store<u32>(number(out, row), <u32>slot - 1)
  }
  store<u32>(table, size, 8)
  return row
}

/** The number of each row's key, -1 where it is not there. */
export function findKeys32(table: usize, keys: usize, count: i32, out: usize, masked: i32): void {
  const slots = load<usize>(table)
  const mask = load<u32>(table, 4)
  for (let row = 0; row < count; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const key = load<u32>(keys + ((<usize>row) << 2))
    let place = place32(key, mask)
    let slot = load<u64>(slots + ((<usize>place) << 3))
    while (<u32>slot != 0 && <u32>(slot >> 32) != key) {
      place = (place + 1) & mask
      slot = load<u64>(slots + ((<usize>place) << 3))
    }
    store<u32>(number(out, row), <u32>slot - 1)
  }
}

/** Moves all slots to new ones, which are empty. */
export function moveKeys32(old: usize, oldCount: u32, slots: usize, mask: u32): void {
  for (let i: u32 = 0; i < oldCount; i++) {
    const slot = load<u64>(old + ((<usize>i) << 3))
    if (<u32>slot == 0) continue
    let place = place32(<u32>(slot >> 32), mask)
    while (load<u32>(slots + ((<usize>place) << 3)) != 0) place = (place + 1) & mask
    store<u64>(slots + ((<usize>place) << 3), slot)
  }
}

// Eight-byte keys: slots of sixteen bytes, key and number + 1; blocks of four keys share a cache line.

// @ts-ignore: decorator
@inline
function place64(key: u64, mask: u32): u32 {
  return ((<u32>mix64(key >> 2) << 2) | (<u32>key & 3)) & mask
}

/** Inserts rows [from, to); gives the row where it stopped. */
export function insertKeys64(table: usize, keys: usize, from: i32, to: i32, out: usize, masked: i32): i32 {
  const slots = load<usize>(table)
  const mask = load<u32>(table, 4)
  const limit = load<u32>(table, 12)
  const stored = load<usize>(table, 16)
  let size = load<u32>(table, 8)
  let row = from
  for (; row < to; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const key = load<u64>(keys + ((<usize>row) << 3))
    let place = place64(key, mask)
    let slot = slots + ((<usize>place) << 4)
    let entry = load<u32>(slot, 8)
    while (entry != 0 && load<u64>(slot) != key) {
      place = (place + 1) & mask
      slot = slots + ((<usize>place) << 4)
      entry = load<u32>(slot, 8)
    }
    if (entry == 0) {
      if (size == limit) break
      store<u64>(stored + ((<usize>size) << 3), key)
      entry = ++size
      store<u64>(slot, key)
      store<u32>(slot, entry, 8)
    }
    store<u32>(number(out, row), entry - 1)
  }
  store<u32>(table, size, 8)
  return row
}

/** The number of each row's key, -1 where it is not there. */
export function findKeys64(table: usize, keys: usize, count: i32, out: usize, masked: i32): void {
  const slots = load<usize>(table)
  const mask = load<u32>(table, 4)
  for (let row = 0; row < count; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const key = load<u64>(keys + ((<usize>row) << 3))
    let place = place64(key, mask)
    let slot = slots + ((<usize>place) << 4)
    let entry = load<u32>(slot, 8)
    while (entry != 0 && load<u64>(slot) != key) {
      place = (place + 1) & mask
      slot = slots + ((<usize>place) << 4)
      entry = load<u32>(slot, 8)
    }
    store<u32>(number(out, row), entry - 1)
  }
}

/** Moves all slots to new ones, which are empty. */
export function moveKeys64(old: usize, oldCount: u32, slots: usize, mask: u32): void {
  for (let i: u32 = 0; i < oldCount; i++) {
    const from = old + ((<usize>i) << 4)
    if (load<u32>(from, 8) == 0) continue
    const key = load<u64>(from)
    let place = place64(key, mask)
    while (load<u32>(slots + ((<usize>place) << 4), 8) != 0) place = (place + 1) & mask
    v128.store(slots + ((<usize>place) << 4), v128.load(from))
  }
}

// Rows of `stride` bytes, a multiple of eight, and strings (string-table.ts): slots of eight bytes, of
// number + 1 and hash.

// @ts-ignore: decorator
@inline
function hashOfRow(row: usize, stride: u32): u32 {
  let hash = load<u64>(row) * 0x9e3779b97f4a7c15
  for (let at: u32 = 8; at < stride; at += 8)
    hash = (rotl<u64>(hash, 29) ^ load<u64>(row + <usize>at)) * 0xd6e8feb86659fd93
  return <u32>mix64(hash)
}

// @ts-ignore: decorator
@inline
function sameRow(a: usize, b: usize, stride: u32): bool {
  for (let at: u32 = 0; at < stride; at += 8)
    if (load<u64>(a + <usize>at) != load<u64>(b + <usize>at)) return false
  return true
}

/** Inserts rows [from, to) that lie at `rows`, row 0 first; gives the row where it stopped. */
export function insertRows(table: usize, rows: usize, from: i32, to: i32, out: usize, masked: i32): i32 {
  const slots = load<usize>(table)
  const mask = load<u32>(table, 4)
  const limit = load<u32>(table, 12)
  const stored = load<usize>(table, 16)
  const stride = load<u32>(table, 20)
  let size = load<u32>(table, 8)
  let row = from
  for (; row < to; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const key = rows + <usize>row * stride
    const hash = hashOfRow(key, stride)
    let place = hash & mask
    let slot = load<u64>(slots + ((<usize>place) << 3))
    while (
      <u32>slot != 0 &&
      (<u32>(slot >> 32) != hash || !sameRow(key, stored + <usize>(<u32>slot - 1) * stride, stride))
    ) {
      place = (place + 1) & mask
      slot = load<u64>(slots + ((<usize>place) << 3))
    }
    if (<u32>slot == 0) {
      if (size == limit) break
      const to = stored + <usize>size * stride
      for (let at: u32 = 0; at < stride; at += 8) store<u64>(to + <usize>at, load<u64>(key + <usize>at))
      size++
      slot = ((<u64>hash) << 32) | <u64>size
      store<u64>(slots + ((<usize>place) << 3), slot)
    }
    store<u32>(number(out, row), <u32>slot - 1)
  }
  store<u32>(table, size, 8)
  return row
}

/** The number of each row, -1 where it is not there. */
export function findRows(table: usize, rows: usize, count: i32, out: usize, masked: i32): void {
  const slots = load<usize>(table)
  const mask = load<u32>(table, 4)
  const stored = load<usize>(table, 16)
  const stride = load<u32>(table, 20)
  for (let row = 0; row < count; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const key = rows + <usize>row * stride
    const hash = hashOfRow(key, stride)
    let place = hash & mask
    let slot = load<u64>(slots + ((<usize>place) << 3))
    while (
      <u32>slot != 0 &&
      (<u32>(slot >> 32) != hash || !sameRow(key, stored + <usize>(<u32>slot - 1) * stride, stride))
    ) {
      place = (place + 1) & mask
      slot = load<u64>(slots + ((<usize>place) << 3))
    }
    store<u32>(number(out, row), <u32>slot - 1)
  }
}

/** Moves all slots with hashes to new ones, which are empty. */
export function moveHashed(old: usize, oldCount: u32, slots: usize, mask: u32): void {
  for (let i: u32 = 0; i < oldCount; i++) {
    const slot = load<u64>(old + ((<usize>i) << 3))
    if (<u32>slot == 0) continue
    let place = <u32>(slot >> 32) & mask
    while (load<u32>(slots + ((<usize>place) << 3)) != 0) place = (place + 1) & mask
    store<u64>(slots + ((<usize>place) << 3), slot)
  }
}
