import {
  type Distribution,
  inputsOf,
  type PhysicalPlan,
  partitionCountOf,
  withInputs,
} from '../../engine/plan/index.ts'
import type { JobGraph, Stage } from './job-graph.ts'

/** Cuts a plan at its exchanges: what lies below each becomes a stage of its own. */
export function splitStages(plan: PhysicalPlan): JobGraph {
  const stages: Stage[] = []
  addStage(plan, null, stages)
  return { stages }
}

function addStage(plan: PhysicalPlan, output: Distribution | null, stages: Stage[]): number {
  const inputs: number[] = []
  const cut = cutExchanges(plan, inputs, stages)
  const id = stages.length
  stages.push({ id, plan: cut, taskCount: partitionCountOf(cut), output, inputs })
  return id
}

function cutExchanges(plan: PhysicalPlan, inputs: number[], stages: Stage[]): PhysicalPlan {
  if (plan.kind === 'ExchangeExec') {
    const stageId = addStage(plan.input, plan.distribution, stages)
    inputs.push(stageId)
    const broadcast = plan.distribution.kind === 'broadcast'
    const partitionCount = partitionCountOf(plan)
    return { kind: 'ShuffleReadExec', id: plan.id, schema: plan.schema, stageId, partitionCount, broadcast }
  }
  const before = inputsOf(plan)
  const after = before.map((input) => cutExchanges(input, inputs, stages))
  return after.every((input, index) => input === before[index]) ? plan : withInputs(plan, after)
}
