import { EngineError } from '../../errors.ts'
import {
  type DataType,
  type DecimalType,
  decimalFor,
  isFloat,
  isInteger,
  powerOfTen,
  rescale,
  types,
  type Value,
} from '../../types/index.ts'
import type { CallContext, ScalarFunction, Signature } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'
import { arithmeticOverflow } from './arithmetic-error.ts'
import { decimalOverflow, fitsPrecision } from './decimal-arithmetic.ts'
import { decimalOfFloat } from './parse-number.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: true } as const

/** How a value between two steps is rounded. */
type Mode = 'half-up' | 'half-even' | 'ceil' | 'floor'

/** round, bround, ceil and floor: exact on decimals, and on floats by their shortest text. */
export const roundingFunctions: readonly ScalarFunction[] = [
  rounding(
    'round',
    'half-up',
    'round(x[, digits]) - x rounded, halves away from zero; negative digits round tens, hundreds ...',
  ),
  rounding('bround', 'half-even', 'bround(x[, digits]) - x rounded, halves to even'),
  whole('ceil', 'ceil', 'ceil(x[, digits]) - the smallest whole number not below x', ['ceiling']),
  whole('floor', 'floor', 'floor(x[, digits]) - the largest whole number not above x'),
]

function rounding(name: string, mode: Mode, usage: string): ScalarFunction {
  return {
    ...plain,
    name,
    usage,
    resolve: (args, literals) => resolveRound(name, args, literals),
    bind: (call) => rounder(call, mode),
  }
}

function whole(name: string, mode: Mode, usage: string, aliases: readonly string[] = []): ScalarFunction {
  return {
    ...plain,
    name,
    aliases,
    usage,
    resolve: (args, literals) => resolveWhole(name, args, literals),
    bind: (call) => {
      if (call.argTypes.length === 2 || call.returns.kind === 'decimal') return rounder(call, mode)
      if (call.argTypes[0]!.kind === 'int64') return (value: bigint) => value
      const round = mode === 'ceil' ? Math.ceil : Math.floor
      return (value: number) => {
        const rounded = round(value)
        // As Java's cast does: NaN is 0 and what lies beyond is the bound.
        if (Number.isNaN(rounded)) return 0n
        if (rounded >= 2 ** 63) return 2n ** 63n - 1n
        return rounded <= -(2 ** 63) ? -(2n ** 63n) : BigInt(rounded)
      }
    },
  }
}

function digitsOf(name: string, args: readonly DataType[], literals: readonly (Value | undefined)[]): number {
  checkCount(name, args.length, 1, 2)
  if (args.length === 1) return 0
  const digits = literals[1]
  if (typeof digits !== 'number' && typeof digits !== 'bigint')
    throw new EngineError('DATATYPE_MISMATCH', `argument 2 of "${name}" must be an integer constant`)
  return Number(digits)
}

function resolveRound(
  name: string,
  args: readonly DataType[],
  literals: readonly (Value | undefined)[],
): Signature {
  const digits = digitsOf(name, args, literals)
  const [type] = args
  const rest = args.slice(1).map(() => types.int32)
  if (type!.kind === 'decimal')
    return { args: [type!, ...rest], returns: roundedDecimal(type as DecimalType, digits) }
  if (isInteger(type!) || isFloat(type!)) return { args: [type!, ...rest], returns: type! }
  if (type!.kind === 'string' || type!.kind === 'null')
    return { args: [types.float64, ...rest], returns: types.float64 }
  throw mismatch(name, args, 'a number')
}

/** One more digit before the point, for what rounds up into it. */
function roundedDecimal({ precision, scale }: DecimalType, digits: number): DecimalType {
  const integerDigits = precision - scale + 1
  if (digits < 0)
    return { kind: 'decimal', precision: Math.min(38, Math.max(integerDigits, 1 - digits)), scale: 0 }
  const kept = Math.min(scale, digits)
  return { kind: 'decimal', precision: Math.min(38, integerDigits + kept), scale: kept }
}

