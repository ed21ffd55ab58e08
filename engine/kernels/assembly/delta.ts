// DELTA_BINARY_PACKED numbers of Parquet.
//
//   values of a block · miniblocks of a block · count · first value (zigzag)
//   block: least delta (zigzag) · bit width of each miniblock · miniblocks of packed (delta - least delta)
//
// A decoder keeps its place in 64 bytes, so that a batch may end anywhere:
//
//   0 at   4 end   8 values left   12 miniblocks of a block   16 values of a miniblock
//   20 miniblocks that were opened of the block   24 their widths   28 taken of the open one
//   32 where that begins   36 its width   40 the value before   48 least delta   56 is the first value next

/** No writer makes larger blocks. */
const MAX_BLOCK: u32 = 1 << 20

// What a call gives when the input is malformed.
const ENDS_EARLY: i32 = -1
const HEADER_TOO_LARGE: i32 = -2
const NO_SUCH_BLOCKS: i32 = -3
const BLOCK_ENDS_EARLY: i32 = -4
const DELTA_TOO_WIDE: i32 = -5
const TOO_FEW: i32 = -6
const NUMBER_TOO_LARGE: i32 = -7

/** A number below 2^31 of the header, or what is wrong. */
function headerNumber(state: usize): i32 {
  const end = load<usize>(state, 4)
  let at = load<usize>(state)
  let value: u64 = 0
  for (let shift: u64 = 0; shift < 35; shift += 7) {
    if (at >= end) return ENDS_EARLY
    const byte = load<u8>(at++)
    value |= (<u64>(byte & 127)) << shift
    if (byte >= 128) continue
    store<usize>(state, at)
    return value > 0x7fffffff ? HEADER_TOO_LARGE : <i32>value
  }
  return HEADER_TOO_LARGE
}

/** A signed number to `out`; gives 0, or what is wrong. */
function signedNumber(state: usize, out: usize): i32 {
  const end = load<usize>(state, 4)
  let at = load<usize>(state)
  let value: u64 = 0
  for (let shift: u64 = 0; shift < 70; shift += 7) {
    if (at >= end) return ENDS_EARLY
    const byte = load<u8>(at++)
    value |= (<u64>(byte & 127)) << shift
    if (byte >= 128) continue
    store<usize>(state, at)
    store<i64>(out, <i64>(value >> 1) ^ -(<i64>(value & 1)))
    return 0
  }
  return NUMBER_TOO_LARGE
}

/** Begins at the bytes of which `state` has the bounds; gives how many values there are, or what is wrong. */
export function deltaStart(state: usize): i32 {
  const block = headerNumber(state)
  if (block < 0) return block
  const miniblocks = headerNumber(state)
  if (miniblocks < 0) return miniblocks
  const count = headerNumber(state)
  if (count < 0) return count
  if (block == 0 || <u32>block > MAX_BLOCK || miniblocks == 0) return NO_SUCH_BLOCKS
  const size = <u32>block / <u32>miniblocks
  if (size * <u32>miniblocks != <u32>block || (size & 7) != 0) return NO_SUCH_BLOCKS
  const wrong = signedNumber(state, state + 40)
  if (wrong != 0) return wrong
  store<i32>(state, count, 8)
  store<i32>(state, miniblocks, 12)
  store<i32>(state, size, 16)
  store<i32>(state, miniblocks, 20)
  store<i32>(state, size, 28)
  store<i32>(state, 1, 56)
  return count
}

function openBlock(state: usize): i32 {
  const end = load<usize>(state, 4)
  if (load<usize>(state) >= end) return BLOCK_ENDS_EARLY
  const wrong = signedNumber(state, state + 48)
  if (wrong != 0) return wrong
  const widths = load<usize>(state)
  const miniblocks = load<u32>(state, 12)
  if (<u32>(end - widths) < miniblocks) return BLOCK_ENDS_EARLY
  store<usize>(state, widths, 24)
  store<usize>(state, widths + miniblocks)
  store<i32>(state, 0, 20)
  return 0
}

function openMiniblock(state: usize, most: u32): i32 {
  if (load<u32>(state, 20) == load<u32>(state, 12)) {
    const wrong = openBlock(state)
    if (wrong != 0) return wrong
  }
  const index = load<u32>(state, 20)
  store<u32>(state, index + 1, 20)
  const width = <u32>load<u8>(load<usize>(state, 24) + index)
  if (width > most) return DELTA_TOO_WIDE
  const at = load<usize>(state)
  const end = load<usize>(state, 4)
  const size = (load<u32>(state, 16) >>> 3) * width
  store<usize>(state, at, 32)
  store<u32>(state, width, 36)
  // Some writers cut the padding of the last miniblock.
  store<usize>(state, size > <u32>(end - at) ? end : at + size)
  return 0
}

