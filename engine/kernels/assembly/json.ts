// JSON lines: where the members of records lie. A field is a pair of int32, as csv.ts describes it: strings
// are without their quotes and have flag 1, numbers, words, arrays and objects are as written and have none;
// `null` is a field that is missing.
//
// Members are looked for in the order that they had the last time: a slot a name, which knows the slot that
// came behind it. Slots 0 and 1 have no name: they stand for the beginning of a record and for names that
// found no place.
import { skipBlanks, stringEnd, valueEnd } from './json-values'

// Words of the control block, int32.
const COLUMN_COUNT: usize = 0
/** Address of an int32 address a column: where its pairs are written. */
const CELLS: usize = 4
const ROW_STARTS: usize = 8
const ROW_ENDS: usize = 12
/** In: rows that are there already; out: rows. */
const ROW_COUNT: usize = 16
/** Address of the slots, how many there are, and most of them. */
const SLOTS: usize = 20
const SLOT_COUNT: usize = 24
const MAX_SLOTS: usize = 28
/** Where the next name goes, and the end of the room for names. */
const NAMES: usize = 32
const NAMES_END: usize = 36
/** Address of an int32 a column: the record that had it last. */
const SEEN: usize = 40
/** In and out: number of the record. */
const STAMP: usize = 44
/** Within a record: where the value of the name begins that was looked up. */
const AT: usize = 48

// Words of a slot.
/** Address of the name with `":` behind it, and the length of that; -1: no name. */
const NAME: usize = 0
const LENGTH: usize = 4
/** Column that the value goes to; -1: none. */
const COLUMN: usize = 8
/** Slot of the name that came next the last time. */
const NEXT: usize = 12

const LF: u32 = 10
const CR: u32 = 13

/**
 * Scans records of `text[from, end)`, one a line, until there are `maxRows` or one comes that only the slow
 * scanner understands. Gives where the first record begins that was not scanned, or the end of the last line.
 */
export function jsonScan(text: usize, from: i32, end: i32, control: usize, maxRows: i32): i32 {
  const columnCount = load<i32>(control + COLUMN_COUNT)
  const cells = <usize>load<u32>(control + CELLS)
  const rowStarts = <usize>load<u32>(control + ROW_STARTS)
  const rowEnds = <usize>load<u32>(control + ROW_ENDS)
  const slots = <usize>load<u32>(control + SLOTS)
  const seen = <usize>load<u32>(control + SEEN)
  // No token goes over a line break, so the last one ends every loop.
  const limit = text + <usize>linesEnd(text, from, end)
  let stamp = load<i32>(control + STAMP)
  let row = load<i32>(control + ROW_COUNT)
  let resume = text + <usize>from
  while (row < maxRows) {
    let at = resume
    while (at < limit && isBlankOrBreak(load<u8>(at))) at++
    resume = at
    if (at >= limit || load<u8>(at) != 123) break
    stamp++
    let found = 0
    let slot = slots
    let closed = false
    at = skipBlanks(at + 1)
    let byte = <u32>load<u8>(at)
    if (byte == 125) {
      closed = true
      at++
    }
    while (byte == 34) {
      at++
      const guess = slots + (<usize>load<u32>(slot + NEXT) << 4)
      const length = load<i32>(guess + LENGTH)
      if (length >= 0 && isName(at, <usize>load<u32>(guess + NAME), length)) {
        slot = guess
        at += <usize>length
      } else {
        slot = findName(at, control, slot)
        if (slot == 0) break
        at = <usize>load<u32>(control + AT)
      }
      at = skipBlanks(at)
      let start = <i32>(at - text)
      let packedEnd = 0
      byte = load<u8>(at)
      if (byte == 34) {
        const behind = stringEnd(at + 1)
        if (behind == 0) break
        at = <usize>(behind >> 1)
        start++
        packedEnd = (<i32>(at - text - 1) << 2) | <i32>((behind & 1) << 1) | 1
      } else {
        at = valueEnd(at, byte)
        if (at == 0) break
        packedEnd = <i32>(at - text) << 2
        if (byte == 110) start = -1
      }
      const column = load<i32>(slot + COLUMN)
      if (column >= 0) {
        const seenAt = seen + ((<usize>column) << 2)
        // A name that comes twice is the slow scanner's.
        if (load<i32>(seenAt) == stamp) break
        store<i32>(seenAt, stamp)
        putCell(cells, column, row, start, packedEnd)
        found++
      }
      at = skipBlanks(at)
      byte = load<u8>(at)
      closed = byte == 125
      at++
      if (byte != 44) break
      at = skipBlanks(at)
      byte = load<u8>(at)
    }
    if (!closed) break
    const recordEnd = lineEnd(at)
    if (recordEnd == 0) break
    if (found < columnCount) markMissing(cells, seen, stamp, columnCount, row)
    const offset = (<usize>row) << 2
    store<i32>(rowStarts + offset, <i32>(resume - text))
    const end = recordEnd - <usize>(load<u8>(recordEnd - 1) == CR)
    store<i32>(rowEnds + offset, <i32>(end - text))
    row++
    resume = recordEnd + 1
  }
  store<i32>(control + STAMP, stamp)
  store<i32>(control + ROW_COUNT, row)
  return <i32>(resume - text)
}

