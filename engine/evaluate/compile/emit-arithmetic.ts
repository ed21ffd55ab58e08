import type { CallExpr, CastExpr, Expr } from '../../expr/index.ts'
import { type DataType, isInteger, powerOfTen, typesEqual } from '../../types/index.ts'
import { op, wasm } from '../../wasm/index.ts'
import { boundsOf, EmitError, type Emitted, type FloatValue, formOf, type IntValue } from './emitted.ts'
import type { RowCode } from './row-code.ts'
import { type AnyInt, addInts, multiplyInts, within } from './wide.ts'

/** Whether all types are decimals, or one and the same integer type, or one float type. */
export function areNumbers(args: readonly Expr[], returns: DataType): boolean {
  if (args.every(({ type }) => type.kind === 'decimal')) return returns.kind === 'decimal'
  const isPlain = args.every(({ type }) => isInteger(type) || formOf(type) === 'float')
  return isPlain && args.every(({ type }) => typesEqual(type, returns))
}

/** `date + days`, `date - days`. */
export function shiftsDate(args: readonly Expr[]): boolean {
  return args[0]!.type.kind === 'date' && args[1]!.type.kind === 'int32'
}

/**
 * a + b, a - b, a * b by the rules of the type that the call returns; a row that overflows ends the function.
 */
export function emitArithmetic(expr: CallExpr, values: readonly Emitted[], row: RowCode): Emitted {
  const [a, b] = values as [Emitted, Emitted]
  if (a.kind === 'float' && b.kind === 'float') return emitFloat(expr, a, b, row)
  const [x, y] = [intOf(a), intOf(b)]
  if (expr.name === '*') {
    const scale = scaleOf(expr.args[0]!.type) + scaleOf(expr.args[1]!.type)
    return fit(rescale(multiplyInts(x, y, row), scale, scaleOf(expr.type), row), expr.type, row)
  }
  const scale = Math.max(scaleOf(expr.args[0]!.type), scaleOf(expr.args[1]!.type))
  const left = rescale(x, scaleOf(expr.args[0]!.type), scale, row)
  const right = rescale(y, scaleOf(expr.args[1]!.type), scale, row)
  const sum = addInts(expr.name === '+' ? '+' : '-', left, right, row)
  return fit(rescale(sum, scale, scaleOf(expr.type), row), expr.type, row)
}

/** A value of form `int`. */
export function intOf(value: Emitted): AnyInt {
  if (value.kind !== 'int' && value.kind !== 'wide') throw new EmitError(value.kind)
  return value
}

/** A value of form `float`. */
export function floatOf(value: Emitted): FloatValue {
  if (value.kind !== 'float') throw new EmitError(value.kind)
  return value
}

function scaleOf(type: DataType): number {
  return type.kind === 'decimal' ? type.scale : 0
}

/** The value within the bounds of its type. */
function fit(value: AnyInt, type: DataType, row: RowCode): AnyInt {
  return within(value, boundsOf(type), row)
}

/** An unscaled decimal at another scale; fewer digits are rounded half away from zero. */
function rescale(value: AnyInt, from: number, to: number, row: RowCode): AnyInt {
  if (from === to) return value
  if (to > from) return multiplyInts(value, row.constant(powerOfTen(to - from)), row)
  if (value.kind === 'wide') throw new EmitError('rounding beyond 64 bits')
  const factor = powerOfTen(from - to)
  const half = factor / 2n
  const bounds = { least: value.least - half, most: value.most + half }
  if (bounds.least < -(1n << 63n) || bounds.most >= 1n << 63n) throw new EmitError('rounding beyond 64 bits')
  row.push(value).i64(half).i64(-half)
  row.push(value).i64(0n).emit(op.i64GeS, op.select, op.i64Add).i64(factor).emit(op.i64DivS)
  return row.int(bounds.least / factor, bounds.most / factor, value.valid)
}

const FLOAT_OPS: Readonly<Record<string, number>> = {
  '+': op.f64Add,
  '-': op.f64Sub,
  '*': op.f64Mul,
  '/': op.f64Div,
}

function emitFloat(expr: CallExpr, a: FloatValue, b: FloatValue, row: RowCode): Emitted {
  const { code } = row
  const valid = row.both(a.valid, b.valid)
  if (expr.name === '/') {
    code.get(b.local).f64(0).emit(op.f64Eq)
    if (valid !== null) code.get(valid).emit(op.i32And)
    row.failIf()
  }
  code.get(a.local).get(b.local).emit(FLOAT_OPS[expr.name]!)
  return keepFloat(expr.type, valid, row)
}

