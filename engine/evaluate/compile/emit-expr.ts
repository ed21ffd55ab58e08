import type { CallExpr, CaseExpr, Expr, LogicExpr } from '../../expr/index.ts'
import type { DataType, Value } from '../../types/index.ts'
import { op, wasm } from '../../wasm/index.ts'
import { canFail } from '../can-fail.ts'
import { emitCast } from './emit-arithmetic.ts'
import { Choice } from './emit-choice.ts'
import { emitNullTest } from './emit-compare.ts'
import { dateFieldOf, dateOf, emitDateField } from './emit-date.ts'
import { type BoolValue, EmitError, type Emitted, formOf } from './emitted.ts'
import { exprKey } from './expr-key.ts'
import { asCase, isCoalesce, isNullTest, STRICT_FORMS } from './forms.ts'
import { type LoadedInput, loadInput } from './load-input.ts'
import type { RowCode } from './row-code.ts'

/** Where expressions are emitted into, and what is read instead of computed: shape and first slot, by key. */
export interface Emission {
  readonly row: RowCode
  readonly inputs: ReadonlyMap<string, LoadedInput>
}

/** Emits the value of an expression in the current row; EmitError if there is no form for it. */
export function emitExpr(expr: Expr, emission: Emission): Emitted {
  const key = exprKey(expr)
  const input = emission.inputs.get(key)
  if (input !== undefined) return loadInput(input, emission.row)
  return emission.row.once(key, () => emitNew(expr, emission))
}

function emitNew(expr: Expr, emission: Emission): Emitted {
  switch (expr.kind) {
    case 'literal':
      return emitLiteral(expr.value, expr.type, emission.row)
    case 'cast':
      return emitCast(expr, emitExpr(expr.input, emission), emission.row)
    case 'and':
    case 'or':
      return emitLogic(expr, emission)
    case 'case':
      return emitCase(expr, emission)
    case 'call':
      return emitCall(expr, emission)
    default:
      throw new EmitError(expr.kind)
  }
}

function emitLiteral(value: Value, type: DataType, row: RowCode): Emitted {
  const form = formOf(type)
  if (form === null) throw new EmitError(type.kind)
  if (value === null) {
    const choice = new Choice(type, row)
    choice.assignNull()
    return choice.result()
  }
  if (form === 'int') return row.constant(BigInt(value as number | bigint))
  if (form === 'float') {
    row.code.f64(value as number)
    return { kind: 'float', local: row.keep(wasm.f64), valid: null }
  }
  row.code.i32(value === true ? 1 : 0)
  return { kind: 'bool', local: row.keep(wasm.i32), valid: null }
}

function emitCall(expr: CallExpr, emission: Emission): Emitted {
  const { row } = emission
  if (isNullTest(expr)) return emitNullTest(expr.name === 'isnull', emitExpr(expr.args[0]!, emission), row)
  if (expr.name === 'not' || expr.name === '!') {
    const value = boolOf(emitExpr(expr.args[0]!, emission))
    row.code.get(value.local).emit(op.i32Eqz)
    return { kind: 'bool', local: row.keep(wasm.i32), valid: value.valid }
  }
  if (isCoalesce(expr)) return emitCoalesce(expr, emission)
  const choice = asCase(expr)
  if (choice !== null) return emitCase(choice, emission)
  const field = dateFieldOf(expr)
  if (field !== null) return emitDateField(field, emitExpr(dateOf(expr), emission), row)
  const form = STRICT_FORMS[expr.name]
  if (form === undefined) throw new EmitError(expr.name)
  const values = expr.args.map((arg) => emitExpr(arg, emission))
  return form.emit(expr, values, row)
}

function boolOf(value: Emitted): BoolValue {
  if (value.kind !== 'bool') throw new EmitError(value.kind)
  return value
}

function emitCase(expr: CaseExpr, emission: Emission): Emitted {
  const choice = new Choice(expr.type, emission.row)
  emitBranches(expr, 0, choice, emission)
  return choice.result()
}

