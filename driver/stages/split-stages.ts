import {
  type Distribution,
  inputsOf,
  type PhysicalPlan,
  partitionCountOf,
  planKey,
  withInputs,
} from '../../engine/plan/index.ts'
import type { JobGraph, Stage } from './job-graph.ts'

/**
 * Cuts a plan at its exchanges: what lies below each becomes a stage of its own. Exchanges that spread the
 * same rows in the same way, as those of a common table expression used twice, share one stage.
 */
export function splitStages(plan: PhysicalPlan): JobGraph {
  const cutter: Cutter = { stages: [], known: new Map(), reused: new Set() }
  addStage(plan, null, cutter)
  return { stages: cutter.stages, reusedExchanges: cutter.reused }
}

interface Cutter {
  readonly stages: Stage[]
  /** Stages by what they do. */
  readonly known: Map<string, number>
  readonly reused: Set<number>
}

function addStage(plan: PhysicalPlan, output: Distribution | null, cutter: Cutter): number {
  const inputs = new Set<number>()
  const cut = cutExchanges(plan, inputs, cutter)
  const key = output === null ? null : planKey(cut, output)
  const known = key === null ? undefined : cutter.known.get(key)
  if (known !== undefined) return known
  const id = cutter.stages.length
  cutter.stages.push({ id, plan: cut, taskCount: partitionCountOf(cut), output, inputs: [...inputs] })
  if (key !== null) cutter.known.set(key, id)
  return id
}

function cutExchanges(plan: PhysicalPlan, inputs: Set<number>, cutter: Cutter): PhysicalPlan {
  if (plan.kind === 'ExchangeExec') {
    const before = cutter.stages.length
    const stageId = addStage(plan.input, plan.distribution, cutter)
    if (stageId < before) cutter.reused.add(plan.id)
    inputs.add(stageId)
    const broadcast = plan.distribution.kind === 'broadcast'
    const partitionCount = partitionCountOf(plan)
    return { kind: 'ShuffleReadExec', id: plan.id, schema: plan.schema, stageId, partitionCount, broadcast }
  }
  const before = inputsOf(plan)
  const after = before.map((input) => cutExchanges(input, inputs, cutter))
  return after.every((input, index) => input === before[index]) ? plan : withInputs(plan, after)
}
