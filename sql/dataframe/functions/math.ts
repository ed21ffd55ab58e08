import type { ColumnOf, NumericColumn } from '../column-types.ts'
import { define } from '../define-function.ts'
import type {
  Any,
  AnyResult,
  BooleanResult,
  Bytes,
  DoubleResult,
  IntResult,
  LongResult,
  Num,
  OrDynamic,
  Rounded,
  Same,
  StringResult,
  Text,
  TypeOf,
  Unary,
  Whole,
} from '../function-types.ts'
import type { Double, Int, Int64 } from '../row-types.ts'

/** The amount without sign; overflow of the smallest integer is an error. */
export const abs: Same<Num> = define('abs')

/** With the other sign. */
export const negative: Same<Num> = define('negative')

/** As it is. */
export const positive: Same<Num> = define('positive')

/** Square root; NaN of negative numbers. */
export const sqrt: Unary<Num, Double> = define('sqrt')

/** Cube root. */
export const cbrt: Unary<Num, Double> = define('cbrt')

/** e to the power. */
export const exp: Unary<Num, Double> = define('exp')

/** `exp(x) - 1`, exact for small x. */
export const expm1: Unary<Num, Double> = define('expm1')

/** Natural logarithm; NULL of zero and below. */
export const ln: Unary<Num, Double> = define('ln')

/** Logarithm to base 2. */
export const log2: Unary<Num, Double> = define('log2')

/** Logarithm to base 10. */
export const log10: Unary<Num, Double> = define('log10')

/** `ln(1 + x)`, exact for small x. */
export const log1p: Unary<Num, Double> = define('log1p')

/** Sine. */
export const sin: Unary<Num, Double> = define('sin')

/** Cosine. */
export const cos: Unary<Num, Double> = define('cos')

/** Tangent. */
export const tan: Unary<Num, Double> = define('tan')

/** Cotangent. */
export const cot: Unary<Num, Double> = define('cot')

/** Secant. */
export const sec: Unary<Num, Double> = define('sec')

/** Cosecant. */
export const csc: Unary<Num, Double> = define('csc')

/** Inverse sine. */
export const asin: Unary<Num, Double> = define('asin')

/** Inverse cosine. */
export const acos: Unary<Num, Double> = define('acos')

/** Inverse tangent. */
export const atan: Unary<Num, Double> = define('atan')

/** Hyperbolic sine. */
export const sinh: Unary<Num, Double> = define('sinh')

/** Hyperbolic cosine. */
export const cosh: Unary<Num, Double> = define('cosh')

/** Hyperbolic tangent. */
export const tanh: Unary<Num, Double> = define('tanh')

/** Inverse hyperbolic sine. */
export const asinh: Unary<Num, Double> = define('asinh')

/** Inverse hyperbolic cosine. */
export const acosh: Unary<Num, Double> = define('acosh')

/** Inverse hyperbolic tangent. */
export const atanh: Unary<Num, Double> = define('atanh')

/** Radians as degrees. */
export const degrees: Unary<Num, Double> = define('degrees')

/** Degrees as radians. */
export const radians: Unary<Num, Double> = define('radians')

/** The nearest whole number, as a double; halves to even. */
export const rint: Unary<Num, Double> = define('rint')

/** -1, 0 or 1. */
export const signum: Unary<Num, Double> = define('signum')

/** The same as `signum`. */
export const sign: Unary<Num, Double> = define('sign')

/** Logarithm to a base; with one argument the natural one. */
export const log: (base: Num | number, value?: Num) => DoubleResult = define('log')

/** Angle of a point. */
export const atan2: (y: Num | number, x: Num | number) => DoubleResult = define('atan2')

/** Length of the diagonal. */
export const hypot: (a: Num | number, b: Num | number) => DoubleResult = define('hypot')

/** Power, as a double. */
export const power: (base: Num | number, exponent: Num | number) => DoubleResult = define('power')

/** The same as `power`. */
export const pow: (base: Num | number, exponent: Num | number) => DoubleResult = define('pow')

/** Remainder that is never negative. */
export const pmod: (dividend: Num | number, divisor: Num | number) => AnyResult = define('pmod')

/** The next whole number above. */
export const ceil: <A extends Num>(value: A) => ColumnOf<OrDynamic<Rounded<TypeOf<A>>>> = define('ceil')

/** The same as `ceil`. */
export const ceiling: <A extends Num>(value: A) => ColumnOf<OrDynamic<Rounded<TypeOf<A>>>> = define('ceiling')

/** The next whole number below. */
export const floor: <A extends Num>(value: A) => ColumnOf<OrDynamic<Rounded<TypeOf<A>>>> = define('floor')

