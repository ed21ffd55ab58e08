// LZ4's block format: literals, then a copy from what was written before, and so on.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
import { copyLiteral, copyMatch } from './copy-bytes'

/**
 * Fills `output` exactly from one block; gives 0 if it is malformed or of another length, else 1. Reads up to
 * 16 bytes behind the input's end.
 */
export function lz4Decompress(input: usize, inputBytes: u32, output: usize, outputBytes: u32): i32 {
  let at = input
  const inputEnd = input + inputBytes
  const outputEnd = output + outputBytes
  let to = output
  while (at < inputEnd) {
    const token = <u32>load<u8>(at++)
    let size = token >>> 4
    if (size == 15) {
      for (let more: u32 = 255; more == 255; ) {
        if (at >= inputEnd) return 0
        more = <u32>load<u8>(at++)
        size += more
      }
    }
    if (size > <u32>(inputEnd - at) || size > <u32>(outputEnd - to)) return 0
    copyLiteral(at, inputEnd, to, outputEnd, size)
    at += size
    to += size
    if (at == inputEnd) break
    if (<u32>(inputEnd - at) < 2) return 0
    const offset = <u32>load<u16>(at)
    at += 2
    size = (token & 15) + 4
    if (size == 19) {
      for (let more: u32 = 255; more == 255; ) {
        if (at >= inputEnd) return 0
        more = <u32>load<u8>(at++)
        size += more
      }
    }
    // An offset of 0 wraps and is beyond everything.
    if (offset - 1 >= <u32>(to - output) || size > <u32>(outputEnd - to)) return 0
    copyMatch(to, offset, size, outputEnd)
    to += size
  }
  return to == outputEnd ? 1 : 0
}
