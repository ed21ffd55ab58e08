import type { Expr } from '../../engine/expr/index.ts'
import { splitCondition } from '../optimizer/index.ts'
import { inputsOf, type LogicalPlan, outputOf } from '../plan/index.ts'

/**
 * The sets of columns by which some join, grouping or window wants equal rows together. A column counts under
 * all ids it has on its way up from the scan.
 */
export function clusteringsOf(plan: LogicalPlan): readonly ReadonlySet<number>[] {
  const sources = new Map<number, number>()
  const found: Set<number>[] = []
  const visit = (node: LogicalPlan): void => {
    for (const input of inputsOf(node)) visit(input)
    for (const { column, expr } of node.kind === 'Project' || node.kind === 'Aggregate' ? namedOf(node) : [])
      if (expr.kind === 'column') sources.set(column.id, sources.get(expr.index) ?? expr.index)
    for (const keys of keysOf(node)) {
      const ids = keys.flatMap((key) => (key.kind === 'column' ? [sources.get(key.index) ?? key.index] : []))
      if (ids.length > 0) found.push(new Set(ids))
    }
  }
  visit(plan)
  return found
}

function namedOf(node: Extract<LogicalPlan, { kind: 'Project' | 'Aggregate' }>) {
  return node.kind === 'Project' ? node.exprs : node.keys
}

function keysOf(node: LogicalPlan): readonly (readonly Expr[])[] {
  switch (node.kind) {
    case 'Aggregate':
      return [node.keys.map(({ expr }) => expr)]
    case 'Window':
      return [node.partitionBy]
    case 'Join': {
      const [left, right] = [outputOf(node.left), outputOf(node.right)].map(
        (columns) => new Set(columns.map(({ id }) => id)),
      )
      const { keys } = splitCondition(node.condition, left!, right!)
      return [keys.map((key) => key.left), keys.map((key) => key.right)]
    }
    default:
      return []
  }
}
