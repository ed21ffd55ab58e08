// Numbers and booleans from text. See fields.ts for what these kernels share.
import { digits, NO_NUMBER, powerOfTen } from './digits'
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

/** Integers of `width` bytes. */
export function textIntegers(
  text: usize,
  fields: usize,
  count: i32,
  first: i32,
  values: usize,
  validity: usize,
  control: usize,
  odd: usize,
  width: i32,
): i32 {
  const mask = load<i32>(control + FLAG_MASK)
  const wanted = load<i32>(control + FLAG_WANTED)
  const limit = width == 8 ? <u64>i64.MAX_VALUE : ((<u64>1) << (<u64>((width << 3) - 1))) - 1
  // Narrow integers with more digits are no numbers, leading zeros or not; the slow path says so.
  const most = width == 8 ? 19 : 15
  let oddCount = 0
  let nulls = 0
  for (let row = 0; row < count; row++) {
    const start = startOf(fields, row)
    const packedEnd = endOf(fields, row)
    let value: i64 = 0
    if (isNull(text, start, packedEnd, control)) {
      clearBit(validity, first + row)
      nulls++
    } else {
      let length = (packedEnd >> 2) - start
      const sign = load<u8>(text + <usize>start)
      const negative = sign == 45
      if (negative || sign == 43) length--
      let number = NO_NUMBER
      if (length > 0 && length <= most) number = digits(text + <usize>(packedEnd >> 2), length)
      if (number > limit + <u64>negative || (packedEnd & mask) != wanted) {
        oddCount = noteOdd(odd, oddCount, row)
      } else value = negative ? 0 - <i64>number : <i64>number
    }
    const index = <usize>(first + row)
    if (width == 4) store<i32>(values + (index << 2), <i32>value)
    else if (width == 8) store<i64>(values + (index << 3), value)
    else if (width == 2) store<i16>(values + (index << 1), <i16>value)
    else store<i8>(values + index, <i8>value)
  }
  store<i32>(control + NULL_COUNT, load<i32>(control + NULL_COUNT) + nulls)
  return oddCount
}

/** Decimals of a scale up to 18 as scaled integers of one or two lanes; up to 18 digits. */
export function textDecimals(
  text: usize,
  fields: usize,
  count: i32,
  first: i32,
  values: usize,
  validity: usize,
  control: usize,
  odd: usize,
  precision: i32,
  scale: i32,
): i32 {
  const mask = load<i32>(control + FLAG_MASK)
  const wanted = load<i32>(control + FLAG_WANTED)
  const unit = powerOfTen(scale)
  const limit = powerOfTen(min(precision, 18))
  let oddCount = 0
  let nulls = 0
  for (let row = 0; row < count; row++) {
    const start = startOf(fields, row)
    const packedEnd = endOf(fields, row)
    let value: i64 = 0
    if (isNull(text, start, packedEnd, control)) {
      clearBit(validity, first + row)
      nulls++
    } else {
      const end = packedEnd >> 2
      const sign = load<u8>(text + <usize>start)
      const negative = sign == 45
      const from = start + <i32>(negative || sign == 43)
      let number = NO_NUMBER
      const whole = end - from - scale - 1
      if (whole > 0 && whole + scale <= 18 && scale > 0 && load<u8>(text + <usize>(end - scale - 1)) == 46) {
        const high = digits(text + <usize>(end - scale - 1), whole)
        const low = digits(text + <usize>end, scale)
        if (high != NO_NUMBER && low != NO_NUMBER) number = high * unit + low
      } else if (end > from && end - from + scale <= 18) {
        number = digits(text + <usize>end, end - from)
        if (number != NO_NUMBER) number *= unit
      }
      if (number == NO_NUMBER) number = plainDecimal(text + <usize>from, end - from, scale)
      if (number >= limit || (packedEnd & mask) != wanted) oddCount = noteOdd(odd, oddCount, row)
      else value = negative ? 0 - <i64>number : <i64>number
    }
    const index = <usize>(first + row)
    if (precision <= 18) store<i64>(values + (index << 3), value)
    else {
      store<i64>(values + (index << 4), value)
      store<i64>(values + (index << 4) + 8, value >> 63)
    }
  }
  store<i32>(control + NULL_COUNT, load<i32>(control + NULL_COUNT) + nulls)
  return oddCount
}

