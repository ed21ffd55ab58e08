import { asciiText, fitsPrecision, parseDecimal as parseDecimalText } from '../../functions/index.ts'

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/** Integer text of up to 15 digits, with sign; NaN if it is none or longer. */
export function parseSmallInteger(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  const first = at < end ? bytes[at]! : 0
  if (first === 45 || first === 43) at++
  if (at >= end || end - at > 15) return Number.NaN
  let value = 0
  for (; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return first === 45 ? 0 - value : value
}

/** Integer text of any length, leading zeros too, as int64; null if it is none or out of range. */
export function parseInt64(bytes: Uint8Array, start: number, end: number): bigint | null {
  const negative = bytes[start] === 45
  let at = start < end && (negative || bytes[start] === 43) ? start + 1 : start
  if (at >= end) return null
  for (let i = at; i < end; i++) if (bytes[i]! < 48 || bytes[i]! > 57) return null
  while (at < end - 1 && bytes[at] === 48) at++
  if (end - at > 19) return null
  const value = BigInt(asciiText(bytes, at, end)) * (negative ? -1n : 1n)
  return BigInt.asIntN(64, value) === value ? value : null
}

/**
 * Decimal number text (`-1.5e3`) as the nearest double; NaN if it is none. Up to 15 digits and small
 * exponents are
 * computed exactly from the bytes; the rest goes through `Number`.
 */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  const first = at < end ? bytes[at]! : 0
  if (first === 45 || first === 43) at++
  let mantissa = 0
  let digits = 0
  let scale = 0
  let seen = false
  let point = false
  for (; at < end; at++) {
    const byte = bytes[at]!
    const digit = byte - 48
    if (digit >= 0 && digit <= 9) {
      seen = true
      if (digits > 0 || digit > 0) digits++
      mantissa = mantissa * 10 + digit
      if (point) scale++
    } else if (byte === 46 && !point) point = true
    else break
  }
  if (!seen) return Number.NaN
  if (at < end || digits > 15 || scale > 22) return parseDoubleText(bytes, start, end, at)
  const value = scale === 0 ? mantissa : mantissa / POWERS[scale]!
  return first === 45 ? -value : value
}

/** `at` is where the digits before an exponent end. */
function parseDoubleText(bytes: Uint8Array, start: number, end: number, at: number): number {
  let next = at
  if (next < end) {
    if (bytes[next] !== 101 && bytes[next] !== 69) return Number.NaN
    next++
    if (next < end && (bytes[next] === 43 || bytes[next] === 45)) next++
    if (next >= end) return Number.NaN
    for (; next < end; next++) if (bytes[next]! < 48 || bytes[next]! > 57) return Number.NaN
  }
  return Number(asciiText(bytes, start, end))
}

/** Longer texts are no numbers that a column can hold. */
const MAX_DECIMAL_BYTES = 2000

/**
 * Decimal number text as an integer scaled by 10^scale, rounded half up away from zero; null if it is no
 * number or has more than `precision` digits. Commas between digits are left out, as in Spark.
 */
export function parseDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  precision: number,
  scale: number,
): bigint | null {
  if (end - start > MAX_DECIMAL_BYTES || bytes[start]! <= 32 || bytes[end - 1]! <= 32) return null
  const value = parseDecimalText(asciiText(bytes, start, end).replaceAll(',', ''), scale)
  return value !== undefined && fitsPrecision(value, precision) ? value : null
}

/**
 * The same for numbers of up to 15 digits in plain notation, as a double that holds an integer; NaN if the
 * slow
 * way must decide.
 */
export function parseSmallDecimal(bytes: Uint8Array, start: number, end: number, scale: number): number {
  let at = start
  const first = at < end ? bytes[at]! : 0
  if (first === 45 || first === 43) at++
  if (at >= end || end - at > 16) return Number.NaN
  let value = 0
  let fraction = -1
  let digits = 0
  for (; at < end; at++) {
    const byte = bytes[at]!
    const digit = byte - 48
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      digits++
      if (fraction >= 0) fraction++
    } else if (byte === 46 && fraction < 0) fraction = 0
    else return Number.NaN
  }
  const missing = scale - Math.max(0, fraction)
  if (digits === 0 || missing < 0 || digits + missing > 15) return Number.NaN
  value *= POWERS[missing]!
  return first === 45 ? 0 - value : value
}