function resolveWhole(
  name: string,
  args: readonly DataType[],
  literals: readonly (Value | undefined)[],
): Signature {
  const digits = digitsOf(name, args, literals)
  const [type] = args
  if (args.length === 2) {
    const source =
      type!.kind === 'string' || type!.kind === 'null' ? decimalFor(types.float64) : decimalFor(type!)
    if (source === undefined) throw mismatch(name, args, 'a number')
    return { args: [source, types.int32], returns: roundedDecimal(source, digits) }
  }
  if (type!.kind === 'decimal') {
    const { precision, scale } = type as DecimalType
    return {
      args: [type!],
      returns: {
        kind: 'decimal',
        precision: scale === 0 ? precision : Math.min(38, precision - scale + 1),
        scale: 0,
      },
    }
  }
  if (isInteger(type!)) return { args: [types.int64], returns: types.int64 }
  if (isFloat(type!) || type!.kind === 'string' || type!.kind === 'null')
    return { args: [types.float64], returns: types.int64 }
  throw mismatch(name, args, 'a number')
}

function rounder({ argTypes, returns }: CallContext, mode: Mode): (value: never, digits?: number) => Value {
  const type = argTypes[0]!
  if (type.kind === 'decimal' && returns.kind === 'decimal')
    return (value: bigint, digits = 0) => {
      const rounded = roundUnscaled(value, type.scale, digits, mode)
      const result = rescale(rounded, Math.max(digits, 0), returns.scale)
      if (!fitsPrecision(result, returns.precision)) throw decimalOverflow(result, returns.scale, returns)
      return result
    }
  if (isFloat(type))
    return (value: number, digits = 0) => roundFloat(value, digits, mode, type.kind === 'float32')
  const bits = type.kind === 'int64' ? 64 : type.kind === 'int32' ? 32 : type.kind === 'int16' ? 16 : 8
  return (value: number | bigint, digits = 0) => {
    if (digits >= 0) return value
    const rounded = roundUnscaled(BigInt(value), 0, digits, mode)
    if (BigInt.asIntN(bits, rounded) !== rounded)
      throw arithmeticOverflow(type.kind === 'int64' ? 'bigint' : 'int')
    return type.kind === 'int64' ? rounded : Number(rounded)
  }
}

/** The value at `digits` digits after the point; negative digits keep scale 0. */
function roundUnscaled(value: bigint, scale: number, digits: number, mode: Mode): bigint {
  if (digits >= scale) return value * powerOfTen(Math.min(digits - scale, 77))
  const dropped = scale - digits
  if (dropped > 77) return 0n
  const step = powerOfTen(dropped)
  const quotient = divideBy(value, step, mode)
  return digits < 0 ? quotient * powerOfTen(-digits) : quotient
}

function divideBy(value: bigint, step: bigint, mode: Mode): bigint {
  const quotient = value / step
  const rest = value % step
  if (rest === 0n) return quotient
  const away = value < 0n ? quotient - 1n : quotient + 1n
  if (mode === 'ceil') return value > 0n ? away : quotient
  if (mode === 'floor') return value < 0n ? away : quotient
  const twice = (rest < 0n ? -rest : rest) * 2n
  if (twice > step || (twice === step && (mode === 'half-up' || quotient % 2n !== 0n))) return away
  return quotient
}

function roundFloat(value: number, digits: number, mode: Mode, isSingle: boolean): number {
  if (!Number.isFinite(value) || digits > 300) return value
  const scale = 40
  // Beyond this size a double has no fraction to round, and no text of 40 digits after the point is needed.
  if (Math.abs(value) >= 2 ** 53 && digits >= 0) return value
  const exact = decimalOfFloat(isSingle ? Number(Math.fround(value).toPrecision(9)) : value, scale)!
  const rounded = roundUnscaled(exact, scale, Math.min(digits, scale), mode)
  const result = Number(`${rounded}e${digits < 0 ? 0 : -Math.min(digits, scale)}`)
  return isSingle ? Math.fround(result) : result
}