/** Keeps the f64 on the stack as a value of a float type. */
export function keepFloat(type: DataType, valid: number | null, row: RowCode): FloatValue {
  if (type.kind === 'float32') row.code.emit(op.f32DemoteF64, op.f64PromoteF32)
  return { kind: 'float', local: row.keep(wasm.f64), valid }
}

/** negative(x) and abs(x). */
export function emitSign(expr: CallExpr, values: readonly Emitted[], row: RowCode): Emitted {
  const [value] = values as [Emitted]
  if (value.kind === 'float') {
    row.code.get(value.local).emit(expr.name === 'abs' ? op.f64Abs : op.f64Neg)
    return keepFloat(expr.type, value.valid, row)
  }
  const int = intOf(value)
  if (int.kind === 'wide') throw new EmitError(expr.name)
  const zero = row.constant(0n)
  const negated = addInts('-', zero, int, row)
  if (expr.name === 'negative') return fit(negated, expr.type, row)
  if (negated.kind === 'wide') throw new EmitError('abs')
  row.push(negated)
  row.push(int)
  row.push(int).i64(0n).emit(op.i64LtS, op.select)
  const most = -int.least > int.most ? -int.least : int.most
  return fit(row.int(0n, most, int.valid), expr.type, row)
}

/** Whether `emitCast` has a form for it. */
export function canEmitCast({ input, type, safe }: CastExpr): boolean {
  const [from, to] = [formOf(input.type), formOf(type)]
  if (safe || from === null || to === null) return false
  if (typesEqual(input.type, type)) return true
  const isExact = (each: DataType) => isInteger(each) || each.kind === 'decimal'
  if (isExact(input.type)) return isExact(type) || to === 'float' || to === 'bool'
  if (from === 'float') return to === 'float'
  if (from === 'bool') return isInteger(type)
  return input.type.kind === 'date' && type.kind === 'timestamp_ntz'
}

const MICROS_PER_DAY = 86_400_000_000n

/** Conversion among numbers, booleans and dates; a row whose value does not fit ends the function. */
export function emitCast(expr: CastExpr, value: Emitted, row: RowCode): Emitted {
  const [from, to] = [expr.input.type, expr.type]
  if (typesEqual(from, to)) return value
  if (value.kind === 'bool') {
    row.code.get(value.local).emit(op.i64ExtendI32U)
    return row.int(0n, 1n, value.valid)
  }
  if (value.kind === 'float') {
    row.code.get(value.local)
    return keepFloat(to, value.valid, row)
  }
  if (from.kind === 'date') return multiplyInts(value, row.constant(MICROS_PER_DAY), row)
  if (to.kind === 'boolean') {
    if (value.kind === 'wide') throw new EmitError('cast to boolean')
    row.push(value).emit(op.i64Eqz, op.i32Eqz)
    return { kind: 'bool', local: row.keep(wasm.i32), valid: value.valid }
  }
  if (formOf(to) === 'float') return intToFloat(value, scaleOf(from), to, row)
  if (to.kind === 'decimal') return fit(rescale(value, scaleOf(from), to.scale, row), to, row)
  return fit(truncate(value, scaleOf(from), row), to, row)
}

/** The digits before the point. */
function truncate(value: AnyInt, scale: number, row: RowCode): AnyInt {
  if (scale === 0) return value
  if (value.kind === 'wide') throw new EmitError('division beyond 64 bits')
  const factor = powerOfTen(scale)
  if (factor >= 1n << 63n) throw new EmitError('division beyond 64 bits')
  row.push(value).i64(factor).emit(op.i64DivS)
  return row.int(value.least / factor, value.most / factor, value.valid)
}

/** Decimals up to 53 bits and 22 digits: both parts are exact, so that one division rounds correctly. */
function intToFloat(value: AnyInt, scale: number, type: DataType, row: RowCode): Emitted {
  const exact = 1n << 53n
  if (scale > 22) throw new EmitError('a divisor that is not exact')
  const bounds = scale === 0 ? boundsOf({ kind: 'int64' }) : { least: -exact, most: exact }
  // What is within 64 bits is no longer wide.
  row.push(within(value, bounds, row) as IntValue).emit(op.f64ConvertI64S)
  if (scale > 0) row.code.f64(10 ** scale).emit(op.f64Div)
  return keepFloat(type, value.valid, row)
}
