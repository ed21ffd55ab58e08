// The hybrid of run-length and bit-packed numbers of Parquet: levels, dictionary codes, booleans.
//
//   varint header h   h even: the number that follows, h/2 times
//                     h odd:  (h>>1) groups of 8 numbers, bit-packed
//
// A decoder keeps its place in HYBRID_STATE bytes, so that a batch may end anywhere:
//
//   0 at   4 end   8 width   12 left in run   16 is packed   20 value of run   24 taken of the group of 8
//   32 a group of 8 numbers   64 bytes of a group that is cut off   128 codes on their way to a dictionary
import { gatherCodes, gatherCodesAt, largestCode } from './gather'
import { fillBits, moveBits } from './bits'
import { unpackGroups } from './unpack'

const GROUP: usize = 32
const CUT: usize = 64
const CODES: usize = 128
const CODE_COUNT: i32 = 2048

// What a call gives when the input is malformed.
const ENDS_EARLY: i32 = -1
const GROUPS_DO_NOT_FIT: i32 = -2
const EMPTY_RUN: i32 = -3
const VALUE_TOO_WIDE: i32 = -4
const BEYOND_DICTIONARY: i32 = -5

function varint(state: usize): i64 {
  let at = load<usize>(state)
  const end = load<usize>(state, 4)
  let value: u64 = 0
  for (let shift: u64 = 0; shift < 35; shift += 7) {
    if (at >= end) return -1
    const byte = load<u8>(at++)
    value |= (<u64>(byte & 127)) << shift
    if (byte < 128) {
      store<usize>(state, at)
      return <i64>(value & 0xffffffff)
    }
  }
  return -1
}

function nextRun(state: usize): i32 {
  const header = varint(state)
  if (header < 0) return ENDS_EARLY
  const at = load<usize>(state)
  const available = <u32>(load<usize>(state, 4) - at)
  const width = load<u32>(state, 8)
  const size = <u32>header >>> 1
  if ((header & 1) == 1) {
    // Writers may cut the padding of the last group, so bytes may lack but not whole groups.
    if (size == 0 || (width > 0 && <u64>(size - 1) * width >= <u64>available)) return GROUPS_DO_NOT_FIT
    store<i32>(state, 1, 16)
    store<i32>(state, 0, 24)
    store<u32>(state, min<u32>(size, 0x0fffffff) << 3, 12)
    return 0
  }
  if (size == 0) return EMPTY_RUN
  const bytes = (width + 7) >>> 3
  if (bytes > available) return ENDS_EARLY
  let value: u32 = 0
  for (let i: u32 = 0; i < bytes; i++) value |= (<u32>load<u8>(at + i)) << (i << 3)
  if (width < 32 && value >>> width != 0) return VALUE_TOO_WIDE
  store<usize>(state, at + bytes)
  store<i32>(state, 0, 16)
  store<u32>(state, value, 20)
  store<u32>(state, size, 12)
  return 0
}

/** Numbers from `state`'s packed run, of which `count` are left. */
function readPacked(state: usize, out: usize, count: i32): void {
  let to = out
  let rest = count
  if (load<i32>(state, 24) > 0) {
    const copied = readPart(state, to, rest)
    to += (<usize>copied) << 2
    rest -= copied
  }
  const width = load<u32>(state, 8)
  const at = load<usize>(state)
  let whole = rest >> 3
  if (width > 0) whole = min<i32>(whole, <i32>(<u32>(load<usize>(state, 4) - at) / width))
  if (whole > 0) {
    unpackGroups(at, width, to, whole)
    store<usize>(state, at + <usize>(<u32>whole * width))
    to += (<usize>whole) << 5
    rest -= whole << 3
  }
  while (rest > 0) {
    const copied = readPart(state, to, rest)
    to += (<usize>copied) << 2
    rest -= copied
  }
}

/** What is wanted of the current group; gives how many numbers came. */
function readPart(state: usize, out: usize, count: i32): i32 {
  const width = load<u32>(state, 8)
  const at = load<usize>(state)
  const available = <u32>(load<usize>(state, 4) - at)
  if (available >= width) unpackGroups(at, width, state + GROUP, 1)
  else {
    memory.fill(state + CUT, 0, 64)
    memory.copy(state + CUT, at, available)
    unpackGroups(state + CUT, width, state + GROUP, 1)
  }
  const taken = load<i32>(state, 24)
  const copied = min<i32>(8 - taken, count)
  memory.copy(out, state + GROUP + ((<usize>taken) << 2), (<usize>copied) << 2)
  skipPacked(state, copied)
  return copied
}

function skipPacked(state: usize, count: i32): void {
  const taken = <u32>load<i32>(state, 24) + <u32>count
  const bytes = <u64>(taken >>> 3) * load<u32>(state, 8)
  const available = <u64>(load<usize>(state, 4) - load<usize>(state))
  store<usize>(state, load<usize>(state) + <usize>min<u64>(bytes, available))
  store<u32>(state, taken & 7, 24)
}

function fill(out: usize, value: i32, count: i32): void {
  const end = out + ((<usize>count) << 2)
  const values = i32x4.splat(value)
  let to = out
  for (; end - to >= 16; to += 16) v128.store(to, values)
  for (; to < end; to += 4) store<i32>(to, value)
}

