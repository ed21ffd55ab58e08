// Tests of texts: row i is bytes[offsets[i] .. offsets[i + 1]), or with step 0 row 0 for all. Up to 24 bytes
// behind a text are read, as the arena allows. A bit a row goes to `out`.

// @ts-ignore: decorator
@inline
function endOf(offsets: usize, index: i32): i32 {
  return load<i32>(offsets + ((<usize>index) << 2))
}

/** The first `length` < 8 of the bytes at `at`. */
// @ts-ignore: decorator
@inline
function headOf(at: usize, length: u32): u64 {
  return load<u64>(at) & (((<u64>1) << (length << 3)) - 1)
}

// @ts-ignore: decorator
@inline
function isSame(a: usize, b: usize, length: u32): bool {
  let left = length
  while (left >= 8) {
    if (load<u64>(a) != load<u64>(b)) return false
    a += 8
    b += 8
    left -= 8
  }
  return headOf(a, left) == headOf(b, left)
}

// @ts-ignore: decorator
@inline
function isLess(a: usize, aLength: u32, b: usize, bLength: u32): bool {
  let left = min(aLength, bLength)
  while (left >= 8) {
    const x = load<u64>(a)
    const y = load<u64>(b)
    if (x != y) return bswap<u64>(x) < bswap<u64>(y)
    a += 8
    b += 8
    left -= 8
  }
  const x = bswap<u64>(headOf(a, left))
  const y = bswap<u64>(headOf(b, left))
  return x != y ? x < y : aLength < bLength
}

/** a = b, or with `less` a < b as unsigned bytes. */
export function compareTexts(
  less: i32,
  aOffsets: usize,
  aBytes: usize,
  aStep: i32,
  bOffsets: usize,
  bBytes: usize,
  bStep: i32,
  count: i32,
  out: usize,
): void {
  let byte: u32 = 0
  for (let i = 0; i < count; i++) {
    const a = endOf(aOffsets, i * aStep)
    const b = endOf(bOffsets, i * bStep)
    const aLength = <u32>(endOf(aOffsets, i * aStep + 1) - a)
    const bLength = <u32>(endOf(bOffsets, i * bStep + 1) - b)
    const isTrue = less
      ? isLess(aBytes + a, aLength, bBytes + b, bLength)
      : aLength == bLength && isSame(aBytes + a, bBytes + b, aLength)
    byte |= (<u32>isTrue) << (i & 7)
    if ((i & 7) == 7) {
      store<u8>(out + ((<usize>i) >> 3), byte)
      byte = 0
    }
  }
  if (count & 7) store<u8>(out + ((<usize>count) >> 3), byte)
}

/** Whether a text is one of a list of texts, which are `listCount` rows too. */
export function textsIn(
  offsets: usize,
  bytes: usize,
  count: i32,
  listOffsets: usize,
  listBytes: usize,
  listCount: i32,
  out: usize,
): void {
  let byte: u32 = 0
  let start = endOf(offsets, 0)
  for (let i = 0; i < count; i++) {
    const end = endOf(offsets, i + 1)
    const length = end - start
    for (let item = 0; item < listCount; item++) {
      const at = endOf(listOffsets, item)
      if (endOf(listOffsets, item + 1) - at != length || !isSame(bytes + start, listBytes + at, length))
        continue
      byte |= (<u32>1) << (i & 7)
      break
    }
    start = end
    if ((i & 7) == 7) {
      store<u8>(out + ((<usize>i) >> 3), byte)
      byte = 0
    }
  }
  if (count & 7) store<u8>(out + ((<usize>count) >> 3), byte)
}

/**
 * Where `piece` first lies within [from, end), or 0: sixteen places at a time are tried by its first and last
 * byte.
 */
// @ts-ignore: decorator
@inline
function find(from: usize, end: usize, piece: usize, length: u32): usize {
  if (end - from < length) return 0
  const last = end - length
  const first = i8x16.splat(load<i8>(piece))
  const final = i8x16.splat(load<i8>(piece + length - 1))
  for (let at = from; at <= last; at += 16) {
    const starts = i8x16.eq(v128.load(at), first)
    let mask = i8x16.bitmask(v128.and(starts, i8x16.eq(v128.load(at + length - 1), final)))
    while (mask != 0) {
      const found = at + ctz(mask)
      if (found > last) return 0
      if (isSame(found, piece, length)) return found
      mask &= mask - 1
    }
  }
  return 0
}

// @ts-ignore: decorator
@inline
function setBit(out: usize, row: i32): void {
  const at = out + ((<usize>row) >> 3)
  store<u8>(at, <u32>load<u8>(at) | (1 << (row & 7)))
}

/** Whether the pieces from number `index` on follow each other within [from, end). */
function piecesFollow(from: usize, end: usize, lengths: usize, index: i32, pieces: i32, at: usize): bool {
  let start = from
  let piece = at
  for (let i = index; i < pieces; i++) {
    const length = load<u32>(lengths + ((<usize>i) << 2))
    start = find(start, end, piece, length)
    if (start == 0) return false
    start += length
    piece += length
  }
  return true
}

/**
 * Whether texts begin with a prefix, end with a suffix, and have `pieces` pieces one after the other between
 * them; `exact`: nothing else. `lengths` has those of prefix, suffix and pieces, whose bytes follow each
 * other in `pattern`. Pieces are not empty. The bits at `out` are zero before.
 */
export function likeTexts(
  offsets: usize,
  bytes: usize,
  count: i32,
  exact: i32,
  pieces: i32,
  lengths: usize,
  pattern: usize,
  out: usize,
): void {
  const prefix = load<u32>(lengths)
  const suffix = load<u32>(lengths, 4)
  const fixed = prefix + suffix
  const pieceLengths = lengths + 8
  const firstPiece = pattern + fixed
  if (fixed == 0 && pieces > 0) {
    findTexts(offsets, bytes, count, pieces, pieceLengths, firstPiece, out)
    return
  }
  for (let row = 0; row < count; row++) {
    const start = bytes + endOf(offsets, row)
    const end = bytes + endOf(offsets, row + 1)
    const length = <u32>(end - start)
    if (length < fixed || (exact != 0 && length != fixed)) continue
    if (!isSame(start, pattern, prefix) || !isSame(end - suffix, pattern + prefix, suffix)) continue
    if (!piecesFollow(start + prefix, end - suffix, pieceLengths, 0, pieces, firstPiece)) continue
    setBit(out, row)
  }
}

/** The same where only pieces are asked for: the first is looked for in all texts at once. */
function findTexts(
  offsets: usize,
  bytes: usize,
  count: i32,
  pieces: i32,
  lengths: usize,
  piece: usize,
  out: usize,
): void {
  const length = load<u32>(lengths)
  const allEnd = bytes + endOf(offsets, count)
  let at = bytes + endOf(offsets, 0)
  let row = 0
  for (;;) {
    at = find(at, allEnd, piece, length)
    if (at == 0) return
    while (bytes + endOf(offsets, row + 1) <= at) row++
    const end = bytes + endOf(offsets, row + 1)
    // What was found may reach into the next text.
    if (at + length > end) at++
    else {
      if (piecesFollow(at + length, end, lengths, 1, pieces, piece + length)) setBit(out, row)
      at = end
    }
  }
}
