import { EngineError } from '../../engine/errors.ts'
import type { Expr, LiteralExpr } from '../../engine/expr/index.ts'
import {
  commonTypeOf,
  type DataType,
  isFloat,
  isInteger,
  typeName,
  typesEqual,
  type Value,
} from '../../engine/types/index.ts'
import type { Position } from '../parser/index.ts'

/** The expression as a value of `type`: itself, a literal of that type, or a cast. */
export function castTo(expr: Expr, type: DataType): Expr {
  if (sameLayout(expr.type, type)) return expr
  if (expr.kind === 'literal') {
    const value = convertLiteral(expr, type)
    if (value !== undefined) return { kind: 'literal', value, type }
  }
  return { kind: 'cast', input: expr, type, safe: false }
}

/** Types that differ at most in the nullability of fields need no cast. */
function sameLayout(from: DataType, to: DataType): boolean {
  return from.kind === to.kind && typesEqual(from, to)
}

/** Conversions of constants that cannot fail; undefined for all others, which stay casts. */
function convertLiteral({ value, type: from }: LiteralExpr, to: DataType): Value | undefined {
  if (value === null) return null
  if (isInteger(from) || from.kind === 'decimal') return convertExact(value as number | bigint, from, to)
  if (isFloat(from) && to.kind === 'float64') return value
  return undefined
}

function convertExact(value: number | bigint, from: DataType, to: DataType): Value | undefined {
  const scale = from.kind === 'decimal' ? from.scale : 0
  if (isFloat(to)) {
    const double = Number(decimalText(BigInt(value), scale))
    return to.kind === 'float32' ? Math.fround(double) : double
  }
  if (to.kind === 'decimal' && to.scale >= scale) {
    const unscaled = BigInt(value) * 10n ** BigInt(to.scale - scale)
    return unscaled < 10n ** BigInt(to.precision) && -unscaled < 10n ** BigInt(to.precision)
      ? unscaled
      : undefined
  }
  if (!isInteger(to) || from.kind === 'decimal') return undefined
  const bits = { int8: 8, int16: 16, int32: 32, int64: 64 }[to.kind as 'int8']
  if (BigInt.asIntN(bits, BigInt(value)) !== BigInt(value)) return undefined
  return to.kind === 'int64' ? BigInt(value) : Number(value)
}

function decimalText(unscaled: bigint, scale: number): string {
  return `${unscaled}e-${scale}`
}

/** All expressions as values of their common type; DATATYPE_MISMATCH if there is none. */
export function castToCommon(exprs: readonly Expr[], what: string, position?: Position): readonly Expr[] {
  const common = commonTypeOf(exprs.map(({ type }) => type))
  if (common === undefined) throw noCommonType(exprs, what, position)
  return exprs.map((expr) => castTo(expr, common))
}

/** DATATYPE_MISMATCH for expressions without a common type. */
export function noCommonType(
  exprs: readonly { type: DataType }[],
  what: string,
  position?: Position,
): EngineError {
  const names = [...new Set(exprs.map(({ type }) => `"${typeName(type)}"`))]
  return new EngineError('DATATYPE_MISMATCH', `${what} have no common type: ${names.join(', ')}`, {
    position,
    hint: 'Cast them to one type with CAST(… AS …).',
  })
}
