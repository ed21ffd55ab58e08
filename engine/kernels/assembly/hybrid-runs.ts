// The hybrid of run-length and bit-packed numbers of Parquet: levels, dictionary codes, booleans.
//
//   varint header h   h even: the number that follows, h/2 times
//                     h odd:  (h>>1) groups of 8 numbers, bit-packed
//
// A decoder keeps its place in HYBRID_STATE bytes, so that a batch may end anywhere:
//
//   0 at   4 end   8 width   12 left in run   16 is packed   20 value of run   24 taken of the group of 8
//   32 a group of 8 numbers   64 bytes of a group that is cut off   128 codes on their way to a dictionary
import { unpackGroups } from './unpack'

const GROUP: usize = 32
const CUT: usize = 64
export const CODES: usize = 128
export const CODE_COUNT: i32 = 2048

// What a call gives when the input is malformed.
const ENDS_EARLY: i32 = -1
const GROUPS_DO_NOT_FIT: i32 = -2
const EMPTY_RUN: i32 = -3
const VALUE_TOO_WIDE: i32 = -4
export const BEYOND_DICTIONARY: i32 = -5

function varint(state: usize): i64 {
  let at = load<usize>(state)
  const end = load<usize>(state, 4)
  // Mostly a byte.
  if (at < end && load<u8>(at) < 128) {
    store<usize>(state, at + 1)
    return <i64>load<u8>(at)
  }
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

export function nextRun(state: usize): i32 {
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
export function readPacked(state: usize, out: usize, count: i32): void {
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

export function skipPacked(state: usize, count: i32): void {
  const taken = <u32>load<i32>(state, 24) + <u32>count
  const bytes = <u64>(taken >>> 3) * load<u32>(state, 8)
  const available = <u64>(load<usize>(state, 4) - load<usize>(state))
  store<usize>(state, load<usize>(state) + <usize>min<u64>(bytes, available))
  store<u32>(state, taken & 7, 24)
}

export function fill(out: usize, value: i32, count: i32): void {
  const end = out + ((<usize>count) << 2)
  let to = out
  if (end - to >= 16) {
    const values = i32x4.splat(value)
    // Tested at its end, as in unpack.ts.
    do {
      v128.store(to, values)
      to += 16
    } while (end - to >= 16)
  }
  for (; to < end; to += 4) store<i32>(to, value)
}
