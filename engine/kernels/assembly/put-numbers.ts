// Numbers, dates and times as text. Each function writes at `to` and gives the address behind; it may write
// up to 8 bytes more.
import { powerOfTen } from './digits'

const ZEROS: u64 = 0x3030303030303030
const DASH: u8 = 45

/** The eight digits of a number below 10^8, the highest in the lowest byte, each as 0 to 9. */
// @ts-ignore: decorator
@inline
function eightDigits(value: u32): u64 {
  const high = value / 10_000
  const merged = <u64>high | ((<u64>(value - high * 10_000)) << 32)
  const top = ((merged * 10_486) >> 20) & 0x0000007f0000007f
  const hundreds = ((merged - 100 * top) << 16) + top
  const tens = ((hundreds * 103) >> 10) & 0x000f000f000f000f
  return tens + ((hundreds - 10 * tens) << 8)
}

/** A number below 10^8 without leading zeros. */
// @ts-ignore: decorator
@inline
function putShort(to: usize, value: u32): usize {
  const bytes = eightDigits(value)
  const zeros = bytes == 0 ? 7 : ctz(bytes) >> 3
  store<u64>(to, (bytes | ZEROS) >> (zeros << 3))
  return to + 8 - <usize>zeros
}

/** A number below 10^`length` with leading zeros; `length` up to 8. */
// @ts-ignore: decorator
@inline
function putPaddedShort(to: usize, value: u32, length: i32): usize {
  store<u64>(to, (eightDigits(value) | ZEROS) >> <u64>((8 - length) << 3))
  return to + <usize>length
}

/** An unsigned number. */
export function putUnsigned(to: usize, value: u64): usize {
  if (value < 100_000_000) return putShort(to, <u32>value)
  const high = value / 100_000_000
  return putPaddedShort(putUnsigned(to, high), <u32>(value - high * 100_000_000), 8)
}

/** An unsigned number with leading zeros; `length` up to 20. */
export function putPadded(to: usize, value: u64, length: i32): usize {
  if (length <= 8) return putPaddedShort(to, <u32>value, length)
  const high = value / 100_000_000
  return putPaddedShort(putPadded(to, high, length - 8), <u32>(value - high * 100_000_000), 8)
}

/** A signed number. */
// @ts-ignore: decorator
@inline
export function putSigned(to: usize, value: i64): usize {
  if (value >= 0) return putUnsigned(to, <u64>value)
  store<u8>(to, DASH)
  return putUnsigned(to + 1, 0 - <u64>value)
}

/** A decimal of one lane; `unit` is 10^`scale` where that fits into 64 bits. */
export function putDecimal(to: usize, value: i64, scale: i32, unit: u64): usize {
  let at = to
  let rest = <u64>value
  if (value < 0) {
    store<u8>(at++, DASH)
    rest = 0 - rest
  }
  let whole: u64 = 0
  if (rest <= 0xffff_ffff && unit <= 0xffff_ffff) whole = <u64>(<u32>rest / <u32>unit)
  else if (scale <= 19) whole = rest / unit
  at = putUnsigned(at, whole)
  if (scale == 0) return at
  store<u8>(at, 46)
  return putPadded(at + 1, rest - whole * unit, scale)
}

/** A decimal of two lanes. */
export function putWideDecimal(to: usize, values: usize, scale: i32): usize {
  let low = load<u64>(values)
  let high = load<i64>(values, 8)
  if (scale <= 18 && high == <i64>low >> 63) return putDecimal(to, <i64>low, scale, powerOfTen(scale))
  let at = to
  if (high < 0) {
    store<u8>(at++, DASH)
    low = 0 - low
    high = ~high + <i64>(low == 0)
  }
  // Nine digits at a time from the end; the text is put together in the room behind.
  let top = <u64>high
  const room = at + 48
  let digit = room
  let shown = 0
  while (top != 0 || low != 0 || shown <= scale) {
    let rest = top % 1_000_000_000
    top /= 1_000_000_000
    const upper = (rest << 32) | (low >> 32)
    rest = upper % 1_000_000_000
    const lower = (rest << 32) | (low & 0xffff_ffff)
    low = ((upper / 1_000_000_000) << 32) | (lower / 1_000_000_000)
    let nine = <u32>(lower % 1_000_000_000)
    for (let i = 0; i < 9; i++) {
      if (shown == scale && scale > 0) store<u8>(--digit, 46)
      if (top == 0 && low == 0 && nine == 0 && shown > scale) break
      store<u8>(--digit, 48 + <u8>(nine % 10))
      nine /= 10
      shown++
    }
  }
  memory.copy(at, digit, room - digit)
  return at + (room - digit)
}

