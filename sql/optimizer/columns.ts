import {
  type Column,
  columnExpr,
  columnIdsOf,
  expressionsOf,
  inputsOf,
  type LogicalPlan,
  outputOf,
} from '../plan/index.ts'

/** Ids of the columns a plan gives. */
export function outputIds(plan: LogicalPlan): Set<number> {
  return new Set(outputOf(plan).map(({ id }) => id))
}

/** Ids of the columns of plans that are never NULL. */
export function notNullIds(...plans: readonly LogicalPlan[]): Set<number> {
  return new Set(plans.flatMap(outputOf).flatMap(({ id, nullable }) => (nullable ? [] : [id])))
}

/** Ids that the expressions of a plan and of all plans below read. */
function referencedIds(plan: LogicalPlan, into = new Set<number>()): Set<number> {
  for (const expr of expressionsOf(plan)) columnIdsOf(expr, into)
  for (const input of inputsOf(plan)) referencedIds(input, into)
  return into
}

/** Those of `ids` that a plan reads though it does not make them: outer references. */
export function outerReferences(plan: LogicalPlan, ids: ReadonlySet<number>): Set<number> {
  return new Set([...referencedIds(plan)].filter((id) => ids.has(id)))
}

/** Just these columns of a plan, in this order; the plan itself if it gives just them. */
export function selectColumns(input: LogicalPlan, columns: readonly Column[]): LogicalPlan {
  const output = outputOf(input)
  if (output.length === columns.length && output.every(({ id }, index) => id === columns[index]!.id))
    return input
  return {
    kind: 'Project',
    input,
    exprs: columns.map((column) => ({ column, expr: columnExpr(column) })),
  }
}

/** Whether a projection only leaves out or reorders columns. */
export function isColumnSelection(plan: LogicalPlan): plan is Extract<LogicalPlan, { kind: 'Project' }> {
  return (
    plan.kind === 'Project' &&
    plan.exprs.every(({ column, expr }) => expr.kind === 'column' && expr.index === column.id)
  )
}

/** Most rows a plan can give, as far as its shape tells. */
export function maxRowsOf(plan: LogicalPlan): number {
  switch (plan.kind) {
    case 'Values':
      return plan.rows.length
    case 'Aggregate':
      return plan.keys.length === 0 ? 1 : maxRowsOf(plan.input)
    case 'Limit':
      return Math.min(plan.fetch ?? Number.POSITIVE_INFINITY, maxRowsOf(plan.input))
    case 'Project':
    case 'Filter':
    case 'Sort':
    case 'Window':
    case 'Sample':
    case 'Repartition':
    case 'Watermark':
      return maxRowsOf(plan.input)
    case 'Join':
      return plan.joinType === 'inner' || plan.joinType === 'left'
        ? maxRowsOf(plan.left) * Math.max(1, maxRowsOf(plan.right))
        : Number.POSITIVE_INFINITY
    default:
      return Number.POSITIVE_INFINITY
  }
}
