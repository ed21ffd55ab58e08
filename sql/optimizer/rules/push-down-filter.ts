import type { Expr } from '../../../engine/expr/index.ts'
import {
  columnExpr,
  columnIdsOf,
  type Filter,
  type LogicalPlan,
  outputOf,
  substitute,
} from '../../plan/index.ts'
import { outputIds } from '../columns.ts'
import { isExpensive, isVolatile, readsOnly } from '../expression-facts.ts'
import { allOf, conjunctsOf, filterBy } from '../predicate.ts'
import type { OptimizerRule } from '../rule.ts'
import { pushIntoJoin, splitJoinCondition } from './push-into-join.ts'

/**
 * Moves filters towards the scans, and the parts of a join's condition that only concern one side to that
 * side.
 */
export const pushDownFilter: OptimizerRule = {
  name: 'push-down-filter',
  order: 'top-down',
  rewrite(plan) {
    if (plan.kind === 'Join') return splitJoinCondition(plan)
    return plan.kind === 'Filter' ? pushDown(plan) : plan
  },
}

function pushDown(filter: Filter): LogicalPlan {
  const { input } = filter
  const parts = conjunctsOf(filter.predicate)
  switch (input.kind) {
    case 'Filter':
      return pushDown({ ...input, predicate: allOf([...conjunctsOf(input.predicate), ...parts]) })
    case 'Project':
      return belowProject(filter, input, parts)
    case 'Join':
      return pushIntoJoin(filter, input)
    case 'Aggregate':
      return belowAggregate(filter, input, parts)
    case 'Union':
      return belowUnion(filter, input, parts)
    case 'Window': {
      const keys = input.partitionBy.flatMap((key) => (key.kind === 'column' ? [key.index] : []))
      return below(
        filter,
        input,
        parts,
        (part) => columnIdsOf(part).size > 0 && readsOnly(part, new Set(keys)),
      )
    }
    case 'Sort':
    case 'Repartition':
      return below(filter, input, parts, () => true)
    case 'Generate': {
      const own = outputIds(input.input)
      return below(filter, input, parts, (part) => readsOnly(part, own))
    }
    case 'Apply': {
      const own = outputIds(input.left)
      const [down, up] = divide(parts, (part) => columnIdsOf(part).size > 0 && readsOnly(part, own))
      if (down.length === 0) return filter
      return filterBy({ ...input, left: filterBy(input.left, down) }, up)
    }
    default:
      return filter
  }
}

/**
 * Moves the parts that pass `canMove`, and are the same each time, below a node that keeps its input's
 * columns.
 */
function below<Node extends Extract<LogicalPlan, { readonly input: LogicalPlan }>>(
  filter: Filter,
  node: Node,
  parts: readonly Expr[],
  canMove: (part: Expr) => boolean,
): LogicalPlan {
  const [down, up] = divide(parts, canMove)
  if (down.length === 0) return filter
  return filterBy({ ...node, input: filterBy(node.input, down) }, up)
}

function divide(parts: readonly Expr[], canMove: (part: Expr) => boolean): [down: Expr[], up: Expr[]] {
  const down: Expr[] = []
  const up: Expr[] = []
  for (const part of parts) (!isVolatile(part) && canMove(part) ? down : up).push(part)
  return [down, up]
}

function belowProject(
  filter: Filter,
  project: Extract<LogicalPlan, { kind: 'Project' }>,
  parts: readonly Expr[],
): LogicalPlan {
  const exprs = new Map(project.exprs.map(({ column, expr }) => [column.id, expr]))
  const costly = new Set(
    project.exprs.filter(({ expr }) => isVolatile(expr) || isExpensive(expr)).map(({ column }) => column.id),
  )
  const [down, up] = divide(parts, (part) => ![...columnIdsOf(part)].some((id) => costly.has(id)))
  if (down.length === 0) return filter
  const moved = down.map((part) => substitute(part, exprs))
  return filterBy({ ...project, input: filterBy(project.input, moved) }, up)
}

/**
 * A condition on the keys alone drops whole groups. Without keys there is a row even for no input, so nothing
 * moves.
 */
function belowAggregate(
  filter: Filter,
  aggregate: Extract<LogicalPlan, { kind: 'Aggregate' }>,
  parts: readonly Expr[],
): LogicalPlan {
  const exprs = new Map(
    aggregate.keys.filter(({ expr }) => !isVolatile(expr)).map(({ column, expr }) => [column.id, expr]),
  )
  const ids = new Set(exprs.keys())
  const [down, up] = divide(parts, (part) => columnIdsOf(part).size > 0 && readsOnly(part, ids))
  if (down.length === 0) return filter
  const moved = down.map((part) => substitute(part, exprs))
  return filterBy({ ...aggregate, input: filterBy(aggregate.input, moved) }, up)
}

function belowUnion(
  filter: Filter,
  union: Extract<LogicalPlan, { kind: 'Union' }>,
  parts: readonly Expr[],
): LogicalPlan {
  const [down, up] = divide(parts, () => true)
  if (down.length === 0) return filter
  const inputs = union.inputs.map((input) => {
    const columns = outputOf(input)
    const exprs = new Map(union.columns.map(({ id }, index) => [id, columnExpr(columns[index]!)]))
    return filterBy(
      input,
      down.map((part) => substitute(part, exprs)),
    )
  })
  return filterBy({ ...union, inputs }, up)
}