/** Where the last line of `text[from, end)` ends, behind its line break; `from` if there is none. */
function linesEnd(text: usize, from: i32, end: i32): i32 {
  const breaks = i8x16.splat(<i8>LF)
  let at = end
  while (at - 16 >= from) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(text + <usize>(at - 16)), breaks))
    if (found != 0) return at - 16 + (32 - <i32>clz(found))
    at -= 16
  }
  while (at > from && load<u8>(text + <usize>(at - 1)) != LF) at--
  return at
}

/** The line break behind blanks; 0 if something else is there. */
// @ts-ignore: decorator
@inline
function lineEnd(from: usize): usize {
  const at = skipBlanks(from)
  return load<u8>(at) == LF ? at : 0
}

// @ts-ignore: decorator
@inline
function isBlankOrBreak(byte: u32): bool {
  return byte == 32 || (byte <= 13 && (byte == LF || byte == CR || byte == 9))
}

/** Whether a text begins with a name and what stands behind it. Reads no further than what is equal. */
// @ts-ignore: decorator
@inline
function isName(at: usize, name: usize, length: i32): bool {
  let i = 0
  while (true) {
    const other = <u32>~i8x16.bitmask(i8x16.eq(v128.load(at + <usize>i), v128.load(name + <usize>i)))
    const rest = length - i
    if (rest <= 16) return (other & (((<u32>1) << (<u32>rest)) - 1)) == 0
    if ((other & 0xffff) != 0) return false
    i += 16
  }
}

/**
 * The slot of the name that begins at `at`, behind its quote; it comes behind `previous` from now on. A name
 * that is not known gets a slot if there is room. 0: the slow scanner must look at it.
 */
function findName(at: usize, control: usize, previous: usize): usize {
  const behind = stringEnd(at)
  if (behind == 0 || (behind & 1) != 0) return 0
  const colon = skipBlanks(<usize>(behind >> 1))
  if (load<u8>(colon) != 58) return 0
  store<u32>(control + AT, <u32>(colon + 1))
  const length = <i32>(<usize>(behind >> 1) - at) + 1
  const slots = <usize>load<u32>(control + SLOTS)
  const count = load<i32>(control + SLOT_COUNT)
  for (let index = 2; index < count; index++) {
    const slot = slots + ((<usize>index) << 4)
    // Between the name and its colon there may be blanks, so the colon is not compared.
    if (load<i32>(slot + LENGTH) == length && isName(at, <usize>load<u32>(slot + NAME), length - 1)) {
      store<i32>(previous + NEXT, index)
      return slot
    }
  }
  const names = <usize>load<u32>(control + NAMES)
  const padded = (<usize>length + 15) & ~15
  if (count == load<i32>(control + MAX_SLOTS)) return slots + 16
  if (names + padded > <usize>load<u32>(control + NAMES_END)) return slots + 16
  memory.copy(names, at, <usize>(length - 1))
  store<u8>(names + <usize>(length - 1), 58)
  store<u32>(control + NAMES, <u32>(names + padded))
  store<i32>(control + SLOT_COUNT, count + 1)
  const slot = slots + ((<usize>count) << 4)
  store<u32>(slot + NAME, <u32>names)
  store<i32>(slot + LENGTH, length)
  store<i32>(slot + COLUMN, -1)
  store<i32>(slot + NEXT, 0)
  store<i32>(previous + NEXT, count)
  return slot
}

// @ts-ignore: decorator
@inline
function putCell(cells: usize, column: i32, row: i32, start: i32, packedEnd: i32): void {
  const at = <usize>load<u32>(cells + ((<usize>column) << 2)) + ((<usize>row) << 3)
  store<u64>(at, (<u64>(<u32>start)) | ((<u64>(<u32>packedEnd)) << 32))
}

function markMissing(cells: usize, seen: usize, stamp: i32, columnCount: i32, row: i32): void {
  for (let column = 0; column < columnCount; column++)
    if (load<i32>(seen + ((<usize>column) << 2)) != stamp) putCell(cells, column, row, -1, 0)
}
