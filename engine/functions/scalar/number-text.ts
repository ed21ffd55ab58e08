const scratch = new DataView(new ArrayBuffer(8))

/** How a digit that lies halfway is decided. */
export type Halfway = 'half-up' | 'half-even'

/**
 * A number from 0 on with exactly so many digits after the point. `half-up` looks at the shortest text, as
 * Java's Formatter.
 */
export function fixedDecimals(value: number, digits: number, halfway: Halfway): string {
  const [unscaled, scale] = halfway === 'half-up' ? shortestDecimal(value) : exactDecimal(value)
  return plainDecimal(unscaled, scale, digits, halfway)
}

/** An unscaled number from 0 on with exactly so many digits after the point. */
export function plainDecimal(unscaled: bigint, scale: number, digits: number, halfway: Halfway): string {
  const text = String(roundTo(unscaled, scale, digits, halfway)).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** The unscaled value at another scale. */
export function roundTo(unscaled: bigint, scale: number, digits: number, halfway: Halfway): bigint {
  if (digits >= scale) return unscaled * 10n ** BigInt(digits - scale)
  const divisor = 10n ** BigInt(scale - digits)
  const whole = unscaled / divisor
  const twice = 2n * (unscaled % divisor)
  const isUp = twice > divisor || (twice === divisor && (halfway === 'half-up' || whole % 2n === 1n))
  return isUp ? whole + 1n : whole
}

/** `1.234568e+04` */
export function scientific(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits).split('e') as [string, string]
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

/** `1,234,567.89` */
export function groupDigits(text: string, size = 3): string {
  const [whole, fraction] = text.split('.') as [string, string | undefined]
  let grouped = ''
  for (let at = whole.length; at > 0; at -= size)
    grouped = `${whole.slice(Math.max(0, at - size), at)}${grouped === '' ? '' : ','}${grouped}`
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** The decimal that the shortest text of a float names. */
function shortestDecimal(value: number): readonly [bigint, number] {
  const [mantissa, exponent = '0'] = String(value).split('e') as [string, string | undefined]
  const [whole, fraction = ''] = mantissa.split('.') as [string, string | undefined]
  const scale = fraction.length - Number(exponent)
  const unscaled = BigInt(whole + fraction)
  return scale < 0 ? [unscaled * 10n ** BigInt(-scale), 0] : [unscaled, scale]
}

/** The decimal that a float is, to the last digit. */
export function exactDecimal(value: number): readonly [bigint, number] {
  scratch.setFloat64(0, value)
  const bits = scratch.getBigUint64(0)
  const exponentBits = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = exponentBits === 0 ? fraction : fraction | (1n << 52n)
  const exponent = Math.max(1, exponentBits) - 1075
  // m / 2^k is m * 5^k / 10^k.
  return exponent >= 0 ? [mantissa << BigInt(exponent), 0] : [mantissa * 5n ** BigInt(-exponent), -exponent]
}
