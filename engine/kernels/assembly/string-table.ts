// Distinct strings, in tables as key-table.ts draws them: `keys` holds views of sixteen bytes, the length,
// then up to twelve bytes of the string itself; of longer ones the first four and where they lie in `bytes`.
import { copyShort, hashOfBytes, mix64, number, sameBytes } from './key-bits'

// @ts-ignore: decorator
@inline
function viewHead(start: usize, length: u32): u64 {
  let first = load<u64>(start)
  if (length < 8) first &= ((<u64>1) << (<u64>length << 3)) - 1
  return <u64>length | (first << 32)
}

// @ts-ignore: decorator
@inline
function viewTail(start: usize, length: u32): u64 {
  if (length <= 4) return 0
  const rest = load<u64>(start, 4)
  return length >= 12 ? rest : rest & (((<u64>1) << (<u64>(length - 4) << 3)) - 1)
}

// @ts-ignore: decorator
@inline
function hashOfString(head: u64, tail: u64, start: usize, length: u32): u32 {
  if (length > 12) return <u32>hashOfBytes(start, length)
  return <u32>mix64((rotl<u64>(head * 0x9e3779b97f4a7c15, 29) ^ tail) * 0xd6e8feb86659fd93)
}

/** The place of a string: that of an equal one, or the empty one where it belongs. */
// @ts-ignore: decorator
@inline
function placeOfString(table: usize, head: u64, tail: u64, start: usize, length: u32, hash: u32): u32 {
  const slots = load<usize>(table)
  const mask = load<u32>(table, 4)
  const views = load<usize>(table, 16)
  let place = hash & mask
  let slot = load<u64>(slots + ((<usize>place) << 3))
  while (<u32>slot != 0) {
    if (<u32>(slot >> 32) == hash) {
      const view = views + (<usize>(<u32>slot - 1) << 4)
      if (load<u64>(view) == head) {
        const end = load<u64>(view, 8)
        if (length <= 12) {
          if (end == tail) break
        } else if (sameBytes(load<usize>(table, 24) + <usize>end, start, length)) break
      }
    }
    place = (place + 1) & mask
    slot = load<u64>(slots + ((<usize>place) << 3))
  }
  return place
}

/** Inserts strings [from, to); gives the row where it stopped, for want of keys or of bytes. */
export function insertStrings(
  table: usize,
  offsets: usize,
  bytes: usize,
  from: i32,
  to: i32,
  out: usize,
  masked: i32,
): i32 {
  const slots = load<usize>(table)
  const limit = load<u32>(table, 12)
  let size = load<u32>(table, 8)
  let row = from
  for (; row < to; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const offset = load<u32>(offsets + ((<usize>row) << 2))
    const length = load<u32>(offsets + ((<usize>row) << 2), 4) - offset
    const start = bytes + <usize>offset
    const head = viewHead(start, length)
    const tail = viewTail(start, length)
    const hash = hashOfString(head, tail, start, length)
    const slot = slots + (<usize>placeOfString(table, head, tail, start, length, hash) << 3)
    let entry = load<u32>(slot)
    if (entry == 0) {
      const used = load<u32>(table, 28)
      if (size == limit || length > load<u32>(table, 32) - used) break
      copyShort(start, length, load<usize>(table, 24) + <usize>used)
      const view = load<usize>(table, 16) + (<usize>size << 4)
      store<u64>(view, head)
      store<u64>(view, length <= 12 ? tail : <u64>used, 8)
      store<u32>(table, used + length, 28)
      entry = ++size
      store<u32>(load<usize>(table, 36) + (<usize>size << 2), used + length)
      store<u64>(slot, ((<u64>hash) << 32) | <u64>entry)
    }
    store<u32>(number(out, row), entry - 1)
  }
  store<u32>(table, size, 8)
  return row
}

/** The number of each string, -1 where it is not there. */
export function findStrings(
  table: usize,
  offsets: usize,
  bytes: usize,
  count: i32,
  out: usize,
  masked: i32,
): void {
  const slots = load<usize>(table)
  for (let row = 0; row < count; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const offset = load<u32>(offsets + ((<usize>row) << 2))
    const length = load<u32>(offsets + ((<usize>row) << 2), 4) - offset
    const start = bytes + <usize>offset
    const head = viewHead(start, length)
    const tail = viewTail(start, length)
    const hash = hashOfString(head, tail, start, length)
    const place = placeOfString(table, head, tail, start, length, hash)
    store<u32>(number(out, row), load<u32>(slots + (<usize>place << 3)) - 1)
  }
}