/**
 * A day as `2024-01-31`; years beyond four digits carry a sign. Years before 1 are negative from 0 on, or,
 * with `ofEra`, counted backwards without a sign.
 */
export function putDay(to: usize, day: i32, ofEra: bool): usize {
  const shifted = <i64>day + 719_468
  const era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  const dayOfEra = <i32>(shifted - era * 146_097)
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const part = (5 * dayOfYear + 2) / 153
  const dayOfMonth = dayOfYear - (153 * part + 2) / 5 + 1
  const month = part < 10 ? part + 3 : part - 9
  let year = <i32>(era * 400) + yearOfEra + <i32>(month <= 2)
  if (year < 1 && ofEra) year = 1 - year
  let at = to
  if (year < 0) store<u8>(at++, DASH)
  else if (year > 9999) store<u8>(at++, 43)
  const positive = <u32>abs(year)
  at = positive > 9999 ? putUnsigned(at, positive) : putPaddedShort(at, positive, 4)
  store<u64>(at, 45 | ((<u64>pair(month)) << 8) | (45 << 24) | ((<u64>pair(dayOfMonth)) << 32))
  return at + 6
}

/** Two digits, the first in the lower byte. */
// @ts-ignore: decorator
@inline
function pair(value: i32): i32 {
  const tens = value / 10
  return 0x3030 + tens + ((value - tens * 10) << 8)
}

/**
 * Microseconds as `2024-01-31 12:00:00`, or with `T` (`mark`). A fraction has no trailing zeros; or, if
 * `iso`, three digits where they suffice, else six, and years are those of their era.
 */
export function putMoment(to: usize, micros: i64, mark: u8, iso: bool): usize {
  let day = micros / 86_400_000_000
  if (day * 86_400_000_000 > micros) day--
  const ofDay = micros - day * 86_400_000_000
  const seconds = <i32>(ofDay / 1_000_000)
  let fraction = <i32>(ofDay - <i64>seconds * 1_000_000)
  const minutes = seconds / 60
  const hours = minutes / 60
  let at = putDay(to, <i32>day, iso)
  store<u8>(at, mark)
  store<u64>(
    at + 1,
    <u64>pair(hours) | (58 << 16) | ((<u64>pair(minutes - hours * 60)) << 24) | ((<u64>58) << 40),
  )
  store<u16>(at + 7, <u16>pair(seconds - minutes * 60))
  at += 9
  if (fraction == 0 && !iso) return at
  store<u8>(at, 46)
  let length = 6
  if (iso && fraction % 1000 == 0) {
    length = 3
    fraction /= 1000
  }
  for (; !iso && fraction % 10 == 0; length--) fraction /= 10
  return putPaddedShort(at + 1, <u32>fraction, length)
}

/** How far clocks are ahead of UTC: `+01:00`, or `Z`. */
export function putOffset(to: usize, seconds: i32): usize {
  if (seconds == 0) {
    store<u8>(to, 90)
    return to + 1
  }
  const minutes = abs(seconds) / 60
  const hours = minutes / 60
  store<u8>(to, seconds < 0 ? 45 : 43)
  store<u16>(to + 1, <u16>pair(hours))
  store<u8>(to + 3, 58)
  store<u16>(to + 4, <u16>pair(minutes - hours * 60))
  return to + 6
}
