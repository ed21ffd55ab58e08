// Key words for row-sort.ts. Values become unsigned integers that order as the values do; a NULL bit stands
// before each. Two layouts: rows of `width` words, where a column takes bits at a fixed place, and rows of
// any number of words, where columns follow each other as bytes and text ends with two zero bytes.

// Kinds of values.
const INT8 = 0
const INT16 = 1
const INT32 = 2
const INT64 = 3
const FLOAT32 = 4
const FLOAT64 = 5
const BOOLEAN = 6
const INT128 = 7

// Flags of a column.
const DESCENDING = 1
const NULLS_FIRST = 2

// @ts-ignore: decorator
@inline
function isNullAt(validity: usize, row: i32): bool {
  return validity != 0 && ((load<u8>(validity + (<usize>row >> 3)) >> <u8>(row & 7)) & 1) == 0
}

// @ts-ignore: decorator
@inline
function nullBit(isNull: bool, flags: i32): u64 {
  return isNull == ((flags & NULLS_FIRST) != 0) ? 0 : 1
}

/** A value as an unsigned integer in the low bits; of 128-bit integers half `part` (0 = high). */
// @ts-ignore: decorator
@inline
function normalized(values: usize, kind: i32, row: i32, part: i32): u64 {
  switch (kind) {
    case INT8:
      return <u64>(load<u8>(values + row) ^ 0x80)
    case INT16:
      return <u64>(load<u16>(values + ((<usize>row) << 1)) ^ 0x8000)
    case INT32:
      return <u64>(load<u32>(values + ((<usize>row) << 2)) ^ 0x8000_0000)
    case INT64:
      return load<u64>(values + ((<usize>row) << 3)) ^ 0x8000_0000_0000_0000
    case FLOAT32:
      return <u64>floatBits32(load<f32>(values + ((<usize>row) << 2)))
    case FLOAT64:
      return floatBits64(load<f64>(values + ((<usize>row) << 3)))
    case BOOLEAN:
      return <u64>((load<u8>(values + (<usize>row >> 3)) >> <u8>(row & 7)) & 1)
    default: {
      const at = values + ((<usize>row) << 4)
      return part == 0 ? load<u64>(at, 8) ^ 0x8000_0000_0000_0000 : load<u64>(at)
    }
  }
}

// @ts-ignore: decorator
@inline
function floatBits64(value: f64): u64 {
  if (value != value) return 0xffff_ffff_ffff_ffff
  const bits = reinterpret<u64>(value == 0 ? 0 : value)
  return <i64>bits < 0 ? ~bits : bits ^ 0x8000_0000_0000_0000
}

// @ts-ignore: decorator
@inline
function floatBits32(value: f32): u32 {
  if (value != value) return 0xffff_ffff
  const bits = reinterpret<u32>(value == 0 ? 0 : value)
  return <i32>bits < 0 ? ~bits : bits ^ 0x8000_0000
}

function bitsOf(kind: i32): i32 {
  switch (kind) {
    case INT8:
      return 8
    case INT16:
      return 16
    case INT32:
    case FLOAT32:
      return 32
    case BOOLEAN:
      return 1
    default:
      return 64
  }
}

/**
 * Puts a column's NULL bit and value at bit `position` of each row's words, which are zero there. Of 128-bit
 * integers it is the high half (`part` 0) with the NULL bit, or the low one (`part` 1) without.
 */
export function packKeyColumn(
  values: usize,
  validity: usize,
  kind: i32,
  part: i32,
  flags: i32,
  rows: i32,
  words: usize,
  width: i32,
  position: i32,
): void {
  const bits = bitsOf(kind)
  const flip: u64 = (flags & DESCENDING) != 0 ? (bits == 64 ? ~(<u64>0) : (<u64>1 << <u64>bits) - 1) : 0
  const stride = (<usize>width) << 3
  const valueAt = part == 0 ? position + 1 : position
  let to = words
  for (let row = 0; row < rows; row++) {
    const isNull = isNullAt(validity, row)
    if (part == 0) putBits(to, position, 1, nullBit(isNull, flags))
    if (!isNull) putBits(to, valueAt, bits, normalized(values, kind, row, part) ^ flip)
    to += stride
  }
}

