import { explainOperator, inputsOf, type PhysicalPlan } from '../../engine/plan/index.ts'
import type { JobGraph, Stage } from '../stages/index.ts'
import type { PlanNodeRecord, StageRecord } from './job-events.ts'

/** The stages of a job, for people. */
export function stageRecords({ stages }: JobGraph): StageRecord[] {
  return stages.map(stageRecord)
}

export function stageRecord({ id, taskCount, inputs, output, plan }: Stage): StageRecord {
  return { stageId: id, taskCount, inputs, output: output?.kind ?? 'result', plan: planRecord(plan) }
}

function planRecord(plan: PhysicalPlan): PlanNodeRecord {
  return { nodeId: plan.id, text: explainOperator(plan), inputs: inputsOf(plan).map(planRecord) }
}
