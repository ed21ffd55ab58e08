// Rows as lines of text: CSV and JSON.
import { putDay, putDecimal, putMoment, putOffset, putSigned, putWideDecimal } from './put-numbers'
import { putText } from './put-texts'

// Words of the control block, int32.
const COLUMNS: usize = 0
const COLUMN_COUNT: usize = 4
const OUT: usize = 8
const OUT_END: usize = 12
/** What a row begins and ends with: address and length. */
const ROW_START: usize = 16
const ROW_END: usize = 24
/** Most bytes of a row without those of its strings. */
const ROW_BYTES: usize = 32
/** Out: bytes that were written. */
const WRITTEN: usize = 36
/** The quote of fields that are always quoted. */
const QUOTE: usize = 44

// Words of a column, int32; 64 bytes.
const KIND: usize = 0
const VALUES: usize = 4
const VALIDITY: usize = 8
const CODES: usize = 12
const OFFSETS: usize = 16
const PREFIX: usize = 20
const SCALE: usize = 28
const STYLE: usize = 32
const NULL_TEXT: usize = 36
/** Seconds that clocks are ahead of UTC, an int32 a value; 0: none. */
const SHIFTS: usize = 44
/** Whether that is shown. */
const HAS_OFFSET: usize = 48
/** 10 to the power of the scale. */
const UNIT: usize = 56
const COLUMN_BYTES: usize = 64

/** Values of these have no byte that needs a quote; style 0 is without quotes. */
const BOOLEANS: i32 = 1
const INT8: i32 = 2
const INT16: i32 = 3
const INT32: i32 = 4
const INT64: i32 = 5
const DECIMALS: i32 = 6
const WIDE_DECIMALS: i32 = 7
const DATES: i32 = 8
const MOMENTS: i32 = 9
const ISO_MOMENTS: i32 = 10
const TEXTS: i32 = 12
const ERA_DATES: i32 = 13

/**
 * Writes rows from `from` on, until there are `count` or the next might not fit; gives the row that is next.
 * Reads and writes up to 64 bytes behind the ends.
 */
export function putRows(control: usize, from: i32, count: i32): i32 {
  const columns = <usize>load<u32>(control + COLUMNS)
  const columnsEnd = columns + COLUMN_BYTES * load<usize>(control + COLUMN_COUNT)
  const out = <usize>load<u32>(control + OUT)
  const limit = <usize>load<u32>(control + OUT_END) - load<usize>(control + ROW_BYTES)
  const rowStart = <usize>load<u32>(control + ROW_START)
  const rowStartLength = load<i32>(control + ROW_START + 4)
  const rowEnd = <usize>load<u32>(control + ROW_END)
  const rowEndLength = load<i32>(control + ROW_END + 4)
  let to = out
  let row = from
  for (; row < count && to <= limit; row++) {
    const start = to
    to = putFixed(to, rowStart, rowStartLength)
    let isFirst = 1
    for (let column = columns; column < columnsEnd; column += COLUMN_BYTES) {
      const validity = <usize>load<u32>(column + VALIDITY)
      const isNull = validity != 0 && ((load<u8>(validity + <usize>(row >> 3)) >> <u8>(row & 7)) & 1) == 0
      const nullLength = load<i32>(column + NULL_TEXT + 4)
      if (isNull && nullLength < 0) continue
      // What stands before a value begins with the separator, a byte that the first does without.
      const prefix = <usize>load<u32>(column + PREFIX) + <usize>isFirst
      to = putFixed(to, prefix, load<i32>(column + PREFIX + 4) - isFirst)
      isFirst = 0
      if (isNull) to = putFixed(to, <usize>load<u32>(column + NULL_TEXT), nullLength)
      else {
        to = putCell(to, column, row, limit, control)
        if (to == 0) break
      }
    }
    if (to == 0) {
      to = start
      break
    }
    to = putFixed(to, rowEnd, rowEndLength)
  }
  store<u32>(control + WRITTEN, <u32>(to - out))
  return row
}

/** Copies a few bytes. */
// @ts-ignore: decorator
@inline
function putFixed(to: usize, from: usize, length: i32): usize {
  v128.store(to, v128.load(from))
  for (let done: usize = 16; done < <usize>length; done += 16) v128.store(to + done, v128.load(from + done))
  return to + <usize>length
}

/** A value that is not NULL; 0 if it might not fit. */
// @ts-ignore: decorator
@inline
function putCell(to: usize, column: usize, row: i32, limit: usize, control: usize): usize {
  const kind = load<i32>(column + KIND)
  const values = <usize>load<u32>(column + VALUES)
  const codes = <usize>load<u32>(column + CODES)
  const index = codes == 0 ? <usize>row : <usize>load<u32>(codes + ((<usize>row) << 2))
  if (kind == TEXTS) {
    const offsets = <usize>load<u32>(column + OFFSETS) + (index << 2)
    const start = load<i32>(offsets)
    return putText(
      to,
      values + <usize>start,
      load<i32>(offsets + 4) - start,
      load<i32>(column + STYLE),
      limit,
      control,
    )
  }
  if (load<i32>(column + STYLE) == 0) return putPlain(to, kind, column, values, row, index)
  const quote = load<u8>(control + QUOTE)
  store<u8>(to, quote)
  const end = putPlain(to + 1, kind, column, values, row, index)
  store<u8>(end, quote)
  return end + 1
}

function putPlain(to: usize, kind: i32, column: usize, values: usize, row: i32, index: usize): usize {
  switch (kind) {
    case INT32:
      return putSigned(to, <i64>load<i32>(values + (index << 2)))
    case INT64:
      return putSigned(to, load<i64>(values + (index << 3)))
    case DECIMALS:
      return putDecimal(
        to,
        load<i64>(values + (index << 3)),
        load<i32>(column + SCALE),
        load<u64>(column + UNIT),
      )
    case DATES:
    case ERA_DATES:
      return putDay(to, load<i32>(values + (index << 2)), kind == ERA_DATES)
    case WIDE_DECIMALS:
      return putWideDecimal(to, values + (index << 4), load<i32>(column + SCALE))
    case INT16:
      return putSigned(to, <i64>load<i16>(values + (index << 1)))
    case INT8:
      return putSigned(to, <i64>load<i8>(values + index))
    case BOOLEANS: {
      const isTrue = (load<u8>(values + (index >> 3)) >> <u8>(index & 7)) & 1
      store<u64>(to, isTrue != 0 ? 0x65757274 : 0x65736c6166)
      return to + (isTrue != 0 ? 4 : 5)
    }
    case MOMENTS:
    case ISO_MOMENTS: {
      const shifts = <usize>load<u32>(column + SHIFTS)
      const shift = shifts == 0 ? 0 : load<i32>(shifts + (index << 2))
      const micros = load<i64>(values + (index << 3)) + <i64>shift * 1_000_000
      if (kind == MOMENTS) return putMoment(to, micros, 32, false)
      const end = putMoment(to, micros, 84, true)
      return load<i32>(column + HAS_OFFSET) == 0 ? end : putOffset(end, shift)
    }
    default: {
      const slot = values + (index << 5)
      v128.store(to, v128.load(slot, 1))
      v128.store(to, v128.load(slot, 17), 16)
      return to + <usize>load<u8>(slot)
    }
  }
}
