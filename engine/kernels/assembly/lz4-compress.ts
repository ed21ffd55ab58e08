// LZ4's block format, written greedily: each position is looked up by the hash of its four bytes.
import { sameLength } from './snappy-compress'

/** Positions are remembered by this many bits of their hash. */
const HASH_BITS: u32 = 14

const MAX_OFFSET: i32 = 65_535

/** The format wants the last match to begin so far before the end, and the last five bytes as literals. */
const MATCH_MARGIN: i32 = 12
const LAST_LITERALS: i32 = 5

/**
 * Compresses `length` bytes and gives the size of the result, which is up to 16 + length * 256 / 255. `table`
 * is scratch space of 64 KiB. Reads and writes up to 16 bytes behind the ends.
 */
export function lz4Compress(input: usize, length: i32, output: usize, table: usize): i32 {
  memory.fill(table, 0, 4 << HASH_BITS)
  let to = output
  const limit = length - MATCH_MARGIN
  let anchor = 0
  // Where nothing matches, steps grow, so that incompressible bytes cost little.
  let misses = 32
  for (let i = 0; i < limit; ) {
    const word = load<u32>(input + <usize>i)
    const slot = table + (((word * 0x9e3779b1) >>> (32 - HASH_BITS)) << 2)
    const from = load<i32>(slot) - 1
    store<i32>(slot, i + 1)
    if (from < 0 || i - from > MAX_OFFSET || load<u32>(input + <usize>from) != word) {
      i += misses++ >> 5
      continue
    }
    misses = 32
    const most = length - LAST_LITERALS - i - 4
    const size = 4 + sameLength(input + <usize>(from + 4), input + <usize>(i + 4), most)
    to = putSequence(to, input + <usize>anchor, i - anchor, size - 4)
    store<u16>(to, <u16>(i - from))
    to += 2
    if (size >= 19) to = putLength(to, size - 19)
    i += size
    anchor = i
  }
  return <i32>(putSequence(to, input + <usize>anchor, length - anchor, 0) - output)
}

/** The token, and the literals; `match` is the length of the match less four. */
function putSequence(to: usize, from: usize, literals: i32, match: i32): usize {
  store<u8>(to, <u8>((min(literals, 15) << 4) | min(match, 15)))
  let at = to + 1
  if (literals >= 15) at = putLength(at, literals - 15)
  if (literals <= 32) {
    v128.store(at, v128.load(from))
    if (literals > 16) v128.store(at, v128.load(from, 16), 16)
  } else memory.copy(at, from, <usize>literals)
  return at + <usize>literals
}

/** What a length has beyond the four bits of its token. */
function putLength(to: usize, length: i32): usize {
  let at = to
  let rest = length
  for (; rest >= 255; rest -= 255) store<u8>(at++, 255)
  store<u8>(at++, <u8>rest)
  return at
}
