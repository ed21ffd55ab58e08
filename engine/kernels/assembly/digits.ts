// Digits as numbers, eight at a time. Reads up to 7 bytes before the first digit.

/** What is no number: no text of up to 19 digits gives it. */
export const NO_NUMBER: u64 = 0xffff_ffff_ffff_ffff

/** The number of the `length` digits (1 to 8) that end at `end`; NO_NUMBER if one of them is none. */
// @ts-ignore: decorator
@inline
export function shortDigits(end: usize, length: i32): u64 {
  const shift = <u64>(64 - (length << 3))
  let x = ((load<u64>(end - 8) ^ 0x3030303030303030) >> shift) << shift
  if ((((x + 0x7676767676767676) | x) & 0x8080808080808080) != 0) return NO_NUMBER
  x = (x * 2561) >> 8
  x = ((x & 0x00ff00ff00ff00ff) * 6553601) >> 16
  return ((x & 0x0000ffff0000ffff) * 42949672960001) >> 32
}

/** The same for 1 to 19 digits. */
// @ts-ignore: decorator
@inline
export function digits(end: usize, length: i32): u64 {
  return length <= 8 ? shortDigits(end, length) : longDigits(end, length)
}

function longDigits(end: usize, length: i32): u64 {
  const low = shortDigits(end, 8)
  const middle = shortDigits(end - 8, min(length - 8, 8))
  if (low == NO_NUMBER || middle == NO_NUMBER) return NO_NUMBER
  const value = middle * 100_000_000 + low
  if (length <= 16) return value
  const high = shortDigits(end - 16, length - 16)
  return high == NO_NUMBER ? NO_NUMBER : high * 10_000_000_000_000_000 + value
}

/** 10 to the power of `exponent`, up to 19. */
export function powerOfTen(exponent: i32): u64 {
  let power: u64 = 1
  for (let i = 0; i < exponent; i++) power *= 10
  return power
}