// @ts-ignore: decorator
@inline
function putBits(words: usize, position: i32, bits: i32, value: u64): void {
  const at = words + ((<usize>(position >> 6)) << 3)
  const free = 64 - (position & 63)
  if (bits <= free) {
    store<u64>(at, load<u64>(at) | (value << <u64>(free - bits)))
    return
  }
  store<u64>(at, load<u64>(at) | (value >> <u64>(bits - free)))
  store<u64>(at, load<u64>(at, 8) | (value << <u64>(64 - (bits - free))), 8)
}

/** Adds the bytes that text takes in each row's key: NULL byte, bytes with zeros doubled, two to end. */
export function addTextSizes(
  offsets: usize,
  bytes: usize,
  codes: usize,
  validity: usize,
  rows: i32,
  sizes: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let size: u32 = 3
    if (!isNullAt(validity, row)) {
      const entry = codes != 0 ? load<u32>(codes + ((<usize>row) << 2)) : <u32>row
      const at = offsets + ((<usize>entry) << 2)
      const start = load<u32>(at)
      const end = load<u32>(at, 4)
      size += end - start
      for (let from = bytes + start; from < bytes + end; from++) if (load<u8>(from) == 0) size++
    }
    const to = sizes + ((<usize>row) << 2)
    store<u32>(to, load<u32>(to) + size)
  }
}

/** Makes of sizes in bytes the word at which each row starts, and one more for the end; gives that. */
export function keyStarts(sizes: usize, rows: i32): u32 {
  let next: u32 = 0
  for (let row: usize = 0; row < <usize>rows; row++) {
    const words = (load<u32>(sizes + (row << 2)) + 7) >> 3
    store<u32>(sizes + (row << 2), next)
    next += words
  }
  store<u32>(sizes + ((<usize>rows) << 2), next)
  return next
}

/** Writes text at each row's cursor (an address, uint32), and moves the cursor behind it. */
export function writeTextKeys(
  offsets: usize,
  bytes: usize,
  codes: usize,
  validity: usize,
  flags: i32,
  rows: i32,
  cursors: usize,
): void {
  const flip: u8 = (flags & DESCENDING) != 0 ? 0xff : 0
  for (let row = 0; row < rows; row++) {
    const cursor = cursors + ((<usize>row) << 2)
    let to = <usize>load<u32>(cursor)
    const isNull = isNullAt(validity, row)
    store<u8>(to++, <u8>nullBit(isNull, flags))
    if (!isNull) {
      const entry = codes != 0 ? load<u32>(codes + ((<usize>row) << 2)) : <u32>row
      const at = offsets + ((<usize>entry) << 2)
      const end = bytes + load<u32>(at, 4)
      for (let from = bytes + load<u32>(at); from < end; from++) {
        const byte = load<u8>(from)
        store<u8>(to++, byte ^ flip)
        if (byte == 0) store<u8>(to++, 0xff ^ flip)
      }
    }
    store<u8>(to++, flip)
    store<u8>(to++, flip)
    store<u32>(cursor, <u32>to)
  }
}

/** Writes values of one width at each row's cursor, most significant byte first, and moves the cursor. */
export function writeFixedKeys(
  values: usize,
  validity: usize,
  kind: i32,
  flags: i32,
  rows: i32,
  cursors: usize,
): void {
  const parts = kind == INT128 ? 2 : 1
  const bytes = max(1, bitsOf(kind) >> 3)
  const flip: u64 = (flags & DESCENDING) != 0 ? ~(<u64>0) : 0
  for (let row = 0; row < rows; row++) {
    const cursor = cursors + ((<usize>row) << 2)
    let to = <usize>load<u32>(cursor)
    const isNull = isNullAt(validity, row)
    store<u8>(to++, <u8>nullBit(isNull, flags))
    for (let part = 0; part < parts; part++) {
      const value = isNull ? 0 : normalized(values, kind, row, part) ^ flip
      for (let byte = bytes - 1; byte >= 0; byte--) store<u8>(to++, <u8>(value >> <u64>(byte << 3)))
    }
    store<u32>(cursor, <u32>to)
  }
}

/** Turns words written as bytes, most significant first, into integers. */
export function swapKeyWords(words: usize, count: i32): void {
  const end = words + ((<usize>count) << 3)
  for (let at = words; at < end; at += 8) store<u64>(at, bswap<u64>(load<u64>(at)))
}
