import { type Expr, transformExpr } from '../../../engine/expr/index.ts'
import {
  columnIdsOf,
  type Filter,
  type Join,
  type LogicalJoinType,
  type LogicalPlan,
} from '../../plan/index.ts'
import { outputIds } from '../columns.ts'
import { exprKey, isVolatile, readsAny, readsOnly, rejectsNulls } from '../expression-facts.ts'
import { conditionOf, conjunctsOf, filterBy } from '../predicate.ts'

/** Where parts of a filter above a join, or of its condition, may go. */
interface Sorted {
  readonly left: Expr[]
  readonly right: Expr[]
  readonly both: Expr[]
}

/**
 * A filter above a join: parts on one side go to that side, parts on both into the condition, where the type
 * of join allows.
 */
export function pushIntoJoin(filter: Filter, join: Join): LogicalPlan {
  const all = conjunctsOf(filter.predicate)
  const fixed = all.filter((part) => !isVolatile(part))
  const joinType = strengthen(join, fixed)
  if (joinType !== join.joinType) return pushIntoJoin(filter, { ...join, joinType })
  const leftIds = outputIds(join.left)
  const rightIds = joinType === 'existence' ? new Set([join.mark!.id]) : outputIds(join.right)
  const sorted = sortBySide(fixed, leftIds, rightIds)
  const takesLeft = joinType !== 'right' && joinType !== 'full'
  const takesRight = joinType === 'inner' || joinType === 'right'
  const left = takesLeft ? sorted.left : []
  const right = takesRight ? sorted.right : []
  const both = joinType === 'inner' ? sorted.both : []
  const moved = new Set([...left, ...right, ...both])
  if (moved.size === 0) return filter
  const equalities = conjunctsOf(join.condition)
  const derived = deriveAcross([...left, ...right, ...both], [...both, ...equalities], leftIds, rightIds)
  const pushed: Join = {
    ...join,
    left: filterBy(join.left, [...left, ...(takesLeft && joinType === 'inner' ? derived.left : [])]),
    right: filterBy(join.right, [...right, ...(takesDerived(joinType) ? derived.right : [])]),
    condition: conditionOf([...equalities, ...both]),
  }
  const kept = joinType === 'right' ? { ...pushed, left: filterBy(pushed.left, derived.left) } : pushed
  return filterBy(
    kept,
    all.filter((part) => !moved.has(part)),
  )
}

/**
 * Rows of the right that cannot meet a kept row of the left may go, whatever becomes of left rows without
 * match.
 */
function takesDerived(joinType: LogicalJoinType): boolean {
  return joinType === 'inner' || joinType === 'left' || joinType === 'semi' || joinType === 'anti'
}

/** The stronger join type under a filter that no NULL-extended row passes. */
function strengthen(join: Join, parts: readonly Expr[]): LogicalJoinType {
  const { joinType } = join
  if (joinType !== 'left' && joinType !== 'right' && joinType !== 'full') return joinType
  const rejectsLeft = parts.some((part) => rejectsSide(part, join.left))
  const rejectsRight = parts.some((part) => rejectsSide(part, join.right))
  const keepsLeft = joinType !== 'right' && !rejectsRight
  const keepsRight = joinType !== 'left' && !rejectsLeft
  if (keepsLeft && keepsRight) return 'full'
  return keepsLeft ? 'left' : keepsRight ? 'right' : 'inner'
}

function rejectsSide(part: Expr, side: LogicalPlan): boolean {
  const ids = outputIds(side)
  return readsAny(part, ids) && rejectsNulls(part, ids)
}

function sortBySide(parts: readonly Expr[], left: ReadonlySet<number>, right: ReadonlySet<number>): Sorted {
  const sorted: Sorted = { left: [], right: [], both: [] }
  for (const part of parts) {
    if (columnIdsOf(part).size === 0) sorted.left.push(part)
    else if (readsOnly(part, left)) sorted.left.push(part)
    else (readsOnly(part, right) ? sorted.right : sorted.both).push(part)
  }
  return sorted
}

/**
 * Parts of the condition that concern one side only go there, if the join's type does not need them to tell
 * rows without match.
 */
export function splitJoinCondition(join: Join): LogicalPlan {
  if (join.condition === null || join.joinType === 'nullAwareAnti') return join
  const parts = conjunctsOf(join.condition)
  const fixed = parts.filter((part) => !isVolatile(part) && columnIdsOf(part).size > 0)
  const [leftIds, rightIds] = [outputIds(join.left), outputIds(join.right)]
  const sorted = sortBySide(fixed, leftIds, rightIds)
  const { joinType } = join
  const left = joinType === 'inner' || joinType === 'right' || joinType === 'semi' ? sorted.left : []
  const right = joinType !== 'right' && joinType !== 'full' ? sorted.right : []
  const moved = new Set([...left, ...right])
  if (moved.size === 0) return join
  const derived = deriveAcross([...left, ...right], parts, leftIds, rightIds)
  const derivedLeft = joinType === 'inner' || joinType === 'semi' ? derived.left : []
  return {
    ...join,
    left: filterBy(join.left, [...left, ...derivedLeft]),
    right: filterBy(join.right, [...right, ...(takesDerived(joinType) ? derived.right : [])]),
    condition: conditionOf(parts.filter((part) => !moved.has(part))),
  }
}

/**
 * From `a = b` and a comparison of `a` with constants the same comparison of `b`, where it is not there yet.
 */
function deriveAcross(
  parts: readonly Expr[],
  equalities: readonly Expr[],
  leftIds: ReadonlySet<number>,
  rightIds: ReadonlySet<number>,
): { readonly left: Expr[]; readonly right: Expr[] } {
  const derived = { left: [] as Expr[], right: [] as Expr[] }
  const known = new Set(parts.map(exprKey))
  for (const part of parts.filter(isConstantComparison))
    for (const equality of equalities) {
      const other = acrossEquality(part, equality)
      if (other === undefined || known.has(exprKey(other))) continue
      known.add(exprKey(other))
      if (readsOnly(other, leftIds)) derived.left.push(other)
      else if (readsOnly(other, rightIds)) derived.right.push(other)
    }
  return derived
}

const COMPARISONS = new Set(['=', '<', '<=', '>', '>=', 'in'])

function isConstantComparison(part: Expr): boolean {
  return (
    part.kind === 'call' &&
    COMPARISONS.has(part.name) &&
    part.args.filter(({ kind }) => kind === 'column').length === 1 &&
    part.args.every(({ kind }) => kind === 'column' || kind === 'literal')
  )
}

function acrossEquality(part: Expr, equality: Expr): Expr | undefined {
  if (equality.kind !== 'call' || equality.name !== '=') return undefined
  const [a, b] = [equality.args[0]!, equality.args[1]!]
  if (a.kind !== 'column' || b.kind !== 'column') return undefined
  const [id] = columnIdsOf(part)
  const to = a.index === id ? b : b.index === id ? a : undefined
  if (to === undefined) return undefined
  return transformExpr(part, (node) => (node.kind === 'column' ? to : node))
}
