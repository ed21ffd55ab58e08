import { divideHalfUp, powerOfTen } from '../../types/index.ts'

/** The integer that a text names, of any size; undefined if it is none. */
export function parseInteger(text: string): bigint | undefined {
  const trimmed = text.trim()
  return /^[+-]?\d+$/.test(trimmed) ? BigInt(trimmed.replace('+', '')) : undefined
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/

/** The float that a text names, with `NaN`, `Infinity` and `inf` in any case; undefined if it is none. */
export function parseFloat64(text: string): number | undefined {
  const trimmed = text.trim()
  if (FLOAT.test(trimmed)) return Number(trimmed.replace(/[dDfF]$/, ''))
  switch (trimmed.toLowerCase()) {
    case 'nan':
      return Number.NaN
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY
    default:
      return undefined
  }
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** The decimal that a text names, unscaled at `scale` and rounded half up; undefined if it is none. */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = DECIMAL.exec(text.trim())
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(`${whole}${fraction}`)
  const shift = scale - fraction.length + Number(exponent)
  let value: bigint
  // Far beyond any type: no use computing with thousands of digits.
  if (shift > 77) value = digits === 0n ? 0n : powerOfTen(77)
  else if (shift >= 0) value = digits * powerOfTen(shift)
  else value = -shift > whole.length + fraction.length + 1 ? 0n : divideHalfUp(digits, 10n ** BigInt(-shift))
  return sign === '-' ? -value : value
}

/** A float as an unscaled decimal, through its shortest text; undefined for NaN and infinities. */
export function decimalOfFloat(value: number, scale: number): bigint | undefined {
  return Number.isFinite(value) ? parseDecimal(String(value), scale) : undefined
}

const TRUE_TEXTS = new Set(['t', 'true', 'y', 'yes', '1'])
const FALSE_TEXTS = new Set(['f', 'false', 'n', 'no', '0'])

/** The boolean that a text names; undefined if it is none. */
export function parseBoolean(text: string): boolean | undefined {
  const lower = text.trim().toLowerCase()
  return TRUE_TEXTS.has(lower) ? true : FALSE_TEXTS.has(lower) ? false : undefined
}