/** The next `count` numbers as int32; gives 0, or what is wrong. */
export function hybridRead(state: usize, out: usize, count: i32): i32 {
  let to = out
  let rest = count
  while (rest > 0) {
    if (load<i32>(state, 12) == 0) {
      const wrong = nextRun(state)
      if (wrong != 0) return wrong
    }
    const left = load<i32>(state, 12)
    const taken = min<u32>(left, rest)
    if (load<i32>(state, 16) != 0) readPacked(state, to, taken)
    else fill(to, load<i32>(state, 20), taken)
    store<i32>(state, left - taken, 12)
    to += (<usize>taken) << 2
    rest -= taken
  }
  return 0
}

/** Passes over `count` numbers; gives 0, or what is wrong. */
export function hybridSkip(state: usize, count: i32): i32 {
  let rest = count
  while (rest > 0) {
    if (load<i32>(state, 12) == 0) {
      const wrong = nextRun(state)
      if (wrong != 0) return wrong
    }
    const left = load<i32>(state, 12)
    const taken = min<u32>(left, rest)
    if (load<i32>(state, 16) != 0) skipPacked(state, taken)
    store<i32>(state, left - taken, 12)
    rest -= taken
  }
  return 0
}

/**
 * The next `count` numbers of one bit as bits of a zeroed bitmap from bit `to` on; gives the number of ones,
 * or what is wrong. Writes zeros up to 8 bytes behind the last bit's.
 */
export function hybridReadBits(state: usize, bits: usize, to: i32, count: i32): i32 {
  let rest = count
  let next = to
  let ones = 0
  while (rest > 0) {
    if (load<i32>(state, 12) == 0) {
      const wrong = nextRun(state)
      if (wrong != 0) return wrong
    }
    const left = load<i32>(state, 12)
    const taken = <i32>min<u32>(left, rest)
    if (load<i32>(state, 16) != 0) {
      const at = load<usize>(state)
      const first = load<i32>(state, 24)
      // Bits that are cut off are zero.
      const there = <i32>min<u64>(taken, (<u64>(load<usize>(state, 4) - at) << 3) - first)
      ones += moveBits(at, first, bits, next, there)
      skipPacked(state, taken)
    } else if (load<i32>(state, 20) != 0) {
      fillBits(bits, next, taken)
      ones += taken
    }
    store<i32>(state, left - taken, 12)
    next += taken
    rest -= taken
  }
  return ones
}

/** As `hybridRead`, for codes that must be below `size`. */
export function hybridReadCodes(state: usize, size: u32, out: usize, count: i32): i32 {
  const wrong = hybridRead(state, out, count)
  if (wrong != 0) return wrong
  const width = load<u32>(state, 8)
  // Mostly the width itself keeps codes within the dictionary.
  if (count == 0 || (width < 32 && <u32>1 << width <= size)) return 0
  return largestCode(out, count) >= size ? BEYOND_DICTIONARY : 0
}

/**
 * The entries of a dictionary of `size` values of 1 << `shift` bytes that the next `count` codes name; gives
 * 0, or what is wrong.
 */
export function hybridGather(
  state: usize,
  dictionary: usize,
  size: u32,
  shift: i32,
  out: usize,
  count: i32,
): i32 {
  const codes = state + CODES
  let to = out
  for (let rest = count; rest > 0; rest -= CODE_COUNT) {
    const chunk = min<i32>(rest, CODE_COUNT)
    const wrong = hybridReadCodes(state, size, codes, chunk)
    if (wrong != 0) return wrong
    gatherCodes(codes, chunk, dictionary, shift, to)
    to += (<usize>chunk) << shift
  }
  return 0
}

/**
 * As `hybridGather`, for some of the next `count` codes: row i of them is number `base + i`, and
 * `rows[0 .. rowCount)` are numbers in ascending order, all of these codes. A `shift` of -1 gives the codes
 * themselves, as int32.
 */
export function hybridGatherAt(
  state: usize,
  dictionary: usize,
  size: u32,
  shift: i32,
  out: usize,
  base: i32,
  count: i32,
  rows: usize,
  rowCount: i32,
): i32 {
  const codes = state + CODES
  const bytes = shift < 0 ? 2 : shift
  let to = out
  let row = rows
  const rowsEnd = rows + ((<usize>rowCount) << 2)
  let skipped = 0
  for (let from = 0; from < count; from += CODE_COUNT) {
    const chunk = min<i32>(count - from, CODE_COUNT)
    const first = row
    while (row < rowsEnd && load<i32>(row) < base + from + chunk) row += 4
    if (row == first) {
      skipped += chunk
      continue
    }
    let wrong = skipped > 0 ? hybridSkip(state, skipped) : 0
    if (wrong == 0) wrong = hybridReadCodes(state, size, codes, chunk)
    if (wrong != 0) return wrong
    skipped = 0
    const wanted = <i32>((row - first) >> 2)
    gatherCodesAt(codes, first, wanted, base + from, dictionary, shift, to)
    to += (<usize>wanted) << bytes
  }
  return skipped > 0 ? hybridSkip(state, skipped) : 0
}
