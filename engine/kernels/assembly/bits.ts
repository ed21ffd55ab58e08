// Moving and filling stretches of bitmaps; bits lie lowest first.

/** Sets `count` bits from bit `to` on. Touches up to 8 bytes behind, without a change. */
export function fillBits(bits: usize, to: i32, count: i32): void {
  let at = to
  const end = to + count
  for (; at < end && (at & 7) != 0; at++) setBit(bits, at)
  const whole = (end - at) >> 3
  memory.fill(bits + <usize>(at >> 3), 0xff, whole)
  for (at += whole << 3; at < end; at++) setBit(bits, at)
}

// @ts-ignore: decorator
@inline
function setBit(bits: usize, at: i32): void {
  const address = bits + <usize>(at >> 3)
  store<u8>(address, (<i32>load<u8>(address)) | (1 << (at & 7)))
}

/**
 * ORs `count` bits from bit `from` of `source` to bit `to` of `bits`, which must be zero there; gives the
 * number of ones. Reads and rewrites up to 8 bytes behind the last bit's.
 */
export function moveBits(source: usize, from: i32, bits: usize, to: i32, count: i32): i32 {
  let ones: i64 = 0
  let at = from
  let next = to
  for (let rest = count; rest > 0; rest -= 56) {
    const chunk = min<i32>(rest, 56)
    const mask = (<u64>1 << <u64>chunk) - 1
    const word = (load<u64>(source + <usize>(at >> 3)) >> <u64>(at & 7)) & mask
    ones += <i64>popcnt<u64>(word)
    const address = bits + <usize>(next >> 3)
    store<u64>(address, load<u64>(address) | (word << <u64>(next & 7)))
    at += chunk
    next += chunk
  }
  return <i32>ones
}
