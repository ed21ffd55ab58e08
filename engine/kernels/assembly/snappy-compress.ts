// Snappy's raw format, written greedily: each position is looked up by the hash of its four bytes.

/** Positions are remembered by this many bits of their hash. */
const HASH_BITS: u32 = 14

/** Matches reach back this far, within blocks as the reference does. */
const MAX_OFFSET: i32 = 65_535

/**
 * Compresses `length` bytes and gives the size of the result, which is up to 32 + length * 7 / 6. `table` is
 * scratch space of 64 KiB. Reads and writes up to 16 bytes behind the ends.
 */
export function snappyCompress(input: usize, length: i32, output: usize, table: usize): i32 {
  memory.fill(table, 0, 4 << HASH_BITS)
  let to = output
  let rest = <u32>length
  for (; rest >= 128; rest >>>= 7) store<u8>(to++, <u8>rest | 128)
  store<u8>(to++, <u8>rest)
  const limit = length - 4
  let anchor = 0
  // Where nothing matches, steps grow, so that incompressible bytes cost little.
  let misses = 32
  for (let i = 0; i < limit; ) {
    const word = load<u32>(input + <usize>i)
    const slot = table + (((word * 0x1e35a7bd) >>> (32 - HASH_BITS)) << 2)
    const from = load<i32>(slot) - 1
    store<i32>(slot, i + 1)
    if (from < 0 || i - from > MAX_OFFSET || load<u32>(input + <usize>from) != word) {
      i += misses++ >> 5
      continue
    }
    misses = 32
    const size = 4 + sameLength(input + <usize>(from + 4), input + <usize>(i + 4), length - i - 4)
    to = putLiteral(to, input + <usize>anchor, i - anchor)
    to = putCopy(to, i - from, size)
    i += size
    anchor = i
  }
  return <i32>(putLiteral(to, input + <usize>anchor, length - anchor) - output)
}

/** How many of `most` bytes are the same at both places. */
// @ts-ignore: decorator
@inline
export function sameLength(a: usize, b: usize, most: i32): i32 {
  let same = 0
  for (; same + 8 <= most; same += 8) {
    const difference = load<u64>(a + <usize>same) ^ load<u64>(b + <usize>same)
    if (difference != 0) return same + <i32>(ctz(difference) >> 3)
  }
  while (same < most && load<u8>(a + <usize>same) == load<u8>(b + <usize>same)) same++
  return same
}

function putLiteral(to: usize, from: usize, length: i32): usize {
  if (length == 0) return to
  const last = length - 1
  let at = to
  if (last < 60) {
    store<u8>(at++, <u8>(last << 2))
    for (let done = 0; done < length; done += 16) v128.store(at + <usize>done, v128.load(from + <usize>done))
    return at + <usize>length
  }
  const extra = last < 256 ? 1 : last < 65_536 ? 2 : last < 16_777_216 ? 3 : 4
  store<u8>(at, <u8>((59 + extra) << 2))
  store<u32>(at + 1, last)
  at += <usize>(1 + extra)
  memory.copy(at, from, <usize>length)
  return at + <usize>length
}

/** Copies of 1 to 64 bytes, with the short form where it fits. */
function putCopy(to: usize, offset: i32, length: i32): usize {
  let at = to
  let rest = length
  while (rest > 0) {
    const piece = min(rest, 64)
    if (piece >= 4 && piece <= 11 && offset < 2048) {
      store<u16>(at, <u16>(((offset >> 8) << 5) | ((piece - 4) << 2) | 1 | ((offset & 255) << 8)))
      at += 2
    } else {
      store<u32>(at, ((piece - 1) << 2) | 2 | (offset << 8))
      at += 3
    }
    rest -= piece
  }
  return at
}
