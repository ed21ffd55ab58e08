// Strings as fields of CSV and as strings of JSON.

// Words of the control block of put-rows.ts.
const SEPARATOR: usize = 40
const QUOTE: usize = 44
const ESCAPE: usize = 48
const LINE_END: usize = 52
const EMPTY: usize = 56

/** Styles: as it is; quoted where it must be; quoted; as JSON. */
const PLAIN: i32 = 0
const QUOTED_IF_NEEDED: i32 = 1
const JSON: i32 = 3

/** Writes a string; 0 if it might not fit before `limit`. */
// @ts-ignore: decorator
@inline
export function putText(
  to: usize,
  from: usize,
  length: i32,
  style: i32,
  limit: usize,
  control: usize,
): usize {
  if (style == JSON) return putJson(to, from, length, limit)
  if (to + ((<usize>length) << 1) > limit) return 0
  if (style == PLAIN) return putBytes(to, from, length)
  return putField(to, from, length, style, control)
}

// @ts-ignore: decorator
@inline
function putBytes(to: usize, from: usize, length: i32): usize {
  for (let done: usize = 0; done < <usize>length; done += 16) v128.store(to + done, v128.load(from + done))
  return to + <usize>length
}

function putField(to: usize, from: usize, length: i32, style: i32, control: usize): usize {
  if (length == 0) {
    const emptyLength = load<i32>(control + EMPTY + 4)
    memory.copy(to, <usize>load<u32>(control + EMPTY), <usize>emptyLength)
    return to + <usize>emptyLength
  }
  const quote = load<u8>(control + QUOTE)
  const sep = i8x16.splat(load<i8>(control + SEPARATOR))
  const quotes = i8x16.splat(<i8>quote)
  const lf = i8x16.splat(10)
  const cr = i8x16.splat(13)
  const end = i8x16.splat(load<i8>(control + LINE_END))
  let special = style != QUOTED_IF_NEEDED
  for (let done = 0; done < length && !special; done += 16) {
    const bytes = v128.load(from + <usize>done)
    v128.store(to + <usize>done, bytes)
    const found = v128.or(
      v128.or(
        v128.or(i8x16.eq(bytes, sep), i8x16.eq(bytes, quotes)),
        v128.or(i8x16.eq(bytes, lf), i8x16.eq(bytes, cr)),
      ),
      i8x16.eq(bytes, end),
    )
    const mask = i8x16.bitmask(found)
    if (mask != 0) special = done + <i32>ctz(mask) < length
  }
  if (!special) return to + <usize>length
  const escape = load<u8>(control + ESCAPE)
  let at = to
  store<u8>(at++, quote)
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(from + <usize>i)
    if (byte == quote) store<u8>(at++, escape)
    store<u8>(at++, byte)
  }
  store<u8>(at, quote)
  return at + 1
}

function putJson(to: usize, from: usize, length: i32, limit: usize): usize {
  // An escape takes six bytes at most.
  if (to + ((<usize>length) << 1) + ((<usize>length) << 2) > limit) return 0
  const quotes = i8x16.splat(34)
  const backslashes = i8x16.splat(92)
  const controls = i8x16.splat(32)
  store<u8>(to, 34)
  let at = to + 1
  let done = 0
  while (done < length) {
    const bytes = v128.load(from + <usize>done)
    v128.store(at, bytes)
    const found = v128.or(
      v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)),
      i8x16.lt_u(bytes, controls),
    )
    const clean = min(<i32>ctz(i8x16.bitmask(found) | 0x10000), length - done)
    done += clean
    at += <usize>clean
    if (clean == 16 || done == length) continue
    at = putEscape(at, load<u8>(from + <usize>done))
    done++
  }
  store<u8>(at, 34)
  return at + 1
}

/** The escape of a byte that a string of JSON must not hold. */
function putEscape(to: usize, byte: u8): usize {
  store<u8>(to, 92)
  let letter: u8 = 117
  if (byte == 34 || byte == 92) letter = byte
  else if (byte == 8) letter = 98
  else if (byte == 9) letter = 116
  else if (byte == 10) letter = 110
  else if (byte == 12) letter = 102
  else if (byte == 13) letter = 114
  store<u8>(to + 1, letter)
  if (letter != 117) return to + 2
  const low = byte & 15
  store<u16>(to + 2, 0x3030)
  store<u8>(to + 4, 48 + (byte >> 4))
  store<u8>(to + 5, low + (low < 10 ? 48 : 87))
  return to + 6
}
