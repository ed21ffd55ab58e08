// Loops over what batches are made of on their way between processes. What comes from elsewhere is tested
// before anything else reads it. Buffers may be read up to 64 bytes past their end.

/** Codes in one byte each (`width` 1) or two (2). */
export function narrowCodes(codes: usize, length: i32, width: i32, out: usize): void {
  let from = codes
  let to = out
  let left = length
  if (width == 1) {
    for (; left >= 16; left -= 16, from += 64, to += 16) {
      const low = v128.narrow<u32>(v128.load(from), v128.load(from, 16))
      const high = v128.narrow<u32>(v128.load(from, 32), v128.load(from, 48))
      v128.store(to, i8x16.narrow_i16x8_u(low, high))
    }
    for (; left > 0; left--, from += 4) store<u8>(to++, load<u8>(from))
    return
  }
  // Saturation of signed words would spoil codes from 32,768 on, so halves are picked out instead.
  for (; left >= 8; left -= 8, from += 32, to += 16) {
    const low = v128.load(from)
    const high = v128.load(from, 16)
    v128.store(to, v128.shuffle<u16>(low, high, 0, 2, 4, 6, 8, 10, 12, 14))
  }
  for (; left > 0; left--, from += 4, to += 2) store<u16>(to, load<u16>(from))
}

/** The opposite; gives the greatest code, 0 if there is none. */
export function widenCodes(codes: usize, length: i32, width: i32, out: usize): u32 {
  let from = codes
  let to = out
  let most: u32 = 0
  if (width == 1) {
    for (let i = 0; i < length; i++, to += 4) {
      const code = <u32>load<u8>(from++)
      store<u32>(to, code)
      most = max(most, code)
    }
    return most
  }
  for (let i = 0; i < length; i++, to += 4, from += 2) {
    const code = <u32>load<u16>(from)
    store<u32>(to, code)
    most = max(most, code)
  }
  return most
}

/** The greatest of codes taken as unsigned, 0 if there is none. */
export function greatestCode(codes: usize, length: i32): u32 {
  let most: u32 = 0
  let at = codes
  let left = length
  if (left >= 4) {
    let lanes = i32x4.splat(0)
    for (; left >= 4; left -= 4, at += 16) lanes = i32x4.max_u(lanes, v128.load(at))
    most = max(
      max(<u32>i32x4.extract_lane(lanes, 0), <u32>i32x4.extract_lane(lanes, 1)),
      max(<u32>i32x4.extract_lane(lanes, 2), <u32>i32x4.extract_lane(lanes, 3)),
    )
  }
  for (; left > 0; left--, at += 4) most = max(most, load<u32>(at))
  return most
}

/** Whether `length` + 1 offsets begin at 0 or above and never fall. */
export function offsetsRise(offsets: usize, length: i32): i32 {
  if (load<i32>(offsets) < 0) return 0
  let at = offsets
  let left = length
  if (left >= 4) {
    let falls = i32x4.splat(0)
    for (; left >= 4; left -= 4, at += 16)
      falls = v128.or(falls, i32x4.gt_s(v128.load(at), v128.load(at, 4)))
    if (v128.any_true(falls)) return 0
  }
  for (; left > 0; left--, at += 4) if (load<i32>(at) > load<i32>(at, 4)) return 0
  return 1
}

/** Takes `start` off `count` offsets. */
export function lowerOffsets(offsets: usize, count: i32, start: i32): void {
  const starts = i32x4.splat(start)
  let at = offsets
  let left = count
  for (; left >= 4; left -= 4, at += 16) v128.store(at, i32x4.sub(v128.load(at), starts))
  for (; left > 0; left--, at += 4) store<i32>(at, load<i32>(at) - start)
}
