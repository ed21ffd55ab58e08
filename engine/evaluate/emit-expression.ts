import type { Expr } from '../expr/index.ts'
import type { DataType } from '../types/index.ts'
import { type FunctionEmitter, op, wasm } from '../wasm/index.ts'

/** What has no WebAssembly form here; the pipeline is then interpreted. */
export class EmitError extends Error {}

/** Where expressions are emitted into: the row's number, and the parameter with each column's address. */
export interface Emission {
  readonly code: FunctionEmitter
  readonly row: number
  readonly pointers: ReadonlyMap<number, number>
}

const COMPARISONS: Readonly<Record<string, number>> = {
  '=': op.i64Eq,
  '<': op.i64LtS,
  '<=': op.i64LeS,
  '>': op.i64GtS,
  '>=': op.i64GeS,
}

/** Leaves an i32 on the stack: whether the condition is TRUE. There are no NULLs. */
export function emitCondition(expr: Expr, emission: Emission): void {
  const comparison = expr.kind === 'call' ? COMPARISONS[expr.name] : undefined
  if (comparison !== undefined && expr.kind === 'call') {
    const [left, right] = [expr.args[0]!, expr.args[1]!]
    if (scaleOf(left.type) !== scaleOf(right.type)) throw new EmitError('scales differ')
    emitValue(left, emission)
    emitValue(right, emission)
    emission.code.emit(comparison)
  } else if (expr.kind === 'call' && expr.name === 'isnotnull' && expr.args[0]!.kind === 'column') {
    emission.code.i32(1)
  } else throw new EmitError('condition')
}

/** Leaves the value as an i64 on the stack: integers and days as they are, decimals unscaled. */
export function emitValue(expr: Expr, emission: Emission): void {
  switch (expr.kind) {
    case 'column':
      emitColumn(expr.index, expr.type, emission)
      break
    case 'literal':
      if (
        expr.value === null ||
        BigInt.asIntN(64, BigInt(expr.value as number)) !== BigInt(expr.value as number)
      )
        throw new EmitError('literal')
      scaleOf(expr.type)
      emission.code.i64(BigInt(expr.value as number | bigint))
      break
    case 'cast':
      emitCast(expr, emission)
      break
    case 'call':
      if (expr.name !== '*') throw new EmitError(expr.name)
      emitProduct(expr.args[0]!, expr.args[1]!, expr.type, emission)
      break
    default:
      throw new EmitError(expr.kind)
  }
}

/** Digits after the point; integers and dates have none. Other types have no i64 form. */
function scaleOf(type: DataType): number {
  switch (type.kind) {
    case 'decimal':
      return type.scale
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'date':
      return 0
    default:
      throw new EmitError(type.kind)
  }
}

function emitColumn(index: number, type: DataType, { code, row, pointers }: Emission): void {
  const wide = type.kind === 'int64' || type.kind === 'decimal'
  if (!wide && type.kind !== 'int32' && type.kind !== 'date') throw new EmitError(type.kind)
  code
    .get(pointers.get(index)!)
    .get(row)
    .i32(wide ? 8 : 4)
    .emit(op.i32Mul, op.i32Add)
  if (wide) code.memory(op.i64Load, 3)
  else code.memory(op.i32Load, 2).emit(op.i64ExtendI32S)
}

/** Only casts that keep the digits: to more digits before the point, at the same scale. */
function emitCast(expr: Expr & { readonly kind: 'cast' }, emission: Emission): void {
  const [from, to] = [expr.input.type, expr.type]
  const widens =
    from.kind === 'decimal' && to.kind === 'decimal' ? to.precision >= from.precision : to.kind === 'int64'
  if (!widens || scaleOf(from) !== scaleOf(to)) throw new EmitError('cast')
  emitValue(expr.input, emission)
}

/** A product of two factors within 32 bits; leaves the function with 1 if one is not. */
function emitProduct(left: Expr, right: Expr, type: DataType, emission: Emission): void {
  if (scaleOf(left.type) + scaleOf(right.type) !== scaleOf(type) || type.kind !== 'decimal')
    throw new EmitError('*')
  const { code } = emission
  const [a, b] = [code.local(wasm.i64), code.local(wasm.i64)]
  emitValue(left, emission)
  code.set(a)
  emitValue(right, emission)
  code.set(b)
  for (const factor of [a, b]) {
    code.get(factor).get(factor).i64(32n).emit(op.i64Shl).i64(32n).emit(op.i64ShrS, op.i64Ne)
    code.if().i32(1).emit(op.return).end()
  }
  code.get(a).get(b).emit(op.i64Mul)
}
