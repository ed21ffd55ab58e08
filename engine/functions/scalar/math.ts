import { fixedVector, setBit } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { types } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { float64, int32, int64, signature, string, stringOrBinary } from '../signature.ts'
import { operandOf } from './operand.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Functions of doubles, and the notation of numbers. */
export const mathFunctions: readonly ScalarFunction[] = [
  ofDouble('sqrt', 'the square root', Math.sqrt),
  ofDouble('cbrt', 'the cube root', Math.cbrt),
  ofDouble('exp', 'e to the power x', Math.exp),
  ofDouble('expm1', 'e to the power x, less 1', Math.expm1),
  ofDouble('ln', 'the natural logarithm; NULL unless x is positive', Math.log, { above: 0 }),
  ofDouble('log2', 'the logarithm to base 2; NULL unless x is positive', Math.log2, { above: 0 }),
  ofDouble('log10', 'the logarithm to base 10; NULL unless x is positive', Math.log10, { above: 0 }),
  ofDouble('log1p', 'the natural logarithm of 1 + x; NULL unless x is above -1', Math.log1p, { above: -1 }),
  ofDouble('sin', 'the sine', Math.sin),
  ofDouble('cos', 'the cosine', Math.cos),
  ofDouble('tan', 'the tangent', Math.tan),
  ofDouble('cot', 'the cotangent', (x) => 1 / Math.tan(x)),
  ofDouble('sec', 'the secant', (x) => 1 / Math.cos(x)),
  ofDouble('csc', 'the cosecant', (x) => 1 / Math.sin(x)),
  ofDouble('asin', 'the arc sine', Math.asin),
  ofDouble('acos', 'the arc cosine', Math.acos),
  ofDouble('atan', 'the arc tangent', Math.atan),
  ofDouble('sinh', 'the hyperbolic sine', Math.sinh),
  ofDouble('cosh', 'the hyperbolic cosine', Math.cosh),
  ofDouble('tanh', 'the hyperbolic tangent', Math.tanh),
  ofDouble('asinh', 'the inverse hyperbolic sine', Math.asinh),
  ofDouble('acosh', 'the inverse hyperbolic cosine', Math.acosh),
  ofDouble('atanh', 'the inverse hyperbolic tangent', Math.atanh),
  ofDouble('degrees', 'radians as degrees', (x) => (x * 180) / Math.PI),
  ofDouble('radians', 'degrees as radians', (x) => (x / 180) * Math.PI),
  ofDouble('rint', 'the nearest whole number, halves to even', roundHalfEven),
  ofDoubles('atan2', 'atan2(y, x) - the angle of the point (x, y)', Math.atan2),
  ofDoubles('hypot', 'hypot(a, b) - the square root of a² + b²', Math.hypot),
  ofDoubles('power', 'power(a, b) - a to the power b', Math.pow, ['pow']),
  {
    ...plain,
    name: 'log',
    usage: 'log([base, ]x) - the logarithm, natural without a base; NULL unless both are positive',
    resolve: signature('log', [float64, float64], types.float64, { min: 1 }),
    bind: ({ argTypes }) => {
      if (argTypes.length === 1) return (x: number) => (x > 0 ? Math.log(x) : Number.isNaN(x) ? x : null)
      return (base: number, x: number) => (base > 0 && x > 0 ? Math.log(x) / Math.log(base) : null)
    },
  },
  constant('pi', Math.PI),
  constant('e', Math.E),
  {
    ...plain,
    name: 'factorial',
    usage: 'factorial(n) - 1 · 2 · ... · n; NULL unless n lies in 0 to 20',
    resolve: signature('factorial', [int32], types.int64),
    bind: () => (n: number) => {
      if (n < 0 || n > 20) return null
      let product = 1n
      for (let i = 2n; i <= BigInt(n); i++) product *= i
      return product
    },
  },
  {
    ...plain,
    name: 'hex',
    usage: 'hex(value) - an integer, text or binary value in hexadecimal digits',
    resolve: (args) => {
      const kind = args[0]?.kind
      return signature(
        'hex',
        [kind === 'string' || kind === 'binary' ? stringOrBinary : int64],
        types.string,
      )(args, [])
    },
    bind: () => (value: bigint | string | Uint8Array) => {
      if (typeof value === 'bigint') return BigInt.asUintN(64, value).toString(16).toUpperCase()
      return Buffer.from(value as string)
        .toString('hex')
        .toUpperCase()
    },
  },
  {
    ...plain,
    name: 'unhex',
    usage: 'unhex(text) - the bytes of hexadecimal digits; NULL if it holds others',
    resolve: signature('unhex', [string], types.binary),
    bind: () => (text: string) => {
      if (!/^[0-9a-fA-F]*$/.test(text)) return null
      return Buffer.from(text.length % 2 === 1 ? `0${text}` : text, 'hex')
    },
  },
  {
    ...plain,
    name: 'bin',
    usage: 'bin(n) - the integer in binary digits',
    resolve: signature('bin', [int64], types.string),
    bind: () => (value: bigint) => BigInt.asUintN(64, value).toString(2),
  },
  {
    ...plain,
    name: 'conv',
    usage: 'conv(text, from, to) - a number of base `from` in base `to`; a negative base means signed',
    mayFail: true,
    resolve: signature('conv', [string, int32, int32], types.string),
    bind: () => convertBase,
  },
  {
    ...plain,
    name: 'width_bucket',
    usage:
      'width_bucket(value, min, max, count) - which of `count` equal parts of [min, max) holds the value',
    resolve: signature('width_bucket', [float64, float64, float64, int64], types.int64),
    bind: () => widthBucket,
  },
]

