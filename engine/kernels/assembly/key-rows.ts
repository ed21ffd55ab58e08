// Keys of several columns as rows of one width, back to columns, and numbers by dictionary code.
import { BITS, FLOAT32, FLOAT64, INT16, INT32, INT64, INT8, bitsOf } from './key-bits'

// @ts-ignore: decorator
@inline
function encode(form: i32, bytes: i32, values: usize, count: i32, to: usize, stride: usize): void {
  let at = to
  for (let i = 0; i < count; i++) {
    if (bytes == 4) store<u32>(at, <u32>bitsOf(form, values, <usize>i))
    else store<u64>(at, bitsOf(form, values, <usize>i))
    at += stride
  }
}

/**
 * Writes a column's values to `to`, `to` + stride …, in four bytes, eight (64-bit forms) or `bytes` = 16
 * (128-bit values, and int64 widened to them).
 */
export function encodeValues(
  form: i32,
  bytes: i32,
  values: usize,
  count: i32,
  to: usize,
  stride: usize,
): void {
  if (bytes == 16) encodeWide(form, values, count, to, stride)
  else if (form == BITS) encode(BITS, 4, values, count, to, stride)
  else if (form == INT8) encode(INT8, 4, values, count, to, stride)
  else if (form == INT16) encode(INT16, 4, values, count, to, stride)
  else if (form == INT32) encode(INT32, 4, values, count, to, stride)
  else if (form == FLOAT32) encode(FLOAT32, 4, values, count, to, stride)
  else if (form == FLOAT64) encode(FLOAT64, 8, values, count, to, stride)
  else encode(INT64, 8, values, count, to, stride)
}

function encodeWide(form: i32, values: usize, count: i32, to: usize, stride: usize): void {
  for (let i = 0; i < count; i++) {
    const at = to + <usize>i * stride
    if (form == INT64) {
      const value = load<i64>(values + ((<usize>i) << 3))
      store<i64>(at, value)
      store<i64>(at, value >> 63, 8)
    } else v128.store(at, v128.load(values + ((<usize>i) << 4)))
  }
}

/** Clears the value of each NULL row at `to` (`bytes` of it) and sets `flag` in the int32 at `flags`. */
export function encodeNulls(
  validity: usize,
  count: i32,
  to: usize,
  bytes: i32,
  flags: usize,
  flag: u32,
  stride: usize,
): void {
  for (let i = 0; i < count; i++) {
    if ((<i32>load<u8>(validity + <usize>(i >> 3)) >> (i & 7)) & 1) continue
    const at = to + <usize>i * stride
    memory.fill(at, 0, <usize>bytes)
    const word = flags + <usize>i * stride
    store<u32>(word, load<u32>(word) | flag)
  }
}

// @ts-ignore: decorator
@inline
function decode(form: i32, from: usize, stride: usize, count: i32, out: usize): void {
  let at = from
  for (let i = 0; i < count; i++) {
    if (form == INT8) store<u8>(out + <usize>i, load<u8>(at))
    else if (form == INT16) store<u16>(out + ((<usize>i) << 1), load<u16>(at))
    else if (form == INT32) store<u32>(out + ((<usize>i) << 2), load<u32>(at))
    else if (form == INT64) store<u64>(out + ((<usize>i) << 3), load<u64>(at))
    else v128.store(out + ((<usize>i) << 4), v128.load(at))
    at += stride
  }
}

/** Values of rows at `from`, `from` + stride … as a column. */
export function decodeValues(form: i32, from: usize, stride: usize, count: i32, out: usize): void {
  if (form == BITS) decodeFlags(from, stride, 1, count, out)
  else if (form == INT8) decode(INT8, from, stride, count, out)
  else if (form == INT16) decode(INT16, from, stride, count, out)
  else if (form == INT32 || form == FLOAT32) decode(INT32, from, stride, count, out)
  else if (form == INT64 || form == FLOAT64) decode(INT64, from, stride, count, out)
  else decode(-1, from, stride, count, out)
}

/** A bitmap of the rows whose int32 has the flag; gives their number. */
export function decodeFlags(from: usize, stride: usize, flag: u32, count: i32, out: usize): i32 {
  let ones = 0
  for (let base = 0; base < count; base += 8) {
    let byte = 0
    const end = min(8, count - base)
    for (let bit = 0; bit < end; bit++) {
      const one = (load<u32>(from + <usize>(base + bit) * stride) & flag) != 0 ? 1 : 0
      byte |= one << bit
      ones += one
    }
    store<u8>(out + <usize>(base >> 3), <u8>byte)
  }
  return ones
}

