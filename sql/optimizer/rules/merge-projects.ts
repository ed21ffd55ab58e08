import { type Expr, foldExpr } from '../../../engine/expr/index.ts'
import { type Aggregate, outputOf, type Project, substitute } from '../../plan/index.ts'
import { isColumnSelection } from '../columns.ts'
import { isVolatile } from '../expression-facts.ts'
import type { OptimizerRule } from '../rule.ts'

/**
 * One projection instead of two, and none where it gives just what it gets. What would be computed twice
 * stays below.
 */
export const mergeProjects: OptimizerRule = {
  name: 'merge-projects',
  order: 'bottom-up',
  rewrite(plan) {
    if (plan.kind !== 'Project') return plan
    if (isIdentity(plan)) return plan.input
    const { input } = plan
    if (input.kind === 'Aggregate' && isRenaming(plan)) return renamed(input, plan)
    if (input.kind !== 'Project' || !canMerge(plan, input)) return plan
    const inner = new Map(input.exprs.map(({ column, expr }) => [column.id, expr]))
    const exprs = plan.exprs.map(({ column, expr }) => ({ column, expr: substitute(expr, inner) }))
    return { kind: 'Project', input: input.input, exprs }
  },
}

function isIdentity(plan: Project): boolean {
  const columns = outputOf(plan.input)
  if (!isColumnSelection(plan) || columns.length !== plan.exprs.length) return false
  return plan.exprs.every(({ column }, index) => {
    const from = columns[index]!
    return column.id === from.id && column.name === from.name && column.nullable === from.nullable
  })
}

/** Whether a projection gives every column of its input in order, by other names. */
function isRenaming(plan: Project): boolean {
  const columns = outputOf(plan.input)
  if (columns.length !== plan.exprs.length) return false
  return plan.exprs.every(({ expr }, index) => expr.kind === 'column' && expr.index === columns[index]!.id)
}

/** The groups with the names of a projection above them. */
function renamed(aggregate: Aggregate, { exprs }: Project): Aggregate {
  const keyCount = aggregate.keys.length
  return {
    ...aggregate,
    keys: aggregate.keys.map((key, index) => ({ ...key, column: exprs[index]!.column })),
    calls: aggregate.calls.map((call, index) => ({ ...call, column: exprs[keyCount + index]!.column })),
  }
}

function canMerge(outer: Project, inner: Project): boolean {
  const uses = new Map<number, number>()
  for (const { expr } of outer.exprs) countUses(expr, uses)
  return inner.exprs.every(({ column, expr }) => {
    if (expr.kind === 'column' || expr.kind === 'literal') return true
    return !isVolatile(expr) && (uses.get(column.id) ?? 0) <= 1 && !isInLambda(outer, column.id)
  })
}

function countUses(expr: Expr, uses: Map<number, number>): void {
  foldExpr<void>(expr, (part) => {
    if (part.kind === 'column') uses.set(part.index, (uses.get(part.index) ?? 0) + 1)
  })
}

/** A column in a lambda is read once an element: computing it there would repeat the work. */
function isInLambda(outer: Project, id: number): boolean {
  return outer.exprs.some(
    ({ expr }) =>
      foldExpr<{ reads: boolean; inLambda: boolean }>(expr, (part, children) => {
        const reads = (part.kind === 'column' && part.index === id) || children.some((child) => child.reads)
        const inLambda = children.some((child) => child.inLambda) || (part.kind === 'lambda' && reads)
        return { reads, inLambda }
      }).inLambda,
  )
}
