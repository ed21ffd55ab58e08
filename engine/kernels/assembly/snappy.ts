// Snappy's raw format: a length, then literals and copies from what was written before.
// https://github.com/google/snappy/blob/main/format_description.txt
import { copyLiteral, copyMatch } from './copy-bytes'

/** More than what one element of the fast loop reads or writes. */
const SLACK: u32 = 96

/** Copies up to 64 bytes, 8 at a time, so that they may lie 8 bytes apart; writes up to 15 too many. */
// @ts-ignore: decorator
@inline
function copyUpTo64(from: usize, to: usize, size: u32): void {
  store<u64>(to, load<u64>(from))
  store<u64>(to, load<u64>(from, 8), 8)
  for (let done: u32 = 16; done < size; done += 16) {
    store<u64>(to + done, load<u64>(from + done))
    store<u64>(to + done, load<u64>(from + done, 8), 8)
  }
}

/**
 * Fills `output` exactly; gives 0 if the input is malformed or of another length, else 1. Reads up to 16
 * bytes behind the input's end.
 */
export function snappyDecompress(input: usize, inputBytes: u32, output: usize, outputBytes: u32): i32 {
  let at = input
  const inputEnd = input + inputBytes
  const outputEnd = output + outputBytes
  let length: u64 = 0
  for (let shift: u64 = 0; ; shift += 7) {
    if (at >= inputEnd || shift > 28) return 0
    const byte = load<u8>(at++)
    length |= (<u64>(byte & 127)) << shift
    if (byte < 128) break
  }
  if (length != <u64>outputBytes) return 0
  let to = output
  while (at < inputEnd) {
    // Far from both ends nothing needs a check but the offset, and copies may write too much.
    while (<u32>(inputEnd - at) > SLACK && <u32>(outputEnd - to) > SLACK) {
      const word = load<u64>(at)
      let tag = <u32>word
      if ((tag & 3) == 0) {
        const literal = ((tag >>> 2) & 63) + 1
        if (literal > 6) {
          if (literal > 60) break
          v128.store(to, v128.load(at + 1))
          if (literal > 16) {
            v128.store(to, v128.load(at + 1, 16), 16)
            v128.store(to, v128.load(at + 1, 32), 32)
            v128.store(to, v128.load(at + 1, 48), 48)
          }
          at += literal + 1
          to += literal
          continue
        }
        // A short literal and the copy that mostly follows come from one load, since each step waits for the
        // one before.
        store<u64>(to, word >> 8)
        tag = <u32>(word >> ((<u64>literal << 3) + 8))
        at += literal + 1
        to += literal
        if ((tag & 3) == 0) continue
      }
      if ((tag & 3) == 3) break
      // The two short forms without a branch, which would be guessed wrong too often.
      const isShort = tag & 1
      const next = <u32>load<u16>(at, 1)
      const offset = (next & (0xffff >>> (isShort << 3))) | ((tag & (0xe0 * isShort)) << 3)
      const size = ((tag >>> 2) & (63 - 56 * isShort)) + 1 + 3 * isShort
      if (offset - 1 >= <u32>(to - output)) return 0
      if (offset >= 8) copyUpTo64(to - offset, to, size)
      else copyMatch(to, offset, size, outputEnd)
      at += 3 - isShort
      to += size
    }
    if (at >= inputEnd) break
    const tag = <u32>load<u8>(at++)
    let size = tag >>> 2
    let offset: u32
    if ((tag & 3) == 0) {
      if (size >= 60) {
        const extra = size - 59
        if (<u32>(inputEnd - at) < extra) return 0
        size = load<u32>(at) & (0xffffffff >>> ((4 - extra) << 3))
        at += extra
        if (size == 0xffffffff) return 0
      }
      size++
      if (size > <u32>(inputEnd - at) || size > <u32>(outputEnd - to)) return 0
      copyLiteral(at, inputEnd, to, outputEnd, size)
      at += size
      to += size
      continue
    }
    if ((tag & 3) == 1) {
      if (at >= inputEnd) return 0
      size = (size & 7) + 4
      offset = ((tag & 0xe0) << 3) | <u32>load<u8>(at++)
    } else if ((tag & 3) == 2) {
      if (<u32>(inputEnd - at) < 2) return 0
      size++
      offset = <u32>load<u16>(at)
      at += 2
    } else {
      if (<u32>(inputEnd - at) < 4) return 0
      size++
      offset = load<u32>(at)
      at += 4
    }
    // An offset of 0 wraps and is beyond everything.
    if (offset - 1 >= <u32>(to - output) || size > <u32>(outputEnd - to)) return 0
    copyMatch(to, offset, size, outputEnd)
    to += size
  }
  return to == outputEnd ? 1 : 0
}
