import type { Expr } from '../../engine/expr/index.ts'
import { columnIdsOf } from '../plan/index.ts'
import type { ColumnEstimate, Estimate } from './estimate.ts'
import { readsOnly } from './expression-facts.ts'
import { conjunctsOf } from './predicate.ts'
import { selectivity } from './selectivity.ts'

/** One side of a join: its estimate and the ids of its columns. */
export interface JoinInput {
  readonly estimate: Estimate
  readonly ids: ReadonlySet<number>
}

/** An equality between the two sides of a join. */
export interface EquiKey {
  readonly left: Expr
  readonly right: Expr
  readonly nullSafe: boolean
}

/** A join condition taken apart: equalities between the sides, and the rest. */
export interface JoinKeys {
  readonly keys: readonly EquiKey[]
  readonly residual: readonly Expr[]
}

/** Finds the conjuncts `f(left) = g(right)`, in either order, of a join condition. */
export function splitCondition(
  condition: Expr | null,
  left: ReadonlySet<number>,
  right: ReadonlySet<number>,
): JoinKeys {
  const keys: EquiKey[] = []
  const residual: Expr[] = []
  for (const part of conjunctsOf(condition)) {
    const key = equiKey(part, left, right)
    if (key === undefined) residual.push(part)
    else keys.push(key)
  }
  return { keys, residual }
}

function equiKey(part: Expr, left: ReadonlySet<number>, right: ReadonlySet<number>): EquiKey | undefined {
  if (part.kind !== 'call' || (part.name !== '=' && part.name !== '<=>')) return undefined
  const [first, second] = [part.args[0]!, part.args[1]!]
  const nullSafe = part.name === '<=>'
  if (belongsTo(first, left) && belongsTo(second, right)) return { left: first, right: second, nullSafe }
  if (belongsTo(first, right) && belongsTo(second, left)) return { left: second, right: first, nullSafe }
  return undefined
}

function belongsTo(expr: Expr, ids: ReadonlySet<number>): boolean {
  return columnIdsOf(expr).size > 0 && readsOnly(expr, ids)
}

/**
 * Rows of the inner join. Equal keys: the product of the rows, divided by the domain of the key. Where the
 * domains are guessed from ranges, the smaller one counts: it is that of the side whose key is unique
 * (orders, not lineitem).
 */
export function joinRows(left: JoinInput, right: JoinInput, condition: Expr | null): number {
  const product = left.estimate.rows * right.estimate.rows
  return Math.max(1, product * joinSelectivity(left, right, condition))
}

/** The part of all pairs of rows that is kept. */
export function joinSelectivity(left: JoinInput, right: JoinInput, condition: Expr | null): number {
  const { keys, residual } = splitCondition(condition, left.ids, right.ids)
  const domain = keys.length === 0 ? 1 : domainOf(keys, left.estimate, right.estimate)
  return residualSelectivity(residual, left, right) / Math.max(1, domain)
}

function domainOf(keys: readonly EquiKey[], left: Estimate, right: Estimate): number {
  let leftDomain = 1
  let rightDomain = 1
  let isExact = true
  for (const key of keys) {
    const a = columnOf(key.left, left)
    const b = columnOf(key.right, right)
    isExact &&= (a?.isExact ?? false) && (b?.isExact ?? false)
    leftDomain *= a?.distinct ?? left.baseRows
    rightDomain *= b?.distinct ?? right.baseRows
  }
  leftDomain = Math.min(leftDomain, Math.max(1, left.baseRows))
  rightDomain = Math.min(rightDomain, Math.max(1, right.baseRows))
  return isExact && keys.length === 1 ? Math.max(leftDomain, rightDomain) : Math.min(leftDomain, rightDomain)
}

function columnOf(expr: Expr, estimate: Estimate): ColumnEstimate | undefined {
  const ids = [...columnIdsOf(expr)]
  return ids.length === 1 ? estimate.columns.get(ids[0]!) : undefined
}

function residualSelectivity(residual: readonly Expr[], left: JoinInput, right: JoinInput): number {
  if (residual.length === 0) return 1
  const columns = new Map([...left.estimate.columns, ...right.estimate.columns])
  const both: Estimate = { ...left.estimate, columns }
  return residual.reduce((product, part) => product * selectivity(part, both), 1)
}
