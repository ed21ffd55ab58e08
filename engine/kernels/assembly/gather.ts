// Entries of a dictionary by int32 codes. Codes are checked before: `largestCode` is below the size.

/** The largest of `count` codes, as unsigned numbers. */
export function largestCode(codes: usize, count: i32): u32 {
  const end = codes + ((<usize>count) << 2)
  let at = codes
  let largest = i32x4.splat(0)
  for (; end - at >= 16; at += 16) largest = i32x4.max_u(largest, v128.load(at))
  let result: u32 = max<u32>(
    max<u32>(i32x4.extract_lane(largest, 0), i32x4.extract_lane(largest, 1)),
    max<u32>(i32x4.extract_lane(largest, 2), i32x4.extract_lane(largest, 3)),
  )
  for (; at < end; at += 4) result = max<u32>(result, load<u32>(at))
  return result
}

/** Writes entry `codes[i]`, of 1 << `shift` bytes, for each of `count` codes. */
export function gatherCodes(codes: usize, count: i32, dictionary: usize, shift: i32, out: usize): void {
  const end = codes + ((<usize>count) << 2)
  let at = codes
  let to = out
  if (shift == 3) {
    for (; end - at >= 16; at += 16, to += 32) {
      store<u64>(to, load<u64>(dictionary + ((<usize>load<u32>(at)) << 3)))
      store<u64>(to, load<u64>(dictionary + ((<usize>load<u32>(at, 4)) << 3)), 8)
      store<u64>(to, load<u64>(dictionary + ((<usize>load<u32>(at, 8)) << 3)), 16)
      store<u64>(to, load<u64>(dictionary + ((<usize>load<u32>(at, 12)) << 3)), 24)
    }
    for (; at < end; at += 4, to += 8) store<u64>(to, load<u64>(dictionary + ((<usize>load<u32>(at)) << 3)))
  } else if (shift == 2) {
    for (; end - at >= 16; at += 16, to += 16) {
      store<u32>(to, load<u32>(dictionary + ((<usize>load<u32>(at)) << 2)))
      store<u32>(to, load<u32>(dictionary + ((<usize>load<u32>(at, 4)) << 2)), 4)
      store<u32>(to, load<u32>(dictionary + ((<usize>load<u32>(at, 8)) << 2)), 8)
      store<u32>(to, load<u32>(dictionary + ((<usize>load<u32>(at, 12)) << 2)), 12)
    }
    for (; at < end; at += 4, to += 4) store<u32>(to, load<u32>(dictionary + ((<usize>load<u32>(at)) << 2)))
  } else if (shift == 4)
    for (; at < end; at += 4, to += 16) v128.store(to, v128.load(dictionary + ((<usize>load<u32>(at)) << 4)))
  else if (shift == 1)
    for (; at < end; at += 4, to += 2) store<u16>(to, load<u16>(dictionary + ((<usize>load<u32>(at)) << 1)))
  else for (; at < end; at += 4, to++) store<u8>(to, load<u8>(dictionary + <usize>load<u32>(at)))
}

/**
 * As `gatherCodes`, for the codes at `rows[i] - base`. A `shift` of -1 writes the codes themselves.
 */
export function gatherCodesAt(
  codes: usize,
  rows: usize,
  count: i32,
  base: i32,
  dictionary: usize,
  shift: i32,
  out: usize,
): void {
  const end = rows + ((<usize>count) << 2)
  const origin = codes - ((<usize>base) << 2)
  let at = rows
  let to = out
  if (shift == 3)
    for (; at < end; at += 4, to += 8)
      store<u64>(to, load<u64>(dictionary + ((<usize>load<u32>(origin + (load<usize>(at) << 2))) << 3)))
  else if (shift == 2)
    for (; at < end; at += 4, to += 4)
      store<u32>(to, load<u32>(dictionary + ((<usize>load<u32>(origin + (load<usize>(at) << 2))) << 2)))
  else if (shift < 0)
    for (; at < end; at += 4, to += 4) store<u32>(to, load<u32>(origin + (load<usize>(at) << 2)))
  else if (shift == 4)
    for (; at < end; at += 4, to += 16)
      v128.store(to, v128.load(dictionary + ((<usize>load<u32>(origin + (load<usize>(at) << 2))) << 4)))
  else if (shift == 1)
    for (; at < end; at += 4, to += 2)
      store<u16>(to, load<u16>(dictionary + ((<usize>load<u32>(origin + (load<usize>(at) << 2))) << 1)))
  else
    for (; at < end; at += 4, to++)
      store<u8>(to, load<u8>(dictionary + <usize>load<u32>(origin + (load<usize>(at) << 2))))
}