/** Digits with at most one point and no more than `scale` digits behind it; NO_NUMBER for anything else. */
function plainDecimal(text: usize, length: i32, scale: i32): u64 {
  let value: u64 = 0
  let fraction = -1
  let seen = 0
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(text + <usize>i)
    const digit = <u32>byte - 48
    if (digit <= 9) {
      value = value * 10 + <u64>digit
      seen++
      if (fraction >= 0) fraction++
    } else if (byte == 46 && fraction < 0) fraction = 0
    else return NO_NUMBER
    if (seen > 18) return NO_NUMBER
  }
  const missing = scale - max(fraction, 0)
  if (seen == 0 || missing < 0 || seen + missing > 18) return NO_NUMBER
  return value * powerOfTen(missing)
}

/**
 * Doubles (or floats, `width` 4) in plain notation with up to 15 digits: those a division of two exact
 * numbers gives exactly rounded. `powers` holds 10^0 … 10^22 as float64.
 */
export function textDoubles(
  text: usize,
  fields: usize,
  count: i32,
  first: i32,
  values: usize,
  validity: usize,
  control: usize,
  odd: usize,
  width: i32,
): i32 {
  const mask = load<i32>(control + FLAG_MASK)
  const wanted = load<i32>(control + FLAG_WANTED)
  const powers = <usize>load<u32>(control + EXTRA)
  const points = i8x16.splat(46)
  let oddCount = 0
  let nulls = 0
  for (let row = 0; row < count; row++) {
    const start = startOf(fields, row)
    const packedEnd = endOf(fields, row)
    let value: f64 = 0
    if (isNull(text, start, packedEnd, control)) {
      clearBit(validity, first + row)
      nulls++
    } else {
      const end = text + <usize>(packedEnd >> 2)
      let from = text + <usize>start
      const sign = load<u8>(from)
      const negative = sign == 45
      if (negative || sign == 43) from++
      const length = <i32>(end - from)
      let number = NO_NUMBER
      let scale = 0
      if (length > 0 && length <= 16) {
        const point = <i32>ctz(i8x16.bitmask(i8x16.eq(v128.load(from), points)) | 0x10000)
        if (point >= length) {
          if (length <= 15) number = digits(end, length)
        } else {
          scale = length - point - 1
          const high = point > 0 ? digits(from + <usize>point, point) : 0
          const low = scale > 0 ? digits(end, scale) : 0
          const power = <u64>load<f64>(powers + ((<usize>scale) << 3))
          if (length > 1 && high != NO_NUMBER && low != NO_NUMBER) number = high * power + low
        }
      }
      if (number == NO_NUMBER || (packedEnd & mask) != wanted) {
        oddCount = noteOdd(odd, oddCount, row)
      } else {
        value = <f64>number
        if (scale > 0) value = value / load<f64>(powers + ((<usize>scale) << 3))
        if (negative) value = -value
      }
    }
    const index = <usize>(first + row)
    if (width == 8) store<f64>(values + (index << 3), value)
    else store<f32>(values + (index << 2), <f32>value)
  }
  store<i32>(control + NULL_COUNT, load<i32>(control + NULL_COUNT) + nulls)
  return oddCount
}

/** `true` and `false` in any case, as bits; all bits of `values` are zero before. */
export function textBooleans(
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
    if (isNull(text, start, packedEnd, control)) {
      clearBit(validity, first + row)
      nulls++
      continue
    }
    const length = (packedEnd >> 2) - start
    const word = load<u64>(text + <usize>start) | 0x2020202020202020
    if ((packedEnd & mask) != wanted) oddCount = noteOdd(odd, oddCount, row)
    else if (length == 4 && (word & 0xffffffff) == 0x65757274) {
      const at = values + (<usize>((first + row) >> 3))
      store<u8>(at, load<u8>(at) | <u8>((<i32>1) << ((first + row) & 7)))
    } else if (length != 5 || (word & 0xffffffffff) != 0x65736c6166)
      oddCount = noteOdd(odd, oddCount, row)
  }
  store<i32>(control + NULL_COUNT, load<i32>(control + NULL_COUNT) + nulls)
  return oddCount
}
