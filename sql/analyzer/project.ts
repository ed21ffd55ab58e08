import type { Expr } from '../../engine/expr/index.ts'
import {
  type Column,
  columnExpr,
  type LogicalPlan,
  type NamedExpr,
  newColumn,
  outputOf,
} from '../plan/index.ts'
import { nullableOver } from './nullability.ts'

/** An expression and the name it gets. */
export interface NamedOutput {
  readonly name: string
  readonly expr: Expr
}

/**
 * A Project over a plan, and its columns. A plain column keeps its id, unless it comes twice or gets
 * another name (names that differ in case only are the same).
 */
export function project(
  input: LogicalPlan,
  outputs: readonly NamedOutput[],
): { readonly plan: LogicalPlan; readonly columns: readonly Column[] } {
  const given = new Map(outputOf(input).map((column) => [column.id, column]))
  const nullable = nullableOver(input)
  const used = new Set<number>()
  const exprs = outputs.map(({ name, expr }): NamedExpr => {
    const source = expr.kind === 'column' ? given.get(expr.index) : undefined
    if (source !== undefined && !used.has(source.id) && source.name.toLowerCase() === name.toLowerCase()) {
      used.add(source.id)
      return { column: { ...source, name }, expr }
    }
    return { column: newColumn(name, expr.type, nullable(expr)), expr }
  })
  const columns = exprs.map(({ column }) => column)
  return { plan: isIdentity(exprs, outputOf(input)) ? input : { kind: 'Project', input, exprs }, columns }
}

function isIdentity(exprs: readonly NamedExpr[], given: readonly Column[]): boolean {
  if (exprs.length !== given.length) return false
  return exprs.every(
    ({ column }, index) => column.id === given[index]!.id && column.name === given[index]!.name,
  )
}

/** Each row once: an Aggregate by all columns, which keep their ids. */
export function distinct(input: LogicalPlan): LogicalPlan {
  return {
    kind: 'Aggregate',
    input,
    keys: outputOf(input).map((column) => ({ column, expr: columnExpr(column) })),
    calls: [],
  }
}
