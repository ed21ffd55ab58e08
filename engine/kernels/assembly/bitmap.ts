// Bitmaps: one bit a row, least significant bit first. Buffers may be read up to 64 bytes past their end.

/** Ones among the first `length` bits. */
export function bitmapCount(bits: usize, length: i32): i32 {
  let count: i64 = 0
  const words = length >> 6
  for (let word = 0; word < words; word++) count += popcnt<i64>(load<i64>(bits + ((<usize>word) << 3)))
  const rest = length & 63
  if (rest != 0) {
    const last = load<i64>(bits + ((<usize>words) << 3))
    count += popcnt<i64>(last & (((<i64>1) << (<i64>rest)) - 1))
  }
  return <i32>count
}

/**
 * Writes the positions of the ones among the first `length` bits to `out` (int32), in order; gives their
 * number.
 */
export function bitmapIndices(bits: usize, length: i32, out: usize): i32 {
  let to = out
  for (let base = 0; base < length; base += 64) {
    let word = load<i64>(bits + (<usize>(base >> 3)))
    const left = length - base
    if (left < 64) word &= ((<i64>1) << (<i64>left)) - 1
    if (word == -1) {
      for (let i = 0; i < 64; i++) store<i32>(to + ((<usize>i) << 2), base + i)
      to += 256
      continue
    }
    while (word != 0) {
      store<i32>(to, base + <i32>ctz<i64>(word))
      to += 4
      word &= word - 1
    }
  }
  return <i32>((to - out) >> 2)
}
