import type { PhysicalPlan } from './physical-plan.ts'
import { inputsOf, withInputs } from './plan-tree.ts'

/** The same plan with new ids, for its place in another one. What names a node by its id follows. */
export function renumber(plan: PhysicalPlan, nextId: () => number): PhysicalPlan {
  const ids = new Map<number, number>()
  const assign = (node: PhysicalPlan): void => {
    ids.set(node.id, nextId())
    for (const input of inputsOf(node)) assign(input)
  }
  const rewrite = (node: PhysicalPlan): PhysicalPlan => {
    const id = ids.get(node.id)!
    if (node.kind !== 'ScanExec') return withInputs({ ...node, id }, inputsOf(node).map(rewrite))
    const runtimeFilters = node.runtimeFilters.map((filter) => ({
      ...filter,
      build: ids.get(filter.build) ?? filter.build,
    }))
    return { ...node, id, runtimeFilters }
  }
  assign(plan)
  return rewrite(plan)
}
