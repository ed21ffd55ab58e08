import { type CallExpr, type CaseExpr, type Expr, transformExpr } from '../../../engine/expr/index.ts'
import { typesEqual } from '../../../engine/types/index.ts'
import { exprsEqual, isNullable, isVolatile } from '../expression-facts.ts'
import { scalarFacts } from '../function-facts.ts'
import { allOf, booleanCall, conjunctsOf, FALSE, isNull, isTrue, literal, TRUE } from '../predicate.ts'
import type { OptimizerSettings } from '../rule.ts'
import { constantToRight, isComparison, withoutCast } from './comparison.ts'
import { foldConstant } from './fold.ts'
import { flattenLogic, simplifyAnd, simplifyNot, simplifyOr } from './logic.ts'

/** What simplification may depend on. */
export interface SimplifyContext {
  readonly settings: OptimizerSettings
  /** Columns that are never NULL. */
  readonly notNull: ReadonlySet<number>
}

/** A simpler expression with the same value for every row. An error that no row asked for may be gone. */
export function simplify(expr: Expr, context: SimplifyContext): Expr {
  return transformExpr(flattenLogic(expr), (part) => simplifyPart(part, context))
}

/** A simpler predicate that is TRUE for the same rows; FALSE and NULL are not told apart. */
export function simplifyPredicate(expr: Expr, context: SimplifyContext): Expr {
  const simple = simplify(expr, context)
  const parts = conjunctsOf(simple)
  const kept = parts.map((part) => (isNull(part) ? FALSE : ofItself(part) ? isNotNull(part) : part))
  if (kept.includes(FALSE)) return FALSE
  return kept.every((part, index) => part === parts[index]) ? simple : simplify(allOf(kept), context)
}

/** `x = x`, which is TRUE unless x is NULL. */
function ofItself(part: Expr): boolean {
  if (part.kind !== 'call' || part.args.length !== 2 || !['=', '<=', '>='].includes(part.name)) return false
  const [first, second] = [part.args[0]!, part.args[1]!]
  return first.kind === 'column' && exprsEqual(first, second)
}

function isNotNull(part: Expr): Expr {
  return part.kind === 'call' ? booleanCall('isnotnull', part.args[0]!) : part
}

function simplifyPart(part: Expr, context: SimplifyContext): Expr {
  switch (part.kind) {
    case 'and':
      return simplifyAnd(part)
    case 'or':
      return simplifyOr(part)
    case 'case':
      return simplifyCase(part)
    case 'cast':
      if (typesEqual(part.input.type, part.type)) return part.input
      return part.input.kind === 'literal' ? foldConstant(part, context.settings) : part
    case 'call':
      return simplifyCall(part, context)
    default:
      return part
  }
}

function simplifyCall(call: CallExpr, context: SimplifyContext): Expr {
  if (scalarFacts(call.name).propagatesNull && call.args.some(isNull)) return literal(null, call.type)
  const folded = foldConstant(call, context.settings)
  if (folded !== call) return folded
  switch (call.name) {
    case 'not':
      return simplifyNot(call, call.args[0]!)
    case 'isnull':
    case 'isnotnull': {
      const input = call.args[0]!
      if (isNullable(input, context.notNull) || isVolatile(input)) return call
      return call.name === 'isnull' ? FALSE : TRUE
    }
    case 'coalesce':
      return simplifyCoalesce(call, context)
    case 'in':
      if (call.args.length === 2) return simplifyCall({ ...call, name: '=' }, context)
      return withoutCast(call)
    default:
      return isComparison(call) ? simplifyComparison(call, context) : call
  }
}

function simplifyComparison(call: CallExpr, context: SimplifyContext): Expr {
  const [first, second] = [call.args[0]!, call.args[1]!]
  const isSame = first.kind === 'column' && exprsEqual(first, second)
  if (isSame && call.name === '<=>') return TRUE
  if (isSame && !isNullable(first, context.notNull))
    return call.name === '=' || call.name === '<=' || call.name === '>=' ? TRUE : FALSE
  if (call.name === '<=>' && ![first, second].some((side) => isNullable(side, context.notNull)))
    return simplifyComparison({ ...call, name: '=' }, context)
  if (call.name === '<=>' && isNull(second)) return booleanCall('isnull', first)
  return withoutCast(constantToRight(call))
}

/** The arguments up to the first that is never NULL. */
function simplifyCoalesce(call: CallExpr, context: SimplifyContext): Expr {
  const args = call.args.filter((arg) => !isNull(arg))
  const last = args.findIndex((arg) => !isNullable(arg, context.notNull))
  const kept = last < 0 ? args : args.slice(0, last + 1)
  if (kept.length === 0) return literal(null, call.type)
  if (kept.length === 1 && typesEqual(kept[0]!.type, call.type)) return kept[0]!
  return kept.length === call.args.length ? call : { ...call, args: kept }
}

/** Branches that cannot be taken go; one that is always taken ends the list. */
function simplifyCase(part: CaseExpr): Expr {
  const possible = part.branches.filter(
    ({ when }) => !(when.kind === 'literal' && (when.value === false || when.value === null)),
  )
  const certain = possible.findIndex(({ when }) => isTrue(when))
  const branches = certain < 0 ? possible : possible.slice(0, certain)
  const otherwise = certain < 0 ? part.otherwise : possible[certain]!.then
  if (branches.length === part.branches.length && otherwise === part.otherwise) return part
  if (branches.length > 0) return { ...part, branches, otherwise }
  const result = otherwise ?? literal(null, part.type)
  return typesEqual(result.type, part.type)
    ? result
    : { kind: 'cast', input: result, type: part.type, safe: false }
}
