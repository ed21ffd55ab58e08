import { someExpr } from '../../../engine/expr/index.ts'
import { typesEqual } from '../../../engine/types/index.ts'
import { type Column, expressionsOf, inputsOf, type LogicalPlan, outputOf } from '../../../sql/plan/index.ts'

/**
 * Faults of a plan: an expression that reads a column its input does not give, or under another type; a
 * column made twice. Columns of `outer` may be read anywhere.
 */
export function faultsOf(plan: LogicalPlan): string[] {
  const faults: string[] = []
  const made = new Set<number>()
  visit(plan, new Map(), made, faults)
  return faults
}

type Known = ReadonlyMap<number, Column>

function visit(plan: LogicalPlan, outer: Known, made: Set<number>, faults: string[]): void {
  const inputs = inputsOf(plan)
  const given = new Map(outer)
  for (const input of inputs) for (const column of outputOf(input)) given.set(column.id, column)
  inputs.forEach((input, index) => {
    const around = new Map(outer)
    if (plan.kind === 'Apply' && index === 1)
      for (const column of outputOf(plan.left)) around.set(column.id, column)
    visit(input, around, made, faults)
  })
  for (const expr of expressionsOf(plan))
    someExpr(expr, (part) => {
      if (part.kind !== 'column') return false
      const column = given.get(part.index)
      if (column === undefined) faults.push(`${plan.kind} reads ${part.name}, which nothing gives`)
      else if (!typesEqual(column.type, part.type))
        faults.push(`${plan.kind} reads ${part.name} as another type`)
      return false
    })
  const passed = new Set(inputs.flatMap((input) => outputOf(input).map(({ id }) => id)))
  const output = outputOf(plan)
  if (new Set(output.map(({ id }) => id)).size < output.length)
    faults.push(`${plan.kind} gives a column twice`)
  for (const { id, name } of output) {
    if (passed.has(id)) continue
    if (made.has(id)) faults.push(`${plan.kind} makes ${name}, which is made elsewhere`)
    made.add(id)
  }
}
