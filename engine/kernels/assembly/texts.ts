// Strings from text: copied one after the other, or as codes of a dictionary. See fields.ts for what these
// kernels share.
import { clearBit, endOf, EXTRA, isNull, NULL_COUNT, sameBytes, startOf } from './fields'

// More words of the control block.
/** What an empty field in quotes holds, and its length. */
const EMPTY_TEXT: usize = EXTRA
const EMPTY_LENGTH: usize = EXTRA + 4
/** How escapes are undone: the quote and the escape of CSV, or quote -1: as in JSON. */
const QUOTE: usize = EXTRA + 8
const ESCAPE: usize = EXTRA + 12

/** Bytes that the texts of `count` fields take at most. */
export function textBytes(fields: usize, count: i32, control: usize): f64 {
  const empty = load<i32>(control + EMPTY_LENGTH)
  let sum: i64 = 0
  for (let row = 0; row < count; row++) {
    const start = startOf(fields, row)
    if (start < 0) continue
    const length = (endOf(fields, row) >> 2) - start
    sum += <i64>(length == 0 ? empty : length)
  }
  return <f64>sum
}

/**
 * Copies texts without their escapes to `out[used…]`; `offsets[first]` and on get where they begin. Gives the
 * bytes used in `out` after it, and may write up to 64 bytes further.
 */
export function textCopy(
  text: usize,
  fields: usize,
  count: i32,
  first: i32,
  offsets: usize,
  validity: usize,
  control: usize,
  out: usize,
  used: i32,
): i32 {
  const emptyLength = load<i32>(control + EMPTY_LENGTH)
  let nulls = 0
  let to = used
  for (let row = 0; row < count; row++) {
    store<i32>(offsets + ((<usize>(first + row)) << 2), to)
    const start = startOf(fields, row)
    const packedEnd = endOf(fields, row)
    if (isNull(text, start, packedEnd, control)) {
      clearBit(validity, first + row)
      nulls++
      continue
    }
    const length = (packedEnd >> 2) - start
    if ((packedEnd & 2) != 0) to += unescape(text + <usize>start, length, control, out + <usize>to)
    else if (length == 0) {
      memory.copy(out + <usize>to, <usize>load<u32>(control + EMPTY_TEXT), <usize>emptyLength)
      to += emptyLength
    } else {
      copyText(text + <usize>start, out + <usize>to, length)
      to += length
    }
  }
  store<i32>(offsets + ((<usize>(first + count)) << 2), to)
  store<i32>(control + NULL_COUNT, load<i32>(control + NULL_COUNT) + nulls)
  return to
}

/** Copies in steps of 16 bytes; what is written behind the text is written over later. */
// @ts-ignore: decorator
@inline
function copyText(from: usize, to: usize, length: i32): void {
  v128.store(to, v128.load(from))
  for (let i = 16; i < length; i += 16) v128.store(to + <usize>i, v128.load(from + <usize>i))
}

function unescape(from: usize, length: i32, control: usize, to: usize): i32 {
  const quote = load<i32>(control + QUOTE)
  return quote < 0
    ? unescapeJson(from, from + <usize>length, to)
    : unescapeCsv(from, length, quote, load<i32>(control + ESCAPE), to)
}

function unescapeCsv(from: usize, length: i32, quote: i32, escape: i32, out: usize): i32 {
  let to = out
  for (let i = 0; i < length; i++) {
    const byte = <i32>load<u8>(from + <usize>i)
    const next = i + 1 < length ? <i32>load<u8>(from + <usize>(i + 1)) : -1
    const escapes = byte == quote ? next == quote : byte == escape && (next == quote || next == escape)
    store<u8>(to++, <u8>(escapes ? next : byte))
    if (escapes) i++
  }
  return <i32>(to - out)
}

/** The escapes were checked before. Halves of surrogate pairs that stand alone become U+FFFD. */
function unescapeJson(from: usize, end: usize, out: usize): i32 {
  const backslashes = i8x16.splat(92)
  let at = from
  let to = out
  while (at < end) {
    const bytes = v128.load(at)
    const plain = min(ctz(i8x16.bitmask(i8x16.eq(bytes, backslashes)) | 0x10000), <i32>(end - at))
    v128.store(to, bytes)
    at += <usize>plain
    to += <usize>plain
    if (plain == 16 || at >= end) continue
    const letter = load<u8>(at + 1)
    at += 2
    if (letter != 117) {
      store<u8>(to++, letterOf(letter))
      continue
    }
    let code = hexAt(at)
    at += 4
    if (code >= 0xd800 && code < 0xdc00 && at + 6 <= end && load<u16>(at) == 0x755c) {
      const low = hexAt(at + 2)
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        at += 6
      }
    }
    to = putCode(code >= 0xd800 && code < 0xe000 ? 0xfffd : code, to)
  }
  return <i32>(to - out)
}

function letterOf(letter: u8): u8 {
  if (letter == 110) return 10
  if (letter == 116) return 9
  if (letter == 114) return 13
  if (letter == 98) return 8
  return letter == 102 ? 12 : letter
}

function hexAt(at: usize): i32 {
  let value = 0
  for (let i: usize = 0; i < 4; i++) {
    const byte = <i32>load<u8>(at + i)
    value = value * 16 + (byte <= 57 ? byte - 48 : (byte | 32) - 87)
  }
  return value
}

