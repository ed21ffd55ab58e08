import type { Expr } from '../../../engine/expr/index.ts'
import { columnIdsOf, inputsOf, type Join, type LogicalPlan, outputOf, withInputs } from '../../plan/index.ts'
import { isColumnSelection, outputIds, selectColumns } from '../columns.ts'
import { isVolatile, readsOnly } from '../expression-facts.ts'
import { orderJoins } from '../join-order.ts'
import { allOf, anyOf, conditionOf, conjunctsOf, disjunctsOf, filterBy } from '../predicate.ts'
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
  return selectColumns(join(relations, [...region.parts, ...derived]), outputOf(plan))
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

/**
 * What an OR over several relations demands of each by itself: `(a.x = 1 AND b.y = 2) OR (a.x = 3 AND b.y =
 * 4)` lets `a` keep only 1 and 3. The OR itself stays.
 */
function deriveLocal(parts: readonly Expr[], relations: readonly LogicalPlan[]): Expr[] {
  const branches = parts.filter(({ kind }) => kind === 'or').map((part) => disjunctsOf(part).map(conjunctsOf))
  return relations.flatMap((relation) => {
    const ids = outputIds(relation)
    return branches.flatMap((alternatives) => {
      if (alternatives.every((all) => all.every((part) => readsOnly(part, ids)))) return []
      const own = alternatives.map((all) =>
        all.filter((part) => readsOnly(part, ids) && columnIdsOf(part).size > 0),
      )
      return own.some((all) => all.length === 0) ? [] : [anyOf(own.map(allOf))]
    })
  })
}

function join(relations: readonly LogicalPlan[], parts: readonly Expr[]): LogicalPlan {
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
  const order = orderJoins(local, spanning)
  const build = (tree: typeof order): { plan: LogicalPlan; ids: Set<number> } => {
    if (typeof tree === 'number') return { plan: local[tree]!, ids: ids[tree]! }
    const [left, right] = [build(tree[0]), build(tree[1])]
    const both = new Set([...left.ids, ...right.ids])
    const now = [...open].filter((part) => readsOnly(part, both))
    for (const part of now) open.delete(part)
    const joined: Join = {
      ...{ kind: 'Join', left: left.plan, right: right.plan, joinType: 'inner', mark: null, broadcast: null },
      condition: conditionOf(now),
    }
    return { plan: joined, ids: both }
  }
  return filterBy(build(order).plan, constant)
}