/** Rounded to digits after the point, halves away from zero. */
export const round: <A extends Num>(value: A, scale?: number) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('round')

/** Rounded to digits after the point, halves to even. */
export const bround: <A extends Num>(value: A, scale?: number) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('bround')

/** The largest value that is not NULL. */
export const greatest: <A extends Any>(...values: readonly A[]) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('greatest')

/** The smallest value that is not NULL. */
export const least: <A extends Any>(...values: readonly A[]) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('least')

/** Product of 1 to n; NULL beyond 20. */
export const factorial: Unary<Num, Int64> = define('factorial')

/** Binary digits of a whole number. */
export const bin: Unary<Num, string> = define('bin')

/** Hexadecimal digits of a number, text or bytes. */
export const hex: Unary<Any, string> = define('hex')

/** Bytes of hexadecimal digits. */
export const unhex: (text: Text) => AnyResult = define('unhex')

/** A number as text in another base. */
export const conv: (number: Text, from: number, to: number) => StringResult = define('conv')

/** Ones among the bits. */
export const bitCount: Unary<Any, Int> = define('bit_count')

/** The bit at a position. */
export const bitGet: (value: Num, position: Whole) => IntResult = define('bit_get')

/** The same as `bitGet`. */
export const getbit: (value: Num, position: Whole) => IntResult = define('getbit')

/** Bits moved left. */
export const shiftleft: <A extends Num>(value: A, bits: number) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('shiftleft')

/** Bits moved right, the sign kept. */
export const shiftright: <A extends Num>(value: A, bits: number) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('shiftright')

/** Bits moved right, zeros from the left. */
export const shiftrightunsigned: <A extends Num>(value: A, bits: number) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('shiftrightunsigned')

/** `+` that gives NULL on overflow. */
export const tryAdd: (left: Any, right: Any) => AnyResult = define('try_add')

/** `-` that gives NULL on overflow. */
export const trySubtract: (left: Any, right: Any) => AnyResult = define('try_subtract')

/** `*` that gives NULL on overflow. */
export const tryMultiply: (left: Any, right: Any) => AnyResult = define('try_multiply')

/** `%` that gives NULL on division by zero. */
export const tryMod: (left: Any, right: Any) => AnyResult = define('try_mod')

/** Remainder with the sign of the dividend. */
export const mod: (dividend: Num | number, divisor: Num | number) => AnyResult = define('mod')

/** `/` that gives NULL on division by zero. */
export const tryDivide: (left: Any, right: Any) => AnyResult = define('try_divide')

/** Random numbers from 0 to below 1. */
export const rand: (seed?: number) => DoubleResult = define('rand')

/** The same as `rand`. */
export const random: (seed?: number) => DoubleResult = define('random')

/** Random numbers of the standard normal distribution. */
export const randn: (seed?: number) => DoubleResult = define('randn')

/** Number of the bucket of a histogram of equal widths. */
export const widthBucket: (value: Num, low: Num | number, high: Num | number, buckets: Whole) => LongResult =
  define('width_bucket')

/** Whether a double is NaN. */
export const isnan: (value: Num) => BooleanResult = define('isnan')

/** With thousands separators and digits after the point. */
export const formatNumber: (value: Num, format: number | string) => StringResult = define('format_number', 1)

/** Euler's number. */
export const e: () => DoubleResult = define('e')

/** The circle's number. */
export const pi: () => DoubleResult = define('pi')

/** Checksum of bytes. */
export const crc32: Unary<Bytes, Int64> = define('crc32')

/** Murmur3 hash, as Spark partitions by. */
export const hash: (...values: readonly Any[]) => NumericColumn<Int> = define('hash')

/** 64-bit hash. */
export const xxhash64: (...values: readonly Any[]) => NumericColumn<Int64> = define('xxhash64')

/** MD5 digest in hexadecimal digits. */
export const md5: Unary<Bytes, string> = define('md5')

/** SHA-1 digest in hexadecimal digits. */
export const sha1: Unary<Bytes, string> = define('sha1')

/** The same as `sha1`. */
export const sha: Unary<Bytes, string> = define('sha')

/** SHA-2 digest of 224, 256, 384 or 512 bits in hexadecimal digits. */
export const sha2: (value: Bytes, bits: number) => StringResult = define('sha2')

/** A random UUID. */
export const uuid: () => StringResult = define('uuid')

/** Different numbers that grow with the rows of a partition. */
export const monotonicallyIncreasingId: () => NumericColumn<Int64> = define('monotonically_increasing_id')
