// CSV: where the fields of records lie. A field is a pair of int32: where it starts, and where it ends times
// four plus flags (1: in quotes, 2: escapes inside); a field that is missing starts at -1.

// Words of the control block, int32.
const SEPARATOR: usize = 0
const QUOTE: usize = 4
const ESCAPE: usize = 8
const COMMENT: usize = 12
const LINE_BREAK: usize = 16
const MULTI_LINE: usize = 20
const COLUMN_COUNT: usize = 24
/** Address of an int32 address a column: where its pairs are written. */
const CELLS: usize = 28
const ROW_STARTS: usize = 32
const ROW_ENDS: usize = 36
const SHAPES: usize = 40
/** In: rows that are there already; out: rows. */
const ROW_COUNT: usize = 44
/** In and out: rows with too few or too many fields. */
const BAD_SHAPES: usize = 48

const LF: i32 = 10
const CR: i32 = 13

/** One bit a byte of the 64 at `at`, for bytes that are one of five. */
// @ts-ignore: decorator
@inline
function classify(at: usize, a: v128, b: v128, c: v128, d: v128, e: v128): u64 {
  return (
    (<u64>(<u32>classify16(at, a, b, c, d, e))) |
    ((<u64>(<u32>classify16(at + 16, a, b, c, d, e))) << 16) |
    ((<u64>(<u32>classify16(at + 32, a, b, c, d, e))) << 32) |
    ((<u64>(<u32>classify16(at + 48, a, b, c, d, e))) << 48)
  )
}

// @ts-ignore: decorator
@inline
function classify16(at: usize, a: v128, b: v128, c: v128, d: v128, e: v128): i32 {
  const bytes = v128.load(at)
  return i8x16.bitmask(
    v128.or(
      v128.or(
        v128.or(i8x16.eq(bytes, a), i8x16.eq(bytes, b)),
        v128.or(i8x16.eq(bytes, c), i8x16.eq(bytes, d)),
      ),
      i8x16.eq(bytes, e),
    ),
  )
}

/**
 * Scans records of `text[from, end)` until there are `maxRows`, or until one comes that is cut off by the end
 * or that the slow scanner must look at: quotes that are not closed on their line, text behind a closing
 * quote.
 * Gives where the first record begins that was not scanned. Blank lines and comments are stepped over.
 */