/** Branch `index` and those after it, which stand in its `else`. */
function emitBranches(expr: CaseExpr, index: number, choice: Choice, emission: Emission): void {
  const { row } = emission
  const branch = expr.branches[index]
  if (branch === undefined) {
    if (expr.otherwise === null) choice.assignNull()
    else choice.assign(emitExpr(expr.otherwise, emission))
    return
  }
  row.code.get(emitTruth(branch.when, true, emission)).if()
  row.branch(() => choice.assign(emitExpr(branch.then, emission)))
  row.code.else()
  row.branch(() => emitBranches(expr, index + 1, choice, emission))
  row.code.end()
}

function emitCoalesce(expr: CallExpr, emission: Emission): Emitted {
  const { row } = emission
  const choice = new Choice(expr.type, row)
  const emitFrom = (index: number): void => {
    const value = emitExpr(expr.args[index]!, emission)
    if (value.valid === null || index === expr.args.length - 1) {
      choice.assign(value)
      return
    }
    row.code.get(value.valid).if()
    choice.assign({ ...value, valid: null })
    row.code.else()
    row.branch(() => emitFrom(index + 1))
    row.code.end()
  }
  emitFrom(0)
  return choice.result()
}

/**
 * The local with 1 where a condition is TRUE (`wanted`), or where it is FALSE; NULL is neither. Cheaper than
 * the condition's value, as validity is met only at its leaves.
 */
export function emitTruth(expr: Expr, wanted: boolean, emission: Emission): number {
  const { row } = emission
  return row.once(`${wanted} ${exprKey(expr)}`, () => {
    if (!emission.inputs.has(exprKey(expr))) {
      if (expr.kind === 'call' && (expr.name === 'not' || expr.name === '!'))
        return emitTruth(expr.args[0]!, !wanted, emission)
      if (expr.kind === 'and' || expr.kind === 'or') return emitJoined(expr, wanted, emission)
    }
    const value = boolOf(emitExpr(expr, emission))
    if (value.valid === null && wanted) return value.local
    row.code.get(value.local)
    if (!wanted) row.code.emit(op.i32Eqz)
    if (value.valid !== null) row.code.get(value.valid).emit(op.i32And)
    return row.keep(wasm.i32)
  })
}

/**
 * Where AND or OR is TRUE, or FALSE. An operand that can fail is looked at only while none before it decides:
 * a FALSE of AND, a TRUE of OR.
 */
function emitJoined({ kind, operands }: LogicExpr, wanted: boolean, emission: Emission): number {
  const { row } = emission
  const { code } = row
  const isAllNeeded = (kind === 'and') === wanted
  const joined = code.local(wasm.i32)
  const decided = operands.slice(1).some(canFail) ? code.local(wasm.i32) : null
  const emitOperand = (operand: Expr, index: number) => {
    code.get(emitTruth(operand, wanted, emission))
    if (index > 0) code.get(joined).emit(isAllNeeded ? op.i32And : op.i32Or)
    code.set(joined)
    if (decided === null) return
    code.get(emitTruth(operand, kind === 'or', emission))
    if (index > 0) code.get(decided).emit(op.i32Or)
    code.set(decided)
  }
  operands.forEach((operand, index) => {
    if (index === 0 || decided === null || !canFail(operand)) {
      emitOperand(operand, index)
      return
    }
    code.get(decided).emit(op.i32Eqz).if()
    row.branch(() => emitOperand(operand, index))
    code.end()
  })
  return joined
}

/** The value of AND or OR: TRUE or FALSE where that is known, else NULL. */
function emitLogic(expr: LogicExpr, emission: Emission): Emitted {
  const { row } = emission
  const isTrue = emitTruth(expr, true, emission)
  const isFalse = emitTruth(expr, false, emission)
  row.code.get(isTrue).get(isFalse).emit(op.i32Or)
  return { kind: 'bool', local: isTrue, valid: row.keep(wasm.i32) }
}
