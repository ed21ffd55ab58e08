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

/** Integer text of any length as int64; null if it is none or out of range. */
export function parseInt64(bytes: Uint8Array, start: number, end: number): bigint | null {
  if (end - start > 40 || !isInteger(bytes, start, end)) return parseLongInt64(bytes, start, end)
  const value = BigInt(asciiText(bytes, bytes[start] === 43 ? start + 1 : start, end))
  return BigInt.asIntN(64, value) === value ? value : null
}

/** Leading zeros may make an integer long. */
function parseLongInt64(bytes: Uint8Array, start: number, end: number): bigint | null {
  if (!isInteger(bytes, start, end)) return null
  const negative = bytes[start] === 45
  let at = negative || bytes[start] === 43 ? start + 1 : start
  while (at < end - 1 && bytes[at] === 48) at++
  if (end - at > 20) return null
  const value = BigInt(asciiText(bytes, at, end)) * (negative ? -1n : 1n)
  return BigInt.asIntN(64, value) === value ? value : null
}

function isInteger(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  if (at < end && (bytes[at] === 45 || bytes[at] === 43)) at++
  if (at >= end) return false
  for (; at < end; at++) if (bytes[at]! < 48 || bytes[at]! > 57) return false
  return true
}

/** Text of bytes that are ASCII. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!)
  return text
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

/**
 * Decimal number text as an integer scaled by 10^scale, rounded half up away from zero; null if it is no
 * number or
 * has more than `precision` digits. Commas between digits are left out, as in Spark.
 */
export function parseDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  precision: number,
  scale: number,
): bigint | null {
  if (end - start > 2000) return null
  const text = asciiText(bytes, start, end).replaceAll(',', '')
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/.exec(text)
  if (match === null) return null
  const whole = match[2] ?? ''
  const fraction = match[3] ?? ''
  if (whole === '' && fraction === '') return null
  const exponent = Number(match[4] ?? 0)
  const digits = (whole + fraction).replace(/^0+/, '')
  // The value is digits × 10^(exponent − fraction length); wanted × 10^scale.
  const shift = exponent - fraction.length + scale
  const value = digits === '' ? 0n : shiftDigits(digits, shift, precision)
  if (value === null || String(value).length > precision) return null
  return match[1] === '-' ? -value : value
}

function shiftDigits(digits: string, shift: number, precision: number): bigint | null {
  if (shift >= 0) return digits.length + shift > precision ? null : BigInt(digits) * 10n ** BigInt(shift)
  const kept = digits.length + shift
  if (kept < 0) return 0n
  if (kept > precision) return null
  const value = BigInt(digits.slice(0, kept) || '0')
  return digits.charCodeAt(kept) >= 53 ? value + 1n : value
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