export function csvScan(text: usize, from: i32, end: i32, control: usize, maxRows: i32): i32 {
  const sep = load<i32>(control + SEPARATOR)
  const quote = load<i32>(control + QUOTE)
  const escape = load<i32>(control + ESCAPE)
  const comment = load<i32>(control + COMMENT)
  const lineBreak = load<i32>(control + LINE_BREAK)
  const multiLine = load<i32>(control + MULTI_LINE) != 0
  const columnCount = load<i32>(control + COLUMN_COUNT)
  const cells = <usize>load<u32>(control + CELLS)
  const rowStarts = <usize>load<u32>(control + ROW_STARTS)
  const rowEnds = <usize>load<u32>(control + ROW_ENDS)
  const shapes = <usize>load<u32>(control + SHAPES)
  // Where there is no quote or escape, the separator stands in: it is looked for anyway.
  const sepBytes = i8x16.splat(<i8>sep)
  const quoteBytes = i8x16.splat(<i8>(quote >= 0 ? quote : sep))
  const escapeBytes = i8x16.splat(<i8>(escape >= 0 ? escape : sep))
  const lfBytes = i8x16.splat(<i8>LF)
  const crBytes = i8x16.splat(<i8>CR)

  let row = load<i32>(control + ROW_COUNT)
  let badShapes = load<i32>(control + BAD_SHAPES)
  let rowStart = nextRow(text, from, end, comment, lineBreak)
  if (rowStart < 0 || row >= maxRows) return from
  let resume = rowStart
  let base = rowStart
  let mask: u64 = 0
  let fieldStart = rowStart
  let column = 0
  let quoted = false
  let flags = 1
  /** Bits below this position are done with. */
  let ignore = rowStart
  let loaded = false
  while (true) {
    while (mask == 0) {
      if (loaded) base += 64
      loaded = true
      if (base >= end) {
        store<i32>(control + ROW_COUNT, row)
        store<i32>(control + BAD_SHAPES, badShapes)
        return resume
      }
      mask = classify(text + <usize>base, sepBytes, quoteBytes, escapeBytes, lfBytes, crBytes)
      if (end - base < 64) mask &= ((<u64>1) << (<u64>(end - base))) - 1
    }
    const pos = base + <i32>ctz(mask)
    mask &= mask - 1
    if (pos < ignore) continue
    const byte = <i32>load<u8>(text + <usize>pos)
    if (quoted) {
      if (byte == quote || byte == escape) {
        if (pos + 1 >= end) break
        const next = <i32>load<u8>(text + <usize>pos + 1)
        if (next == quote || (byte == escape && byte != quote && next == escape)) {
          flags = 3
          ignore = pos + 2
          continue
        }
        if (byte != quote) continue
        if (next != sep && !(next == LF || (next == CR && lineBreak < 0))) break
        if (column < columnCount) putCell(cells, column, row, fieldStart + 1, (pos << 2) | flags)
        column++
        quoted = false
        fieldStart = pos + 2
        ignore = pos + 2
        if (next == sep) continue
        ignore = pos + 1
        // The line break is looked at as the end of a field that was already put.
        fieldStart = -1
        continue
      }
      if ((byte == LF || byte == CR) && !multiLine && byte != sep) break
      continue
    }
    if (byte == sep) {
      if (column < columnCount) putCell(cells, column, row, fieldStart, pos << 2)
      column++
      fieldStart = pos + 1
      continue
    }
    if (byte == quote && pos == fieldStart) {
      quoted = true
      flags = 1
      continue
    }
    if (!(byte == LF || (byte == CR && lineBreak < 0))) continue
    // The end of a record. The LF of a CRLF passes for a blank line.
    if (fieldStart >= 0) {
      if (column < columnCount) putCell(cells, column, row, fieldStart, pos << 2)
      column++
    }
    let shape = 0
    if (column != columnCount) {
      shape = column < columnCount ? 1 : 2
      badShapes++
      for (; column < columnCount; column++) putCell(cells, column, row, -1, 0)
    }
    store<u8>(shapes + <usize>row, <u8>shape)
    store<i32>(rowStarts + ((<usize>row) << 2), rowStart)
    store<i32>(rowEnds + ((<usize>row) << 2), pos)
    row++
    resume = pos + 1
    if (row >= maxRows) break
    rowStart = pos + 1
    if (rowStart < end) {
      const first = <i32>load<u8>(text + <usize>rowStart)
      if (first <= 32 || first == comment) {
        rowStart = nextRow(text, rowStart, end, comment, lineBreak)
        if (rowStart < 0) break
        resume = rowStart
      }
    }
    fieldStart = rowStart
    ignore = rowStart
    column = 0
    if (rowStart >= base + 64) {
      base = rowStart
      mask = 0
      loaded = false
    }
  }
  store<i32>(control + ROW_COUNT, row)
  store<i32>(control + BAD_SHAPES, badShapes)
  return resume
}

// @ts-ignore: decorator
@inline
function putCell(cells: usize, column: i32, row: i32, start: i32, end: i32): void {
  const at = <usize>load<u32>(cells + ((<usize>column) << 2)) + ((<usize>row) << 3)
  store<u64>(at, (<u64>(<u32>start)) | ((<u64>(<u32>end)) << 32))
}

/** Where the first line from `from` on begins that is neither blank nor a comment; -1 without more bytes. */
function nextRow(text: usize, from: i32, end: i32, comment: i32, lineBreak: i32): i32 {
  let start = from
  while (start < end) {
    let at = start
    const isComment = <i32>load<u8>(text + <usize>at) == comment
    while (at < end) {
      const byte = <i32>load<u8>(text + <usize>at)
      if (byte == LF || (byte == CR && lineBreak < 0)) break
      if (!isComment && byte > 32) return start
      at++
    }
    if (at >= end) return -1
    start = at + 1
  }
  return -1
}
