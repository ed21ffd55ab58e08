// Snappy's raw format: a length, then literals and copies from what was written before.
// https://github.com/google/snappy/blob/main/format_description.txt
import { copyLiteral, copyMatch } from './copy-bytes'

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
