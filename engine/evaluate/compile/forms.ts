import type { CallExpr, CaseExpr, Expr } from '../../expr/index.ts'
import { isInteger, types, typesEqual } from '../../types/index.ts'
import { areNumbers, canEmitCast, emitArithmetic, emitSign, shiftsDate } from './emit-arithmetic.ts'
import {
  areComparable,
  emitComparison,
  emitIn,
  emitNanTest,
  emitNullSafeEqual,
  isShortList,
} from './emit-compare.ts'
import { dateFieldOf } from './emit-date.ts'
import { type Emitted, formOf } from './emitted.ts'
import type { RowCode } from './row-code.ts'

/** A function whose arguments are all computed first. */
export interface StrictForm {
  readonly accepts: (expr: CallExpr) => boolean
  readonly emit: (expr: CallExpr, values: readonly Emitted[], row: RowCode) => Emitted
  /** Whether small arguments make its code cheaper: integers then get their sizes measured. */
  readonly isSized?: boolean
}

const comparison: StrictForm = { accepts: ({ args }) => areComparable(args), emit: emitComparison }

const sum: StrictForm = {
  accepts: ({ args, type }) => areNumbers(args, type) || shiftsDate(args),
  emit: emitArithmetic,
  isSized: true,
}

const sign: StrictForm = {
  accepts: ({ args, type }) => areNumbers(args, type),
  emit: emitSign,
  isSized: true,
}

/** Strict functions that have a WebAssembly form, by name. */
export const STRICT_FORMS: Readonly<Record<string, StrictForm>> = {
  '=': comparison,
  '==': comparison,
  '<': comparison,
  '<=': comparison,
  '>': comparison,
  '>=': comparison,
  '<=>': { accepts: ({ args }) => areComparable(args), emit: emitNullSafeEqual },
  in: { accepts: ({ args }) => isShortList(args), emit: emitIn },
  isnan: { accepts: ({ args }) => formOf(args[0]!.type) === 'float', emit: emitNanTest },
  '+': sum,
  '-': sum,
  '*': { accepts: ({ args, type }) => areNumbers(args, type), emit: emitArithmetic, isSized: true },
  '/': {
    accepts: ({ args, type }) => formOf(type) === 'float' && areNumbers(args, type),
    emit: emitArithmetic,
  },
  negative: sign,
  abs: sign,
}

/** Functions that choose among their arguments, as CASE; null for others. */
export function asCase(expr: CallExpr): CaseExpr | null {
  const [a, b, c] = expr.args
  switch (expr.name) {
    case 'if':
    case 'iff':
      return { kind: 'case', branches: [{ when: a!, then: b! }], otherwise: c!, type: expr.type }
    case 'nvl2': {
      const when: Expr = { kind: 'call', name: 'isnotnull', args: [a!], type: types.boolean }
      return { kind: 'case', branches: [{ when, then: b! }], otherwise: c!, type: expr.type }
    }
    case 'nullif': {
      if (!typesEqual(a!.type, b!.type)) return null
      const when: Expr = { kind: 'call', name: '=', args: [a!, b!], type: types.boolean }
      const then: Expr = { kind: 'literal', value: null, type: expr.type }
      return { kind: 'case', branches: [{ when, then }], otherwise: a!, type: expr.type }
    }
    default:
      return null
  }
}

/** The name of coalesce and its two-argument forms. */
export function isCoalesce({ name }: CallExpr): boolean {
  return name === 'coalesce' || name === 'ifnull' || name === 'nvl'
}

/** isnull(x), isnotnull(x): they need no value of x. */
export function isNullTest(expr: Expr): boolean {
  return expr.kind === 'call' && (expr.name === 'isnull' || expr.name === 'isnotnull')
}

/** Whether the root of an expression has a WebAssembly form, given that its children are values. */
export function hasForm(expr: Expr): boolean {
  if (formOf(expr.type) === null) return false
  switch (expr.kind) {
    case 'literal':
    case 'and':
    case 'or':
      return true
    case 'case':
      return expr.branches.every(({ then }) => formOf(then.type) === formOf(expr.type))
    case 'cast':
      return canEmitCast(expr)
    case 'call':
      if (isNullTest(expr) || expr.name === 'not' || expr.name === '!') return true
      if (isCoalesce(expr)) return expr.args.every(({ type }) => typesEqual(type, expr.type))
      if (asCase(expr) !== null || dateFieldOf(expr) !== null) return true
      return Object.hasOwn(STRICT_FORMS, expr.name) && STRICT_FORMS[expr.name]!.accepts(expr)
    default:
      return false
  }
}

/** Whether the numbers below are multiplied, added or scaled, so that it pays to know their size. */
export function isSized(expr: Expr): boolean {
  if (expr.kind === 'call') return STRICT_FORMS[expr.name]?.isSized === true
  return expr.kind === 'cast' && expr.input.type.kind !== 'boolean' && !isInteger(expr.type)
}
