import type { Expr, LiteralExpr } from '../../engine/expr/index.ts'
import { type DataType, types, type Value } from '../../engine/types/index.ts'
import type { LogicalPlan } from '../plan/index.ts'

/** A constant of a type. */
export function literal(value: Value, type: DataType): LiteralExpr {
  return { kind: 'literal', value, type }
}

export const TRUE: LiteralExpr = literal(true, types.boolean)
export const FALSE: LiteralExpr = literal(false, types.boolean)
export const NULL_BOOLEAN: LiteralExpr = literal(null, types.boolean)

/** Whether an expression is the constant TRUE. */
export function isTrue(expr: Expr): boolean {
  return expr.kind === 'literal' && expr.value === true
}

/** Whether a predicate keeps no row: FALSE or NULL. */
export function isFalseOrNull(expr: Expr): boolean {
  return expr.kind === 'literal' && (expr.value === false || expr.value === null)
}

/** Whether an expression is the constant NULL. */
export function isNull(expr: Expr): boolean {
  return expr.kind === 'literal' && expr.value === null
}

/** A call of a function that gives a boolean. */
export function booleanCall(name: string, ...args: readonly Expr[]): Expr {
  return { kind: 'call', name, args, type: types.boolean }
}

/** `left = right`. */
export function equal(left: Expr, right: Expr): Expr {
  return booleanCall('=', left, right)
}

/** `left <=> right`: TRUE for two NULLs. */
export function nullSafeEqual(left: Expr, right: Expr): Expr {
  return booleanCall('<=>', left, right)
}

/** The parts of a predicate that are joined by AND, in order; nested ANDs are opened and TRUE is left out. */
export function conjunctsOf(predicate: Expr | null): Expr[] {
  return predicate === null ? [] : operandsOf(predicate, 'and').filter((part) => !isTrue(part))
}

/** The parts of a predicate that are joined by OR. */
export function disjunctsOf(predicate: Expr): Expr[] {
  return operandsOf(predicate, 'or')
}

function operandsOf(expr: Expr, kind: 'and' | 'or'): Expr[] {
  const found: Expr[] = []
  const open: Expr[] = [expr]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (part.kind !== kind) found.push(part)
    else for (let index = part.operands.length - 1; index >= 0; index--) open.push(part.operands[index]!)
  }
  return found
}

/** All parts joined by AND; TRUE for none. */
export function allOf(parts: readonly Expr[]): Expr {
  if (parts.length === 0) return TRUE
  return parts.length === 1 ? parts[0]! : { kind: 'and', operands: parts, type: types.boolean }
}

/** All parts joined by OR; FALSE for none. */
export function anyOf(parts: readonly Expr[]): Expr {
  if (parts.length === 0) return FALSE
  return parts.length === 1 ? parts[0]! : { kind: 'or', operands: parts, type: types.boolean }
}

/** A join condition from parts: null for none. */
export function conditionOf(parts: readonly Expr[]): Expr | null {
  return parts.length === 0 ? null : allOf(parts)
}

/** The rows of a plan that meet all parts; the plan itself for none. */
export function filterBy(input: LogicalPlan, parts: readonly Expr[]): LogicalPlan {
  return parts.length === 0 ? input : { kind: 'Filter', input, predicate: allOf(parts) }
}