/** Turns the first `count` bits around. */
export function invertBits(bits: usize, count: i32): void {
  for (let at = 0; at < count; at += 8) store<u8>(bits + <usize>(at >> 3), ~load<u8>(bits + <usize>(at >> 3)))
}

/** Sets the number of each NULL row. */
export function numberNulls(validity: usize, number: i32, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    if ((i & 63) == 0 && i + 64 <= count && load<i64>(validity + <usize>(i >> 3)) == -1) {
      i += 63
      continue
    }
    if (((<i32>load<u8>(validity + <usize>(i >> 3)) >> (i & 7)) & 1) == 0)
      store<i32>(out + ((<usize>i) << 2), number)
  }
}

/** Makes -1 of each number whose row has a negative code. */
export function maskNegative(codes: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const sign = load<i32>(codes + ((<usize>i) << 2)) >> 31
    store<i32>(out + ((<usize>i) << 2), load<i32>(out + ((<usize>i) << 2)) | sign)
  }
}

/** numbers[code] of each row; gives the lowest of them. */
export function mapCodes(codes: usize, numbers: usize, count: i32, out: usize): i32 {
  let lowest = 0
  for (let i = 0; i < count; i++) {
    const value = load<i32>(numbers + ((<usize>load<u32>(codes + ((<usize>i) << 2))) << 2))
    lowest = min(lowest, value)
    store<i32>(out + ((<usize>i) << 2), value)
  }
  return lowest
}

/**
 * The codes of rows that are not NULL whose number is `unknown`, each once; their numbers become -1. Gives
 * how many.
 */
export function unknownCodes(
  codes: usize,
  validity: usize,
  numbers: usize,
  unknown: i32,
  count: i32,
  out: usize,
): i32 {
  let found = 0
  for (let i = 0; i < count; i++) {
    const code = load<u32>(codes + ((<usize>i) << 2))
    const at = numbers + ((<usize>code) << 2)
    if (load<i32>(at) != unknown) continue
    if (validity != 0 && ((<i32>load<u8>(validity + <usize>(i >> 3)) >> (i & 7)) & 1) == 0) continue
    store<i32>(at, -1)
    store<u32>(out + ((<usize>found) << 2), code)
    found++
  }
  return found
}

/** places[at[i]] = values[i]. */
export function scatter32(values: usize, at: usize, count: i32, places: usize): void {
  for (let i = 0; i < count; i++)
    store<i32>(
      places + ((<usize>load<u32>(at + ((<usize>i) << 2))) << 2),
      load<i32>(values + ((<usize>i) << 2)),
    )
}

/** out |= code << shift, -1 for good where a code is negative. */
export function packCodes(codes: usize, shift: i32, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const code = load<i32>(codes + ((<usize>i) << 2))
    const packed = load<i32>(out + ((<usize>i) << 2)) | (code << shift)
    store<i32>(out + ((<usize>i) << 2), packed | (code >> 31))
  }
}

/**
 * Numbers by position: direct[packed], new ones getting the next from `size` on, whose packed codes go to
 * `kept`; -1 stays. Gives the new size. `packed` and `out` may be one.
 */
export function insertDirect(
  packed: usize,
  direct: usize,
  kept: usize,
  size: i32,
  count: i32,
  out: usize,
): i32 {
  let next = size
  for (let i = 0; i < count; i++) {
    const code = load<i32>(packed + ((<usize>i) << 2))
    let value = -1
    if (code >= 0) {
      const at = direct + ((<usize>code) << 2)
      value = load<i32>(at)
      if (value < 0) {
        value = next++
        store<i32>(at, value)
        store<i32>(kept + ((<usize>value) << 2), code)
      }
    }
    store<i32>(out + ((<usize>i) << 2), value)
  }
  return next
}

/** As insertDirect, but what is not there is -1. */
export function findDirect(packed: usize, direct: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const code = load<i32>(packed + ((<usize>i) << 2))
    store<i32>(out + ((<usize>i) << 2), code < 0 ? -1 : load<i32>(direct + ((<usize>code) << 2)))
  }
}

/**
 * The rows whose number comes for the first time, of numbers from `before` on; `seen` has a zero byte for
 * each. Gives how many.
 */
export function firstRows(numbers: usize, count: i32, before: i32, seen: usize, out: usize): i32 {
  let found = 0
  for (let i = 0; i < count; i++) {
    const at = load<i32>(numbers + ((<usize>i) << 2)) - before
    if (at < 0 || load<u8>(seen + <usize>at) != 0) continue
    store<u8>(seen + <usize>at, 1)
    store<i32>(out + ((<usize>found) << 2), i)
    found++
  }
  return found
}
