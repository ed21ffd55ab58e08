import { freshColumns, inputsOf, type LogicalPlan, outputOf } from '../plan/index.ts'
import type { Resolved } from './scope.ts'

/** The same with new ids for all columns, for a second use in one plan. */
export function freshResolved({ plan, scope }: Resolved): Resolved {
  const fresh = freshColumns(plan)
  const columns = scope.columns.map((entry) => {
    const made = fresh.columns.get(entry.column.id)
    return made === undefined ? entry : { ...entry, column: { ...entry.column, id: made.id } }
  })
  return { plan: fresh.plan, scope: { ...scope, columns } }
}

/** The input, with new column ids if it shares any with the plans beside it. */
export function freshBeside(input: Resolved, beside: readonly LogicalPlan[]): Resolved {
  const ids = new Set<number>()
  for (const plan of beside) collectIds(plan, ids)
  const own = new Set<number>()
  collectIds(input.plan, own)
  return [...own].some((id) => ids.has(id)) ? freshResolved(input) : input
}

function collectIds(plan: LogicalPlan, into: Set<number>): void {
  for (const { id } of outputOf(plan)) into.add(id)
  for (const input of inputsOf(plan)) collectIds(input, into)
}
