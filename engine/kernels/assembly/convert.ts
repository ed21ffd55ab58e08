// Stored values into those of the engine. Stored ones may lie at any alignment.

/** Int32 to int64, sign extended. */
export function extendSigned(from: usize, count: i32, out: usize): void {
  const end = from + ((<usize>count) << 2)
  let at = from
  let to = out
  for (; end - at >= 16; at += 16, to += 32) {
    const values = v128.load(at)
    v128.store(to, i64x2.extend_low_i32x4_s(values))
    v128.store(to, i64x2.extend_high_i32x4_s(values), 16)
  }
  for (; at < end; at += 4, to += 8) store<i64>(to, <i64>load<i32>(at))
}

/** Int32 to int64, zero extended. */
export function extendUnsigned(from: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++)
    store<u64>(out + ((<usize>i) << 3), <u64>load<u32>(from + ((<usize>i) << 2)))
}

/** Uint64 to 128 bits. */
export function extendTo128(from: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    store<u64>(out + ((<usize>i) << 4), load<u64>(from + ((<usize>i) << 3)))
    store<u64>(out + ((<usize>i) << 4), 0, 8)
  }
}

/** Int32 to int16 (`shift` 1) or int8 (0); higher bits are dropped. */
export function narrowInts(from: usize, count: i32, shift: i32, out: usize): void {
  if (shift == 1)
    for (let i = 0; i < count; i++) store<i16>(out + ((<usize>i) << 1), load<i16>(from + ((<usize>i) << 2)))
  else for (let i = 0; i < count; i++) store<i8>(out + <usize>i, load<i8>(from + ((<usize>i) << 2)))
}

/** Int64s times a factor, in place; what overflows wraps. */
export function scaleInts(values: usize, count: i32, factor: i32): void {
  const wide = <i64>factor
  for (let i = 0; i < count; i++) {
    const address = values + ((<usize>i) << 3)
    store<i64>(address, load<i64>(address) * wide)
  }
}

/** Nanoseconds to microseconds, rounded down also before 1970. */
export function nanosToMicros(from: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 3
    store<i64>(out + at, floorDiv(load<i64>(from + at)))
  }
}

function floorDiv(nanos: i64): i64 {
  const micros = nanos / 1000
  return micros * 1000 > nanos ? micros - 1 : micros
}

const JULIAN_UNIX_EPOCH: i64 = 2_440_588

/** INT96: nanoseconds of the day (8 bytes), then the Julian day (4). */
export function int96ToMicros(from: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const at = from + <usize>(<u32>i * 12)
    const micros = load<u64>(at) / 1000
    const days = <i64>load<i32>(at, 8) - JULIAN_UNIX_EPOCH
    store<i64>(out + ((<usize>i) << 3), days * 86_400_000_000 + <i64>micros)
  }
}

/**
 * Signed big-endian numbers of `width` bytes to one or two int64, low word first; bytes beyond them are
 * dropped.
 */
export function bigEndianInts(from: usize, count: i32, width: i32, lanes: i32, out: usize): void {
  let at = from
  let to = out
  const step = (<usize>lanes) << 3
  for (let i = 0; i < count; i++) {
    bigEndianInt(at, width, lanes, to)
    at += width
    to += step
  }
}

/** As `bigEndianInts`, number i being `bytes[offsets[i] .. offsets[i + 1])`. */
export function bigEndianTexts(bytes: usize, offsets: usize, count: i32, lanes: i32, out: usize): void {
  let to = out
  const step = (<usize>lanes) << 3
  for (let i = 0; i < count; i++) {
    const start = load<i32>(offsets + ((<usize>i) << 2))
    const end = load<i32>(offsets + ((<usize>i) << 2), 4)
    bigEndianInt(bytes + start, end - start, lanes, to)
    to += step
  }
}

function bigEndianInt(from: usize, width: i32, lanes: i32, out: usize): void {
  const sign: i64 = width > 0 ? <i64>load<i8>(from) >> 63 : 0
  let low = sign
  let high = sign
  for (let i = max<i32>(0, width - 16); i < width; i++) {
    high = (high << 8) | (low >>> 56)
    low = (low << 8) | <i64>load<u8>(from + i)
  }
  store<i64>(out, low)
  if (lanes == 2) store<i64>(out, high, 8)
}

/** Pairs of int64 that all fit into one become such, in place, and 1 comes; else 0, and no change. */
export function narrowPairs(pairs: usize, count: i32): i32 {
  let differ: i64 = 0
  for (let i = 0; i < count; i++) {
    const at = pairs + ((<usize>i) << 4)
    differ |= (load<i64>(at) >> 63) ^ load<i64>(at, 8)
  }
  if (differ != 0) return 0
  for (let i = 0; i < count; i++)
    store<i64>(pairs + ((<usize>i) << 3), load<i64>(pairs + ((<usize>i) << 4)))
  return 1
}

/** BYTE_STREAM_SPLIT: value i is byte i of each of `width` streams, which are `stride` bytes long. */
export function mergeStreams(from: usize, stride: i32, width: i32, count: i32, out: usize): void {
  for (let part = 0; part < width; part++) {
    const source = from + <usize>(<u32>part * <u32>stride)
    let to = out + part
    for (let i = 0; i < count; i++) {
      store<u8>(to, load<u8>(source + i))
      to += width
    }
  }
}