/** Writes one character as UTF-8; gives where it ends. */
function putCode(code: i32, to: usize): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code)
    return to + 1
  }
  if (code < 0x800) {
    store<u8>(to, <u8>(0xc0 | (code >> 6)))
    store<u8>(to + 1, <u8>(0x80 | (code & 0x3f)))
    return to + 2
  }
  if (code < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (code >> 12)))
    store<u8>(to + 1, <u8>(0x80 | ((code >> 6) & 0x3f)))
    store<u8>(to + 2, <u8>(0x80 | (code & 0x3f)))
    return to + 3
  }
  store<u8>(to, <u8>(0xf0 | (code >> 18)))
  store<u8>(to + 1, <u8>(0x80 | ((code >> 12) & 0x3f)))
  store<u8>(to + 2, <u8>(0x80 | ((code >> 6) & 0x3f)))
  store<u8>(to + 3, <u8>(0x80 | (code & 0x3f)))
  return to + 4
}

// The words of a dictionary, int32.
const SLOTS: usize = 0
const SLOT_MASK: usize = 4
const ENTRY_OFFSETS: usize = 8
const ENTRY_BYTES: usize = 12
/** Most entries, and most bytes of entries. */
const MAX_ENTRIES: usize = 16
const MAX_BYTES: usize = 20
/** In and out: entries. */
const ENTRIES: usize = 24

/**
 * Texts as codes of a dictionary, to which new ones are added: entry `i` is the bytes from `offsets[i]` to
 * `offsets[i + 1]`. Slots hold an entry's code plus one, 0 where they are free; there are more than entries.
 * Gives the number of rows that were done: fewer than `count` where the dictionary is full or a text has
 * escapes.
 */
export function textCodes(
  text: usize,
  fields: usize,
  count: i32,
  first: i32,
  codes: usize,
  validity: usize,
  control: usize,
  dictionary: usize,
): i32 {
  const slots = <usize>load<u32>(dictionary + SLOTS)
  const slotMask = load<u32>(dictionary + SLOT_MASK)
  const offsets = <usize>load<u32>(dictionary + ENTRY_OFFSETS)
  const bytes = <usize>load<u32>(dictionary + ENTRY_BYTES)
  let entries = load<i32>(dictionary + ENTRIES)
  let nulls = 0
  let row = 0
  for (; row < count; row++) {
    const start = startOf(fields, row)
    const packedEnd = endOf(fields, row)
    let code = 1
    if (isNull(text, start, packedEnd, control)) {
      clearBit(validity, first + row)
      nulls++
    } else {
      if ((packedEnd & 2) != 0) break
      const at = text + <usize>start
      const length = (packedEnd >> 2) - start
      let slot = hashText(at, length) & slotMask
      code = load<i32>(slots + ((<usize>slot) << 2))
      while (code != 0 && !isEntry(at, length, offsets + ((<usize>(code - 1)) << 2), bytes)) {
        slot = (slot + 1) & slotMask
        code = load<i32>(slots + ((<usize>slot) << 2))
      }
      if (code == 0) {
        const used = load<i32>(offsets + ((<usize>entries) << 2))
        if (entries == load<i32>(dictionary + MAX_ENTRIES)) break
        if (used + length > load<i32>(dictionary + MAX_BYTES)) break
        copyText(at, bytes + <usize>used, length)
        code = ++entries
        store<i32>(offsets + ((<usize>entries) << 2), used + length)
        store<i32>(slots + ((<usize>slot) << 2), code)
      }
    }
    store<i32>(codes + ((<usize>(first + row)) << 2), code - 1)
  }
  store<i32>(dictionary + ENTRIES, entries)
  store<i32>(control + NULL_COUNT, load<i32>(control + NULL_COUNT) + nulls)
  return row
}

// @ts-ignore: decorator
@inline
function isEntry(at: usize, length: i32, offset: usize, bytes: usize): bool {
  const from = load<i32>(offset)
  return load<i32>(offset + 4) - from == length && sameBytes(at, bytes + <usize>from, length)
}

// @ts-ignore: decorator
@inline
function hashText(at: usize, length: i32): u32 {
  let hash: u64 = <u64>length
  let i = 0
  for (; i + 8 <= length; i += 8) hash = (hash ^ load<u64>(at + <usize>i)) * 0x9e3779b97f4a7c15
  const rest = length - i
  // Bytes behind the text are shifted out; a shift by 64 would be none.
  if (rest > 0) hash = (hash ^ (load<u64>(at + <usize>i) << (<u64>(64 - (rest << 3))))) * 0x9e3779b97f4a7c15
  return <u32>((hash ^ (hash >> 29)) >> 32) ^ <u32>hash >> 17
}

/**
 * Puts the texts of the first `count` codes where `textCopy` would have put them; `codes` of NULL rows are 0
 * and give nothing. Gives the bytes used in `out`.
 */
export function textOfCodes(
  codes: usize,
  validity: usize,
  count: i32,
  dictionary: usize,
  offsets: usize,
  out: usize,
): i32 {
  const entryOffsets = <usize>load<u32>(dictionary + ENTRY_OFFSETS)
  const bytes = <usize>load<u32>(dictionary + ENTRY_BYTES)
  let to = 0
  for (let row = 0; row < count; row++) {
    store<i32>(offsets + ((<usize>row) << 2), to)
    if ((load<u8>(validity + (<usize>(row >> 3))) & (1 << (row & 7))) == 0) continue
    const entry = entryOffsets + (<usize>load<i32>(codes + ((<usize>row) << 2)) << 2)
    const from = load<i32>(entry)
    const length = load<i32>(entry + 4) - from
    copyText(bytes + <usize>from, out + <usize>to, length)
    to += length
  }
  store<i32>(offsets + ((<usize>count) << 2), to)
  return to
}
