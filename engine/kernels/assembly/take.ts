// Rows by index. Indices are int32; -1 gives zeros (its validity bit is zero), which needs `values` to have a
// readable first row. Buffers may be read and written up to 64 bytes past their end.
import { copyShort } from './key-bits'

// @ts-ignore: decorator
@inline
function rowOf(indices: usize, i: i32): usize {
  const row = load<i32>(indices + ((<usize>i) << 2))
  return <usize>(row & ~(row >> 31))
}

/** One-byte values by index. */
export function take8(values: usize, indices: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) store<u8>(out + <usize>i, load<u8>(values + rowOf(indices, i)))
}

/** Two-byte values by index. */
export function take16(values: usize, indices: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++)
    store<u16>(out + ((<usize>i) << 1), load<u16>(values + (rowOf(indices, i) << 1)))
}

/** Four-byte values by index. */
export function take32(values: usize, indices: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++)
    store<u32>(out + ((<usize>i) << 2), load<u32>(values + (rowOf(indices, i) << 2)))
}

/** Eight-byte values by index. */
export function take64(values: usize, indices: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++)
    store<u64>(out + ((<usize>i) << 3), load<u64>(values + (rowOf(indices, i) << 3)))
}

/** Values of sixteen bytes by index. */
export function take128(values: usize, indices: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++)
    v128.store(out + ((<usize>i) << 4), v128.load(values + (rowOf(indices, i) << 4)))
}

/** Bits by index. `values` 0 stands for ones everywhere. Index -1 gives 0. Gives the number of ones. */
export function takeBits(values: usize, indices: usize, count: i32, out: usize): i32 {
  let ones = 0
  for (let base = 0; base < count; base += 8) {
    let byte = 0
    const end = min(8, count - base)
    for (let bit = 0; bit < end; bit++) {
      const row = load<i32>(indices + ((<usize>(base + bit)) << 2))
      const isRow = ~(row >> 31) & 1
      const safe = <usize>(row & ~(row >> 31))
      const one = values == 0 ? isRow : ((<i32>load<u8>(values + (safe >> 3))) >> <i32>(safe & 7)) & isRow
      byte |= one << bit
      ones += one
    }
    store<u8>(out + <usize>(base >> 3), <u8>byte)
  }
  return ones
}

/** Whether an index is negative. */
export function anyNegative(indices: usize, count: i32): i32 {
  let all = 0
  for (let i = 0; i < count; i++) all |= load<i32>(indices + ((<usize>i) << 2))
  return all >>> 31
}

/**
 * Offsets of the taken rows of a column with offsets, `out[0 .. count]`; gives their end, -1 when it is
 * beyond 2^31 - 1.
 */
export function takeOffsets(offsets: usize, indices: usize, count: i32, out: usize): i32 {
  let total: i64 = 0
  for (let i = 0; i < count; i++) {
    store<i32>(out + ((<usize>i) << 2), <i32>total)
    const row = load<i32>(indices + ((<usize>i) << 2))
    if (row < 0) continue
    const at = offsets + ((<usize>row) << 2)
    total += <i64>(load<i32>(at, 4) - load<i32>(at))
  }
  if (total > 0x7fffffff) return -1
  store<i32>(out + ((<usize>count) << 2), <i32>total)
  return <i32>total
}

/** Bytes of the taken rows to where `outOffsets` say. */
export function takeBytes(
  offsets: usize,
  bytes: usize,
  indices: usize,
  count: i32,
  outOffsets: usize,
  out: usize,
): void {
  for (let i = 0; i < count; i++) {
    const row = load<i32>(indices + ((<usize>i) << 2))
    if (row < 0) continue
    const at = offsets + ((<usize>row) << 2)
    const start = load<i32>(at)
    copyShort(
      bytes + <usize>start,
      load<i32>(at, 4) - start,
      out + <usize>load<i32>(outOffsets + ((<usize>i) << 2)),
    )
  }
}

/** All child rows of the taken rows of a list, in order. */
export function takeRanges(offsets: usize, indices: usize, count: i32, out: usize): void {
  let to = out
  for (let i = 0; i < count; i++) {
    const row = load<i32>(indices + ((<usize>i) << 2))
    if (row < 0) continue
    const at = offsets + ((<usize>row) << 2)
    const end = load<i32>(at, 4)
    for (let child = load<i32>(at); child < end; child++) {
      store<i32>(to, child)
      to += 4
    }
  }
}

/** from, from + 1, from + 2 … */
export function countUp(from: i32, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) store<i32>(out + ((<usize>i) << 2), from + i)
}

/** Adds to each of some int32 values, such as offsets that move. */
export function addToEach(values: usize, count: i32, add: i32, out: usize): void {
  for (let i = 0; i < count; i++)
    store<i32>(out + ((<usize>i) << 2), load<i32>(values + ((<usize>i) << 2)) + add)
}

/** Scaled int64 values as 128-bit values, sign extended. */
export function widen64(values: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const value = load<i64>(values + ((<usize>i) << 3))
    store<i64>(out + ((<usize>i) << 4), value)
    store<i64>(out + ((<usize>i) << 4), value >> 63, 8)
  }
}

/**
 * Copies `count` bits from bit `from` of `bits` to bit `at` of `out`, whose bits from `at` on are zero.
 * `bits` 0 stands for ones everywhere.
 */
export function appendBits(bits: usize, from: i32, count: i32, out: usize, at: i32): void {
  for (let done = 0; done < count; ) {
    const step = min(32, count - done)
    const source = from + done
    let word: u64 = 0xffffffff
    if (bits != 0) word = load<u64>(bits + <usize>(source >> 3)) >> <u64>(source & 7)
    word &= (<u64>1 << <u64>step) - 1
    const to = out + <usize>((at + done) >> 3)
    const shift = <u64>((at + done) & 7)
    const last = shift + <u64>step
    // Only the bytes that hold these bits are written: those behind may be another thread's.
    const keep = load<u64>(to)
    const mask = ((<u64>1 << last) - 1) & ~((<u64>1 << shift) - 1)
    storeBytes(to, (keep & ~mask) | (word << shift), <i32>((last + 7) >> 3))
    done += step
  }
}

// @ts-ignore: decorator
@inline
function storeBytes(to: usize, word: u64, bytes: i32): void {
  for (let i = 0; i < bytes; i++) store<u8>(to + <usize>i, <u8>(word >> (<u64>i << 3)))
}