function ofDouble(
  name: string,
  text: string,
  compute: (x: number) => number,
  { above }: { above?: number } = {},
): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(x) - ${text}`,
    resolve: signature(name, [float64], types.float64),
    evaluate: ([input], { rowCount, region }) => {
      const { values, step } = operandOf<Float64Array>(input!)
      const out = region.float64(rowCount)
      for (let row = 0; row < rowCount; row++) out[row] = compute(values[row * step]!)
      if (above === undefined) return fixedVector(types.float64, rowCount, out)
      const validity = region.bitmap(rowCount)
      for (let row = 0; row < rowCount; row++) if (!(values[row * step]! <= above)) setBit(validity, row)
      return fixedVector(types.float64, rowCount, out, validity)
    },
  }
}

function ofDoubles(
  name: string,
  usage: string,
  compute: (a: number, b: number) => number,
  aliases: readonly string[] = [],
): ScalarFunction {
  return {
    ...plain,
    name,
    aliases,
    usage,
    resolve: signature(name, [float64, float64], types.float64),
    evaluate: ([a, b], { rowCount, region }) => {
      const left = operandOf<Float64Array>(a!)
      const right = operandOf<Float64Array>(b!)
      const out = region.float64(rowCount)
      for (let row = 0; row < rowCount; row++)
        out[row] = compute(left.values[row * left.step]!, right.values[row * right.step]!)
      return fixedVector(types.float64, rowCount, out)
    },
  }
}

function constant(name: string, value: number): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}() - the number ${value}`,
    resolve: signature(name, [], types.float64),
    bind: () => () => value,
  }
}

/** The nearest whole number, halves to the even one. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : Math.ceil(x)
  return floor % 2 === 0 ? floor : floor + 1
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'

/** As MySQL and Hive do: the longest prefix of digits counts, beyond 64 bits is an error. */
function convertBase(text: string, from: number, to: number): string | null {
  if (from < 2 || from > 36 || Math.abs(to) < 2 || Math.abs(to) > 36) return null
  const trimmed = text.trim().toLowerCase()
  if (trimmed === '') return null
  const isNegative = trimmed.startsWith('-')
  let value = 0n
  for (const character of isNegative ? trimmed.slice(1) : trimmed) {
    const digit = DIGITS.indexOf(character)
    if (digit < 0 || digit >= from) break
    value = value * BigInt(from) + BigInt(digit)
    if (value >= 1n << 64n)
      throw new EngineError(
        'ARITHMETIC_OVERFLOW',
        `the number "${text}" of base ${from} does not fit 64 bits`,
      )
  }
  if (isNegative) value = to > 0 ? BigInt.asUintN(64, -value) : -value
  else if (to < 0) value = BigInt.asIntN(64, value)
  return value.toString(Math.abs(to)).toUpperCase()
}

function widthBucket(value: number, min: number, max: number, count: bigint): bigint | null {
  if (count <= 0n || count === 2n ** 63n - 1n || Number.isNaN(value) || min === max) return null
  if (!Number.isFinite(min) || !Number.isFinite(max)) return null
  const lower = Math.min(min, max)
  const upper = Math.max(min, max)
  const isDescending = min > max
  const buckets = Number(count)
  if (isDescending ? value > upper : value < lower) return 0n
  if (isDescending ? value <= lower : value >= upper) return count + 1n
  const distance = isDescending ? upper - value : value - lower
  return BigInt(Math.trunc((buckets * distance) / (upper - lower))) + 1n
}
