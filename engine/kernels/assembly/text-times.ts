// Dates and timestamps from text in their usual form. See fields.ts for what these kernels share.
import {
  clearBit,
  endOf,
  EXTRA,
  FLAG_MASK,
  FLAG_WANTED,
  isNull,
  noteOdd,
  NULL_COUNT,
  startOf,
} from './fields'

/** What is no day of the calendar. */
const NO_DAY: i32 = i32.MIN_VALUE

/** An offset that is not known; the slow path finds it. */
const NO_OFFSET: i32 = i32.MIN_VALUE

/** Days whose offset to UTC is looked up: from 1970-01-01 on. */
const OFFSET_DAYS: i32 = 36_525

// @ts-ignore: decorator
@inline
function hasOtherThanDigits(x: u64): bool {
  return (((x + 0x7676767676767676) | x) & 0x8080808080808080) != 0
}

/** Days since 1970-01-01 of `1996-03-13` at `at`; NO_DAY for anything else. */
function dayAt(at: usize): i32 {
  const x = load<u64>(at) ^ 0x2d30302d30303030
  const y = <u32>load<u16>(at + 8) ^ 0x3030
  if (hasOtherThanDigits(x) || hasOtherThanDigits(<u64>y) || (x & 0xff0000ff00000000) != 0) return NO_DAY
  const year = <i32>((x & 15) * 1000 + ((x >> 8) & 15) * 100 + ((x >> 16) & 15) * 10 + ((x >> 24) & 15))
  const month = <i32>(((x >> 40) & 15) * 10 + ((x >> 48) & 15))
  const day = <i32>((y & 15) * 10 + (y >> 8))
  return dayOf(year, month, day)
}

/** Days since 1970-01-01; NO_DAY if the calendar has no such day. Years from 0 to 9999. */
export function dayOf(year: i32, month: i32, day: i32): i32 {
  if (month < 1 || month > 12 || day < 1 || day > 31) return NO_DAY
  if (day > 28) {
    const leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    const last = month == 2 ? 28 + <i32>leap : 30 + ((month + (month >> 3)) & 1)
    if (day > last) return NO_DAY
  }
  const shifted = month <= 2 ? year + 399 : year + 400
  const era = shifted / 400
  const yearOfEra = shifted - era * 400
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return (era - 1) * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

/** `1996-03-13` as days since 1970-01-01. */
export function textDates(
  text: usize,
  fields: usize,
  count: i32,
  first: i32,
  values: usize,
  validity: usize,
  control: usize,
  odd: usize,
): i32 {
  const mask = load<i32>(control + FLAG_MASK)
  const wanted = load<i32>(control + FLAG_WANTED)
  let oddCount = 0
  let nulls = 0
  for (let row = 0; row < count; row++) {
    const start = startOf(fields, row)
    const packedEnd = endOf(fields, row)
    let day = 0
    if (isNull(text, start, packedEnd, control)) {
      clearBit(validity, first + row)
      nulls++
    } else {
      const fits = (packedEnd >> 2) - start == 10 && (packedEnd & mask) == wanted
      day = fits ? dayAt(text + <usize>start) : NO_DAY
      if (day == NO_DAY) {
        oddCount = noteOdd(odd, oddCount, row)
        day = 0
      }
    }
    store<i32>(values + ((<usize>(first + row)) << 2), day)
  }
  store<i32>(control + NULL_COUNT, load<i32>(control + NULL_COUNT) + nulls)
  return oddCount
}

/**
 * `1996-03-13 08:26:00`, with `T`, fraction and `Z` if there are, as microseconds since 1970-01-01. `offsets`
 * has the seconds by which each day since 1970-01-01 is ahead of UTC, for texts without `Z`; 0: there is no
 * zone, and a `Z` does not fit.
 */
export function textTimestamps(
  text: usize,
  fields: usize,
  count: i32,
  first: i32,
  values: usize,
  validity: usize,
  control: usize,
  odd: usize,
): i32 {
  const mask = load<i32>(control + FLAG_MASK)
  const wanted = load<i32>(control + FLAG_WANTED)
  const offsets = <usize>load<u32>(control + EXTRA)
  let oddCount = 0
  let nulls = 0
  for (let row = 0; row < count; row++) {
    const start = startOf(fields, row)
    const packedEnd = endOf(fields, row)
    let micros: i64 = 0
    if (isNull(text, start, packedEnd, control)) {
      clearBit(validity, first + row)
      nulls++
    } else {
      const length = (packedEnd >> 2) - start
      micros = (packedEnd & mask) == wanted ? momentAt(text + <usize>start, length, offsets) : i64.MIN_VALUE
      if (micros == i64.MIN_VALUE) {
        oddCount = noteOdd(odd, oddCount, row)
        micros = 0
      }
    }
    store<i64>(values + ((<usize>(first + row)) << 3), micros)
  }
  store<i32>(control + NULL_COUNT, load<i32>(control + NULL_COUNT) + nulls)
  return oddCount
}

function momentAt(at: usize, length: i32, offsets: usize): i64 {
  if (length < 19 || length > 27) return i64.MIN_VALUE
  const day = dayAt(at)
  const mark = load<u8>(at + 10)
  if (day == NO_DAY || (mark != 84 && mark != 32)) return i64.MIN_VALUE
  // `08:26:00` less its zeros and colons.
  const x = load<u64>(at + 11) ^ 0x30303a30303a3030
  if (hasOtherThanDigits(x) || (x & 0x0000ff0000ff0000) != 0) return i64.MIN_VALUE
  const hour = <i32>((x & 15) * 10 + ((x >> 8) & 15))
  const minute = <i32>(((x >> 24) & 15) * 10 + ((x >> 32) & 15))
  const second = <i32>(((x >> 48) & 15) * 10 + (x >> 56))
  if (hour > 23 || minute > 59 || second > 59) return i64.MIN_VALUE
  let end = length
  const zulu = load<u8>(at + <usize>(length - 1)) == 90
  if (zulu) end--
  let fraction = 0
  if (end > 19) {
    if (load<u8>(at + 19) != 46 || end > 26) return i64.MIN_VALUE
    for (let i = 20; i < 26; i++) {
      const digit = i < end ? <u32>load<u8>(at + <usize>i) - 48 : 0
      if (digit > 9) return i64.MIN_VALUE
      fraction = fraction * 10 + <i32>digit
    }
  }
  let offset = 0
  if (offsets == 0) {
    if (zulu) return i64.MIN_VALUE
  } else if (!zulu) {
    offset = <u32>day < <u32>OFFSET_DAYS ? load<i32>(offsets + ((<usize>day) << 2)) : NO_OFFSET
    if (offset == NO_OFFSET) return i64.MIN_VALUE
  }
  const seconds = <i64>(hour * 3600 + minute * 60 + second - offset)
  return ((<i64>day) * 86_400 + seconds) * 1_000_000 + <i64>fraction
}
