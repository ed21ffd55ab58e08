import type { Expr } from '../../../engine/expr/index.ts'
import { columnIdsOf, inputsOf, type Join, type LogicalPlan, outputOf, withInputs } from '../../plan/index.ts'
import { isColumnSelection, outputIds, selectColumns } from '../columns.ts'
import { type EqualColumns, equalColumns } from '../equal-columns.ts'
import { isVolatile, readsOnly } from '../expression-facts.ts'
import { orderJoins } from '../join-order.ts'
import { deriveLocal } from '../local-conditions.ts'
import { conditionOf, conjunctsOf, filterBy } from '../predicate.ts'
import type { OptimizerRule } from '../rule.ts'

/**
 * Puts inner joins in the order that is estimated to make the fewest rows, and without cross products where
 * the conditions allow.
 * A region is all inner joins that meet without another node between them.
 */
export const reorderJoins: OptimizerRule = { name: 'reorder-joins', order: 'whole', rewrite: visit }

/** Beyond this the order is left as written. */
const MOST_RELATIONS = 50

interface Region {
  readonly relations: LogicalPlan[]
  readonly parts: Expr[]
}

function visit(plan: LogicalPlan): LogicalPlan {
  if (!isInner(plan)) return withInputs(plan, inputsOf(plan).map(visit))
  const region: Region = { relations: [], parts: [] }
  collect(plan, region)
  const relations = region.relations.map(visit)
  const derived = deriveLocal(region.parts, relations)
  const isFixed = relations.length < 3 && derived.length === 0
  if (isFixed || relations.length > MOST_RELATIONS) return withInputs(plan, inputsOf(plan).map(visit))
  const equalities = equalColumns(region.parts)
  const parts = [...region.parts, ...derived, ...equalities.derived]
  return selectColumns(join(relations, parts, equalities), outputOf(plan))
}

function isInner(plan: LogicalPlan): plan is Join {
  if (plan.kind !== 'Join' || plan.joinType !== 'inner' || plan.broadcast !== null) return false
  return plan.condition === null || !isVolatile(plan.condition)
}

function collect(plan: LogicalPlan, region: Region): void {
  if (isInner(plan)) {
    region.parts.push(...conjunctsOf(plan.condition))
    collect(plan.left, region)
    collect(plan.right, region)
  } else if (isColumnSelection(plan) && isInner(plan.input)) collect(plan.input, region)
  else if (plan.kind === 'Filter' && isInner(plan.input) && !isVolatile(plan.predicate)) {
    region.parts.push(...conjunctsOf(plan.predicate))
    collect(plan.input, region)
  } else region.relations.push(plan)
}

function join(
  relations: readonly LogicalPlan[],
  parts: readonly Expr[],
  equalities: EqualColumns,
): LogicalPlan {
  const local = relations.map((relation) => {
    const ids = outputIds(relation)
    return filterBy(
      relation,
      parts.filter((part) => columnIdsOf(part).size > 0 && readsOnly(part, ids)),
    )
  })
  const ids = local.map(outputIds)
  const spanning = parts.filter(
    (part) => columnIdsOf(part).size > 0 && !ids.some((own) => readsOnly(part, own)),
  )
  const constant = parts.filter((part) => columnIdsOf(part).size === 0)
  const open = new Set(spanning)
  const order = orderJoins(local, spanning, equalities)
  const build = (tree: typeof order): { plan: LogicalPlan; ids: Set<number> } => {
    if (typeof tree === 'number') return { plan: local[tree]!, ids: ids[tree]! }
    const [left, right] = [build(tree[0]), build(tree[1])]
    const both = new Set([...left.ids, ...right.ids])
    const now = [...open].filter((part) => readsOnly(part, both))
    for (const part of now) open.delete(part)
    const joined: Join = {
      ...{ kind: 'Join', left: left.plan, right: right.plan, joinType: 'inner', mark: null, broadcast: null },
      condition: conditionOf(oneOfEach(now, equalities)),
    }
    return { plan: joined, ids: both }
  }
  return filterBy(build(order).plan, constant)
}

/** Columns that are equal on each side need one equality between the sides. Those as written come first. */
function oneOfEach(parts: readonly Expr[], { classOf }: EqualColumns): readonly Expr[] {
  const seen = new Set<number>()
  return parts.filter((part) => {
    const known = classOf(part)
    if (known === undefined) return true
    const isFirst = !seen.has(known)
    seen.add(known)
    return isFirst
  })
}
