// Lengths and parts of texts: row i is bytes[offsets[i] .. offsets[i + 1]). Up to 16 bytes behind a text are
// read, and written behind the last part, as the arena allows.

// @ts-ignore: decorator
@inline
const CONTINUES: u64 = 0x8080808080808080

/** Characters of each text: bytes that do not continue one. */
export function textLengths(offsets: usize, bytes: usize, count: i32, out: usize): void {
  const limit = i8x16.splat(-64)
  let at = bytes + load<i32>(offsets)
  for (let row = 0; row < count; row++) {
    const end = bytes + load<i32>(offsets + ((<usize>row) << 2), 4)
    let length = 0
    while (at + 16 <= end) {
      // As signed bytes, those that continue a character are -128 to -65.
      length += popcnt(i8x16.bitmask(i8x16.ge_s(v128.load(at), limit)))
      at += 16
    }
    const rest = (1 << <u32>(end - at)) - 1
    length += popcnt(i8x16.bitmask(i8x16.ge_s(v128.load(at), limit)) & rest)
    at = end
    store<i32>(out + ((<usize>row) << 2), length)
  }
}

// @ts-ignore: decorator
@inline
function skip(at: usize, end: usize, characters: u32): usize {
  for (let left = characters; left > 0 && at < end; left--) {
    at++
    while (at < end && (load<u8>(at) & 0xc0) == 0x80) at++
  }
  return at
}

/**
 * Cuts `length` characters behind the first `from` out of every text, or bytes where it is no text: where
 * each part begins goes to `starts`, where it ends among the parts to `outOffsets[1 ..]`.
 */
export function cutTexts(
  offsets: usize,
  bytes: usize,
  count: i32,
  isText: i32,
  from: u32,
  length: u32,
  starts: usize,
  outOffsets: usize,
): void {
  let total = 0
  store<i32>(outOffsets, 0)
  // Sizes are below 2^32 only together with a text of less than 2^31 bytes.
  const until = <u64>from + <u64>length
  for (let row = 0; row < count; row++) {
    const start = bytes + load<i32>(offsets + ((<usize>row) << 2))
    const end = bytes + load<i32>(offsets + ((<usize>row) << 2), 4)
    const size = <u64>(end - start)
    let first: usize
    let last: usize
    if (isText == 0 || (until <= 8 && (load<u64>(start) & CONTINUES) == 0)) {
      first = start + <usize>min<u64>(from, size)
      last = start + <usize>min<u64>(until, size)
    } else {
      first = skip(start, end, from)
      last = skip(first, end, length)
    }
    total += <i32>(last - first)
    store<i32>(starts + ((<usize>row) << 2), <i32>(first - bytes))
    store<i32>(outOffsets + ((<usize>row) << 2), total, 4)
  }
}

/** Copies the parts that `cutTexts` has found. */
export function copyParts(bytes: usize, starts: usize, outOffsets: usize, count: i32, out: usize): void {
  let to = 0
  for (let row = 0; row < count; row++) {
    const end = load<i32>(outOffsets + ((<usize>row) << 2), 4)
    const from = bytes + load<i32>(starts + ((<usize>row) << 2))
    const length = end - to
    v128.store(out + to, v128.load(from))
    for (let done = 16; done < length; done += 16) v128.store(out + to + done, v128.load(from + done))
    to = end
  }
}
