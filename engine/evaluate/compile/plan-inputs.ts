import { childrenOf, type Expr, someExpr } from '../../expr/index.ts'
import { lookupScalar } from '../../functions/index.ts'
import { canFail } from '../can-fail.ts'
import { EmitError, formOf } from './emitted.ts'
import { exprKey } from './expr-key.ts'
import { hasForm, isNullTest, isSized } from './forms.ts'

/** What compiled code reads: a column, or a part of an expression that the interpreter computes first. */
export interface PlannedInput {
  readonly expr: Expr
  /** Whether more than its NULLs is read. */
  needsValues: boolean
  /** Whether its values are measured, see `sizeOf`. */
  isSized: boolean
}

/** An expression to be compiled. `isLazy`: rows exist that it must not be evaluated for if it can fail. */
export interface Wanted {
  readonly expr: Expr
  readonly isLazy: boolean
}

/** The inputs of expressions, by the keys of their expressions; EmitError if one has no compiled form. */
export function planInputs(wanted: readonly Wanted[]): ReadonlyMap<string, PlannedInput> {
  const inputs = new Map<string, PlannedInput>()
  for (const { expr, isLazy } of wanted) collect(expr, isLazy, false, inputs)
  return inputs
}

/** Parts of an expression that is compiled, at most: compiling goes down by recursion. */
const MAX_PARTS = 1000

/** Whether an expression is small enough to be compiled. */
export function isSmall(expr: Expr): boolean {
  let count = 0
  return !someExpr(expr, () => ++count > MAX_PARTS)
}

function collect(
  expr: Expr,
  isLazy: boolean,
  isMeasured: boolean,
  inputs: Map<string, PlannedInput>,
  needsValues = true,
): void {
  if (expr.kind === 'column' || !hasForm(expr)) {
    if (needsValues && formOf(expr.type) === null) throw new EmitError(expr.type.kind)
    if (expr.kind !== 'column') checkInput(expr, isLazy)
    addInput(expr, needsValues, isMeasured, inputs)
    return
  }
  const children = childrenOf(expr)
  children.forEach((child, index) => {
    if (child.kind === 'literal') {
      // A name of a field, as in extract('year', date), is no value.
      if (formOf(child.type) === null && child.type.kind !== 'string') throw new EmitError(child.type.kind)
      return
    }
    const isGuarded = isLazy || (index > 0 && isLazilyEvaluated(expr))
    collect(child, isGuarded, isMeasured || isSized(expr), inputs, !isNullTest(expr))
  })
}

function addInput(
  expr: Expr,
  needsValues: boolean,
  isMeasured: boolean,
  inputs: Map<string, PlannedInput>,
): void {
  const key = exprKey(expr)
  const known = inputs.get(key)
  if (known === undefined) inputs.set(key, { expr, needsValues, isSized: isMeasured })
  else {
    known.needsValues ||= needsValues
    known.isSized ||= isMeasured
  }
}

const LAZY = new Set(['if', 'iff', 'coalesce', 'ifnull', 'nvl', 'nvl2', 'nullif'])

function isLazilyEvaluated(expr: Expr): boolean {
  return (
    expr.kind === 'and' ||
    expr.kind === 'or' ||
    expr.kind === 'case' ||
    (expr.kind === 'call' && LAZY.has(expr.name))
  )
}

/** What the interpreter computes for all rows must not depend on when or how often it is computed. */
function checkInput(expr: Expr, isLazy: boolean): void {
  if (isLazy && canFail(expr)) throw new EmitError('may fail')
  if (!isSteady(expr)) throw new EmitError('not repeatable')
}

/** Whether an expression gives the same for a row whenever, wherever and however often it is computed. */
export function isSteady(expr: Expr): boolean {
  return !someExpr(expr, isUnsteady)
}

function isUnsteady(expr: Expr): boolean {
  if (expr.kind === 'user' || expr.kind === 'variable') return true
  return expr.kind === 'call' && lookupScalar(expr.name)?.volatility !== 'immutable'
}
