import { type Expr, type LogicExpr, transformExpr } from '../../../engine/expr/index.ts'
import { typesEqual } from '../../../engine/types/index.ts'
import { exprKey, isVolatile } from '../expression-facts.ts'
import { allOf, anyOf, booleanCall, conjunctsOf, disjunctsOf, FALSE, isTrue, TRUE } from '../predicate.ts'

/**
 * Chains of AND, or of OR, as one node each, so that a chain of thousands is looked at once and not at each
 * link.
 */
export function flattenLogic(expr: Expr): Expr {
  return transformExpr(expr, (part) => {
    if (part.kind !== 'and' && part.kind !== 'or') return part
    if (part.operands.every(({ kind }) => kind !== part.kind)) return part
    const operands = part.operands.flatMap((each) => (each.kind === part.kind ? each.operands : [each]))
    return { ...part, operands }
  })
}

/** AND: opened, without TRUE and repeated parts; FALSE if a part is. */
export function simplifyAnd(expr: LogicExpr): Expr {
  const parts = conjunctsOf(expr)
  if (parts.some(isFalse)) return FALSE
  const distinct = withoutRepeats(parts)
  return isUnchanged(expr, distinct) ? expr : allOf(distinct)
}

/**
 * OR: opened, without FALSE and repeated parts; TRUE if a part is; what all branches demand is taken out in
 * front.
 */
export function simplifyOr(expr: LogicExpr): Expr {
  const parts = disjunctsOf(expr).filter((part) => !isFalse(part))
  if (parts.some(isTrue)) return TRUE
  const distinct = withoutRepeats(parts)
  const factored = distinct.length > 1 ? takeOutCommon(distinct) : undefined
  if (factored !== undefined) return factored
  const list = asList(distinct)
  if (list !== undefined) return list
  return isUnchanged(expr, distinct) ? expr : anyOf(distinct)
}

/** `x = 1 OR x = 2 OR x IN (3, 4)` as one IN. */
function asList(branches: readonly Expr[]): Expr | undefined {
  const [first] = branches
  if (first?.kind !== 'call' || branches.length < 2) return undefined
  const column = first.args[0]
  const values: Expr[] = []
  for (const branch of branches) {
    if (branch.kind !== 'call' || (branch.name !== '=' && branch.name !== 'in')) return undefined
    const [input, ...constants] = branch.args
    if (input?.kind !== 'column' || column?.kind !== 'column' || input.index !== column.index)
      return undefined
    if (constants.some((constant) => constant.kind !== 'literal' || !typesEqual(constant.type, column.type)))
      return undefined
    values.push(...constants)
  }
  return column === undefined ? undefined : booleanCall('in', column, ...values)
}

function isFalse(expr: Expr): boolean {
  return expr.kind === 'literal' && expr.value === false
}

function isUnchanged(expr: LogicExpr, parts: readonly Expr[]): boolean {
  return parts.length === expr.operands.length && parts.every((part, index) => part === expr.operands[index])
}

function withoutRepeats(parts: readonly Expr[]): Expr[] {
  const seen = new Set<string>()
  return parts.filter((part) => {
    if (isVolatile(part)) return true
    const key = exprKey(part)
    return !seen.has(key) && seen.add(key)
  })
}

/**
 * `(a AND b) OR (a AND c)` is `a AND (b OR c)`, also for NULLs: joins then see `a` as a condition of its own.
 */
function takeOutCommon(branches: readonly Expr[]): Expr | undefined {
  const split = branches.map((branch) => new Map(conjunctsOf(branch).map((part) => [exprKey(part), part])))
  const [first, ...others] = split
  const common = [...first!].filter(
    ([key, part]) => !isVolatile(part) && others.every((other) => other.has(key)),
  )
  if (common.length === 0) return undefined
  const keys = new Set(common.map(([key]) => key))
  const rests = split.map((parts) => [...parts].filter(([key]) => !keys.has(key)).map(([, part]) => part))
  const shared = common.map(([, part]) => part)
  if (rests.some((rest) => rest.length === 0)) return allOf(shared)
  return allOf([...shared, anyOf(rests.map(allOf))])
}

const NEGATED: Readonly<Record<string, string>> = {
  ...{ '<': '>=', '<=': '>', '>': '<=', '>=': '<' },
  ...{ isnull: 'isnotnull', isnotnull: 'isnull' },
}

/** NOT: taken off a double, into a comparison, and over an OR so that filters see its parts. */
export function simplifyNot(expr: Expr, input: Expr): Expr {
  if (input.kind === 'call') {
    if (input.name === 'not') return input.args[0]!
    const negated = NEGATED[input.name]
    if (negated !== undefined) return booleanCall(negated, ...input.args)
  }
  if (input.kind === 'or') return allOf(disjunctsOf(input).map(negate))
  return expr
}

function negate(expr: Expr): Expr {
  const negated = booleanCall('not', expr)
  return simplifyNot(negated, expr)
}
