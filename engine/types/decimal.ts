import { EngineError } from '../errors.ts'

/**
 * An exact decimal number, as a program gives and receives it: `Decimal.of('12.50')`.
 * Immutable. Arithmetic is exact; `12.5` and `12.50` are equal though they print differently.
 */
export class Decimal {
  /** The digits without the point: 1250n for 12.50. */
  readonly unscaled: bigint
  /** Digits after the point. */
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** From text such as `-12.50`, an integer, or a number as it prints. INVALID_ARGUMENT for other text. */
  static of(value: string | number | bigint | Decimal): Decimal {
    if (value instanceof Decimal) return value
    if (typeof value === 'bigint') return new Decimal(value, 0)
    const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(String(value))
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? []
    if (match === null || whole + fraction === '')
      throw new EngineError('INVALID_ARGUMENT', `"${String(value)}" is not a decimal number`)
    const scale = fraction.length - Number(exponent)
    const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`)
    return scale >= 0 ? new Decimal(digits, scale) : new Decimal(digits * powerOfTen(-scale), 0)
  }

  /** With all digits of its scale: `12.50`. */
  toString(): string {
    return formatUnscaled(this.unscaled, this.scale)
  }

  /** In JSON a string, so that no digit is lost. */
  toJSON(): string {
    return this.toString()
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.toString())
  }

  plus(other: Decimal | string | number | bigint): Decimal {
    const [a, b, scale] = align(this, Decimal.of(other))
    return new Decimal(a + b, scale)
  }

  minus(other: Decimal | string | number | bigint): Decimal {
    const [a, b, scale] = align(this, Decimal.of(other))
    return new Decimal(a - b, scale)
  }

  times(other: Decimal | string | number | bigint): Decimal {
    const factor = Decimal.of(other)
    return new Decimal(this.unscaled * factor.unscaled, this.scale + factor.scale)
  }

  /** Negative, zero or positive as this is smaller than, equal to or greater than the other. */
  compare(other: Decimal | string | number | bigint): number {
    const [a, b] = align(this, Decimal.of(other))
    return a < b ? -1 : a > b ? 1 : 0
  }

  equals(other: Decimal | string | number | bigint): boolean {
    return this.compare(other) === 0
  }
}

/** An unscaled decimal as text with exactly `scale` digits after the point. */
export function formatUnscaled(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString()
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const POWERS: readonly bigint[] = Array.from({ length: 78 }, (_, exponent) => 10n ** BigInt(exponent))

/** 10 to a power of 0 or more; those of SQL decimals (up to 77, for products) are looked up. */
export function powerOfTen(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent)
}

/** Quotient rounded half away from zero, as decimals round. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const rest = dividend % divisor
  const twice = (rest < 0n ? -rest : rest) * 2n
  if (twice < (divisor < 0n ? -divisor : divisor)) return quotient
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n
}

/** The unscaled value at another scale, rounded half away from zero. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  return to >= from ? unscaled * powerOfTen(to - from) : divideHalfUp(unscaled, powerOfTen(from - to))
}

function align(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale)
  return [rescale(a.unscaled, a.scale, scale), rescale(b.unscaled, b.scale, scale), scale]
}
