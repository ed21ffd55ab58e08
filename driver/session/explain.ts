import { isCompiledExpr, isCompiledPredicate } from '../../engine/evaluate/index.ts'
import { fuseAggregate, fuseProbes, fuseTotal, isCompiledPlan } from '../../engine/operators/index.ts'
import { explainPhysical, inputsOf, type PhysicalPlan } from '../../engine/plan/index.ts'
import type { PlanMetrics } from '../../engine/run/index.ts'
import { splitStages } from '../stages/index.ts'

/**
 * The physical plan as lines of text; operators that run as one compiled function are marked, and so are
 * filters and joins that are part of the function of a node above them. What a cluster changed while the plan
 * ran stands below it.
 */
export function explainLines(
  plan: PhysicalPlan,
  metrics?: PlanMetrics,
  adaptations: readonly string[] = [],
): string[] {
  const compiled = compiledNodes(plan)
  const above = probedAbove(plan)
  const { reusedExchanges } = splitStages(plan)
  const text = explainPhysical(plan, (node) => {
    const notes = above.has(node.id) ? ['[compiled above]'] : compiled.has(node.id) ? ['[compiled]'] : []
    if (reusedExchanges.has(node.id)) notes.push('[reused]')
    if (metrics !== undefined) notes.push(metricText(metrics[node.id]))
    return notes.filter((note) => note !== '').join(' ')
  })
  return [...text.split('\n'), ...adaptations.map((change) => `adapted: ${change}`)]
}

/** Ids of the operators whose expressions run as WebAssembly of their own. */
function compiledNodes(plan: PhysicalPlan, found = new Set<number>()): Set<number> {
  if (plan.kind === 'HashAggregateExec' && isCompiledPlan(fuseAggregate(plan)?.node ?? plan))
    found.add(plan.id)
  if (plan.kind === 'FilterExec' && isCompiledPredicate(plan.predicate)) found.add(plan.id)
  if (plan.kind === 'ProjectExec' && plan.exprs.some(isCompiledExpr)) found.add(plan.id)
  if (plan.kind === 'HashJoinExec' && fuseProbes(plan, null) !== null) found.add(plan.id)
  for (const input of inputsOf(plan)) compiledNodes(input, found)
  return found
}

/** Ids of the nodes that one function does together with a join above them. */
function probedAbove(plan: PhysicalPlan, found = new Set<number>()): Set<number> {
  const probes = fuseProbes(plan, null)
  const nodes = probes?.nodes.filter((id) => id !== null) ?? []
  for (const id of nodes.slice(0, -1)) found.add(id)
  for (const id of fuseTotal(plan, null)?.probes.nodes ?? []) if (id !== null) found.add(id)
  for (const input of inputsOf(plan)) probedAbove(input, found)
  return found
}

/** `{rows: 4, ms: 12.3, …}`; the time of an operator includes that of its inputs, over all tasks. */
function metricText(node: Readonly<Record<string, number>> | undefined): string {
  if (node === undefined) return ''
  const parts = Object.entries(node).map(
    ([name, amount]) => `${name}: ${name === 'ms' ? amount.toFixed(1) : amount}`,
  )
  return `{${parts.join(', ')}}`
}
