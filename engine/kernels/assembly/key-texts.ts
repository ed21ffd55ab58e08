// Texts that belong to numbers: text n is bytes [offsets[n], offsets[n + 1]), or NULL where nulls[n] is 1.
import { sameBytes } from './key-bits'

/**
 * Compares the text of each row with that of its number. Rows have codes into their texts (0: row i has text
 * i) and a bitmap of NULLs (0: none). With `mask` 0 it stops at the first row that differs and gives it, or
 * -1; else such rows get the number -1. Negative numbers are left alone.
 */
export function differentTexts(
  offsets: usize,
  bytes: usize,
  codes: usize,
  validity: usize,
  count: i32,
  numbers: usize,
  ownOffsets: usize,
  ownBytes: usize,
  ownNulls: usize,
  mask: i32,
): i32 {
  for (let i = 0; i < count; i++) {
    const number = load<i32>(numbers + ((<usize>i) << 2))
    if (number < 0) continue
    const isNull = validity != 0 && ((<i32>load<u8>(validity + <usize>(i >> 3)) >> (i & 7)) & 1) == 0
    let isSame = isNull == (load<u8>(ownNulls + <usize>number) != 0)
    if (isSame && !isNull) {
      const text = codes == 0 ? i : load<i32>(codes + ((<usize>i) << 2))
      const at = offsets + ((<usize>text) << 2)
      const own = ownOffsets + ((<usize>number) << 2)
      const from = load<u32>(at)
      const start = load<u32>(own)
      const length = load<u32>(at, 4) - from
      isSame =
        load<u32>(own, 4) - start == length &&
        sameBytes(bytes + <usize>from, ownBytes + <usize>start, length)
    }
    if (isSame) continue
    if (mask == 0) return i
    store<i32>(numbers + ((<usize>i) << 2), -1)
  }
  return -1
}