/** The number of `width` bits from bit `bit` on; what lies behind `end` is zero. */
function bitsAt(from: usize, end: usize, bit: u32, width: u32): u64 {
  const at = from + (bit >>> 3)
  const shift = bit & 7
  let word: u64 = 0
  for (let i = 0; i < 8; i++) if (at + i < end) word |= <u64>load<u8>(at + i) << (<u64>i << 3)
  word >>= shift
  if (shift != 0 && at + 8 < end) word |= <u64>load<u8>(at + 8) << <u64>(64 - shift)
  return width == 64 ? word : word & ((<u64>1 << width) - 1)
}

/** Adds up `count` deltas of the open miniblock, the first of which is number `taken`; gives the last sum. */
// @ts-ignore: decorator
@inline
function addUp<T>(state: usize, taken: u32, count: i32, before: i64, out: usize): i64 {
  const start = load<usize>(state, 32)
  const end = load<usize>(state, 4)
  const width = load<u32>(state, 36)
  const least = load<i64>(state, 48)
  let value = before
  let to = out
  let bit = taken * width
  const isWhole = (load<u32>(state, 16) >>> 3) * width <= <u32>(end - start)
  if (width <= 56 && isWhole) {
    const mask = (<u64>1 << <u64>width) - 1
    const stop = to + <usize>count * sizeof<T>()
    // There is one at least. The test stands at the end, as in unpack.ts.
    do {
      const delta = (load<u64>(start + (bit >>> 3)) >> <u64>(bit & 7)) & mask
      value += least + <i64>delta
      store<T>(to, <T>value)
      bit += width
      to += sizeof<T>()
    } while (to != stop)
  } else
    for (let i = 0; i < count; i++, bit += width, to += sizeof<T>()) {
      value += least + <i64>bitsAt(start, end, bit, width)
      store<T>(to, <T>value)
    }
  return value
}

// @ts-ignore: decorator
@inline
function read<T>(state: usize, out: usize, count: i32): i32 {
  const left = load<i32>(state, 8)
  if (count > left) return TOO_FEW
  store<i32>(state, left - count, 8)
  let value = load<i64>(state, 40)
  let to = out
  let rest = count
  if (rest > 0 && load<i32>(state, 56) != 0) {
    store<i32>(state, 0, 56)
    store<T>(to, <T>value)
    to += sizeof<T>()
    rest--
  }
  const size = load<i32>(state, 16)
  while (rest > 0) {
    if (load<i32>(state, 28) == size) {
      const wrong = openMiniblock(state, sizeof<T>() << 3)
      if (wrong != 0) return wrong
      store<i32>(state, 0, 28)
    }
    const taken = load<i32>(state, 28)
    const chunk = min<i32>(rest, size - taken)
    value = addUp<T>(state, taken, chunk, value, to)
    store<i32>(state, taken + chunk, 28)
    to += <usize>chunk * sizeof<T>()
    rest -= chunk
  }
  store<i64>(state, value, 40)
  return 0
}

/** The next `count` values as int32, which wrap around; gives 0, or what is wrong. */
export function deltaRead32(state: usize, out: usize, count: i32): i32 {
  return read<i32>(state, out, count)
}

/** The same as int64. */
export function deltaRead64(state: usize, out: usize, count: i32): i32 {
  return read<i64>(state, out, count)
}

/**
 * Values of `width` bytes whose first bytes lie at `from`, their second ones `stride` behind, and so on:
 * BYTE_STREAM_SPLIT.
 */
export function joinStreams(from: usize, stride: u32, width: u32, count: i32, out: usize): void {
  if (width == 4) {
    for (let i = 0; i < count; i++) {
      const at = from + i
      const low = <u32>load<u8>(at) | (<u32>load<u8>(at + stride) << 8)
      const high = <u32>load<u8>(at + stride * 2) | (<u32>load<u8>(at + stride * 3) << 8)
      store<u32>(out + ((<usize>i) << 2), low | (high << 16))
    }
    return
  }
  for (let part: u32 = 0; part < width; part++) {
    let at = from + part * stride
    let to = out + part
    for (let i = 0; i < count; i++, at++, to += width) store<u8>(to, load<u8>(at))
  }
}
