import type { CallExpr, Expr } from '../../expr/index.ts'
import { op, wasm } from '../../wasm/index.ts'
import { type BoolValue, EmitError, type Emitted, formOf } from './emitted.ts'
import type { RowCode } from './row-code.ts'
import { compareInts } from './wide.ts'

/** Whether both arguments have the same form. */
export function areComparable([a, b]: readonly Expr[]): boolean {
  const form = formOf(a!.type)
  return form !== null && form === formOf(b!.type)
}

/** = < <= > >= of two values of one type. NaN equals NaN and is the greatest. */
export function emitComparison(expr: CallExpr, values: readonly Emitted[], row: RowCode): Emitted {
  const [a, b] = values as [Emitted, Emitted]
  const { name } = expr
  const isMirrored = name === '>' || name === '<='
  if (isMirrored) pushCompared('<', b, a, row)
  else pushCompared(name === '=' ? '=' : '<', a, b, row)
  if (name === '<=' || name === '>=') row.code.emit(op.i32Eqz)
  return { kind: 'bool', local: row.keep(wasm.i32), valid: row.both(a.valid, b.valid) }
}

/** a <=> b: NULL equals NULL. */
export function emitNullSafeEqual(_expr: CallExpr, values: readonly Emitted[], row: RowCode): Emitted {
  const [a, b] = values as [Emitted, Emitted]
  const { code } = row
  pushCompared('=', a, b, row)
  const pushValid = (value: Emitted) => (value.valid === null ? code.i32(1) : code.get(value.valid))
  pushValid(a).emit(op.i32And)
  pushValid(b).emit(op.i32And)
  pushValid(a)
  pushValid(b).emit(op.i32Or, op.i32Eqz, op.i32Or)
  return { kind: 'bool', local: row.keep(wasm.i32), valid: null }
}

/** Leaves an i32 on the stack: a = b or a < b, NULLs aside. */
function pushCompared(operator: '=' | '<', a: Emitted, b: Emitted, row: RowCode): void {
  const { code } = row
  if (a.kind === 'float' && b.kind === 'float') {
    const [x, y] = [a.local, b.local]
    code
      .get(x)
      .get(y)
      .emit(operator === '=' ? op.f64Eq : op.f64Lt)
    code
      .get(x)
      .get(x)
      .emit(operator === '=' ? op.f64Ne : op.f64Eq)
    code.get(y).get(y).emit(op.f64Ne, op.i32And, op.i32Or)
  } else if (a.kind === 'bool' && b.kind === 'bool') {
    code
      .get(a.local)
      .get(b.local)
      .emit(operator === '=' ? op.i32Eq : op.i32LtS)
  } else if ((a.kind === 'int' || a.kind === 'wide') && (b.kind === 'int' || b.kind === 'wide'))
    compareInts(operator, a, b, row)
  else throw new EmitError(`${a.kind} against ${b.kind}`)
}

/** Lists longer than this are looked up in a set by the interpreter. */
const MAX_LIST = 16

/** Whether `in` has a list that is short and constant, of a type with a form. */
export function isShortList([value, ...list]: readonly Expr[]): boolean {
  if (list.length === 0 || list.length > MAX_LIST || formOf(value!.type) === null) return false
  return list.every((item) => item.kind === 'literal' && (item.value === null || formOf(item.type) !== null))
}

/** TRUE on a match; else NULL if the value or any of the list is NULL. */
export function emitIn(expr: CallExpr, values: readonly Emitted[], row: RowCode): Emitted {
  const [value, ...list] = values as [Emitted, ...Emitted[]]
  const { code } = row
  let hasNull = false
  code.i32(0)
  list.forEach((item, index) => {
    const literal = expr.args[index + 1]!
    if (literal.kind === 'literal' && literal.value === null) hasNull = true
    else {
      pushCompared('=', value, item, row)
      code.emit(op.i32Or)
    }
  })
  const local = row.keep(wasm.i32)
  return { kind: 'bool', local, valid: hasNull ? row.both(value.valid, local) : value.valid }
}

/** isnull(x), isnotnull(x). */
export function emitNullTest(wanted: boolean, value: Emitted, row: RowCode): BoolValue {
  if (value.valid === null) row.code.i32(wanted ? 0 : 1)
  else {
    row.code.get(value.valid)
    if (wanted) row.code.emit(op.i32Eqz)
  }
  return { kind: 'bool', local: row.keep(wasm.i32), valid: null }
}

/** isnan(x): FALSE for NULL. */
export function emitNanTest(_expr: CallExpr, values: readonly Emitted[], row: RowCode): Emitted {
  const [value] = values as [Emitted]
  if (value.kind !== 'float') throw new EmitError('isnan')
  row.code.get(value.local).get(value.local).emit(op.f64Ne)
  if (value.valid !== null) row.code.get(value.valid).emit(op.i32And)
  return { kind: 'bool', local: row.keep(wasm.i32), valid: null }
}
