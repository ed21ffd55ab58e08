import type { CallExpr, LiteralExpr } from '../../../engine/expr/index.ts'
import { type DataType, isInteger, typesEqual, type Value } from '../../../engine/types/index.ts'
import { literal } from '../predicate.ts'

const MIRRORED: Readonly<Record<string, string>> = {
  ...{ '=': '=', '<=>': '<=>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' },
}

/** Whether a call compares two values. */
export function isComparison(call: CallExpr): boolean {
  return call.args.length === 2 && MIRRORED[call.name] !== undefined
}

/** `5 < x` as `x > 5`. */
export function constantToRight(call: CallExpr): CallExpr {
  const [first, second] = [call.args[0]!, call.args[1]!]
  if (first.kind !== 'literal' || second.kind === 'literal') return call
  return { ...call, name: MIRRORED[call.name]!, args: [second, first] }
}

/**
 * `cast(x AS bigint) < 5L` as `x < 5`: for casts that lose nothing and constants that have an equal in the
 * narrower type. So sources can skip by the column itself. Also for IN with such constants.
 */
export function withoutCast(call: CallExpr): CallExpr {
  const [first, ...constants] = call.args
  if (first?.kind !== 'cast' || !isExact(first.input.type, first.type)) return call
  const { input } = first
  const narrowed: LiteralExpr[] = []
  for (const constant of constants) {
    const value = constant.kind === 'literal' ? narrow(constant, input.type) : undefined
    if (value === undefined) return call
    narrowed.push(literal(value, input.type))
  }
  return { ...call, args: [input, ...narrowed] }
}

const INTEGER_BITS: Readonly<Record<string, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 }

/** Whether every value of a type is there in another, in the same order. */
function isExact(from: DataType, to: DataType): boolean {
  if (isInteger(from) && isInteger(to)) return INTEGER_BITS[from.kind]! <= INTEGER_BITS[to.kind]!
  if (isInteger(from) && to.kind === 'decimal')
    return to.precision - to.scale >= String(2n ** BigInt(INTEGER_BITS[from.kind]! - 1)).length
  if (isInteger(from) && to.kind === 'float64') return INTEGER_BITS[from.kind]! <= 32
  if (from.kind === 'decimal' && to.kind === 'decimal')
    return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale
  return false
}

/** The same number in a narrower type; undefined if it has none there. */
function narrow({ value, type }: LiteralExpr, to: DataType): Value | undefined {
  if (value === null) return null
  if (typesEqual(type, to)) return value
  const exact = toScaled(value, type)
  if (exact === undefined) return undefined
  if (to.kind === 'decimal') {
    const unscaled = rescale(exact, to.scale)
    return unscaled === undefined || abs(unscaled) >= 10n ** BigInt(to.precision) ? undefined : unscaled
  }
  const whole = rescale(exact, 0)
  const bits = INTEGER_BITS[to.kind]
  if (whole === undefined || bits === undefined || BigInt.asIntN(bits, whole) !== whole) return undefined
  return to.kind === 'int64' ? whole : Number(whole)
}

interface Scaled {
  readonly unscaled: bigint
  readonly scale: number
}

function toScaled(value: Value, type: DataType): Scaled | undefined {
  if (type.kind === 'decimal') return { unscaled: value as bigint, scale: type.scale }
  if (typeof value === 'bigint') return { unscaled: value, scale: 0 }
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
    return { unscaled: BigInt(value), scale: 0 }
  return undefined
}

function rescale({ unscaled, scale }: Scaled, to: number): bigint | undefined {
  if (to >= scale) return unscaled * 10n ** BigInt(to - scale)
  const divisor = 10n ** BigInt(scale - to)
  return unscaled % divisor === 0n ? unscaled / divisor : undefined
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
