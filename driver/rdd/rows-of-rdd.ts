import { inputsOf, type PhysicalPlan, renumber, withInputs } from '../../engine/plan/index.ts'

/**
 * The program of a UserCode node in a query: a whole plan, which stands in its place before the query runs.
 */
export interface RowsOfRdd {
  readonly kind: 'rowsOfRdd'
  readonly plan: PhysicalPlan
}

/** Whether a program stands for an RDD in a query. */
export function isRowsOfRdd(program: unknown): program is RowsOfRdd {
  return (
    typeof program === 'object' && program !== null && (program as { kind?: unknown }).kind === 'rowsOfRdd'
  )
}

/** A query's plan with the plans of RDDs in their places. Ids stay unique. */
export function insertRdds(plan: PhysicalPlan): PhysicalPlan {
  let next = highestId(plan) + 1
  const insert = (node: PhysicalPlan): PhysicalPlan => {
    if (node.kind === 'UserCodeExec' && isRowsOfRdd(node.program)) {
      return insert(renumber(node.program.plan, () => next++))
    }
    const before = inputsOf(node)
    const after = before.map(insert)
    return after.every((input, index) => input === before[index]) ? node : withInputs(node, after)
  }
  return insert(plan)
}

function highestId(plan: PhysicalPlan): number {
  return Math.max(plan.id, ...inputsOf(plan).map(highestId))
}
