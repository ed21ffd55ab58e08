// The hybrid of run-length and bit-packed numbers of Parquet, as hybrid-runs.ts describes it.
import { fillBits, moveBits } from './bits'
import { gatherCodes, gatherCodesAt, largestCode } from './gather'
import { BEYOND_DICTIONARY, CODES, CODE_COUNT, fill, nextRun, readPacked, skipPacked } from './hybrid-runs'

/** Where at most one of so many rows is wanted, its bits are read alone; else all are unpacked. */
const ROWS_PER_PICK: i32 = 4

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
  const isCode = shift < 0
  let to = out
  let row = rows
  const rowsEnd = rows + ((<usize>rowCount) << 2)
  for (let from = 0; from < count; ) {
    if (load<i32>(state, 12) == 0) {
      const wrong = nextRun(state)
      if (wrong != 0) return wrong
    }
    const piece = <i32>min<u32>(load<u32>(state, 12), min<i32>(count - from, CODE_COUNT))
    const first = row
    const start = base + from
    while (row < rowsEnd && load<i32>(row) < start + piece) row += 4
    const wanted = <i32>((row - first) >> 2)
    from += piece
    if (wanted == 0) {
      const wrong = hybridSkip(state, piece)
      if (wrong != 0) return wrong
      continue
    }
    const into = isCode ? to : codes
    const isPacked = load<i32>(state, 16) != 0
    const isSparse = isPacked && wanted * ROWS_PER_PICK <= piece
    if (isSparse && pickCodes(state, first, wanted, start, into)) {
      skipPacked(state, piece)
      store<i32>(state, load<i32>(state, 12) - piece, 12)
      if (largestCode(into, wanted) >= size) return BEYOND_DICTIONARY
      if (!isCode) gatherCodes(codes, wanted, dictionary, shift, to)
    } else {
      const wrong = hybridReadCodes(state, size, codes, piece)
      if (wrong != 0) return wrong
      gatherCodesAt(codes, first, wanted, start, dictionary, shift, to)
    }
    to += (<usize>wanted) << (isCode ? 2 : shift)
  }
  return 0
}

/**
 * Reads only the codes at `rows[0 .. count) - start` of a packed run, each from where it lies; does nothing
 * and gives false if one is cut off.
 */
function pickCodes(state: usize, rows: usize, count: i32, start: i32, out: usize): bool {
  const at = load<usize>(state)
  const width = load<u32>(state, 8)
  const taken = load<i32>(state, 24)
  const end = rows + ((<usize>count) << 2)
  const bits = <u64>(<u32>(load<i32>(end - 4) - start + taken + 1)) * width
  if (bits > (<u64>(load<usize>(state, 4) - at)) << 3) return false
  const mask: u64 = (<u64>1 << <u64>width) - 1
  const origin = start - taken
  let to = out
  for (let row = rows; row < end; row += 4, to += 4) {
    const bit = <u32>(load<i32>(row) - origin) * width
    store<u32>(to, <u32>((load<u64>(at + (bit >>> 3)) >> <u64>(bit & 7)) & mask))
  }
  return true
}
