import { inputsOf, type PhysicalPlan } from '../plan/index.ts'
import { unionPartition } from './run-plan.ts'

/** One piece of an earlier stage's output that a task reads. */
export interface TaskInput {
  readonly stageId: number
  readonly partition: number
}

/** What the task of partition `partition` reads from earlier stages. */
export function taskInputsOf(plan: PhysicalPlan, partition: number): TaskInput[] {
  if (plan.kind === 'ShuffleReadExec')
    return [{ stageId: plan.stageId, partition: plan.broadcast ? 0 : partition }]
  if (plan.kind === 'UnionExec') {
    const { index, partition: inner } = unionPartition(plan.inputs, partition)
    const input = plan.inputs[index]
    return input === undefined ? [] : taskInputsOf(input, inner)
  }
  return inputsOf(plan).flatMap((input) => taskInputsOf(input, partition))
}

/** The stages whose tables a stage reads: those its joins probe, and those its scans test their rows by. */
export function tablesReadBy(plan: PhysicalPlan): number[] {
  if (plan.kind === 'TableReadExec') return [plan.stageId]
  if (plan.kind === 'ScanExec')
    return plan.runtimeFilters.flatMap(({ stageId }) => (stageId === null ? [] : [stageId]))
  return inputsOf(plan).flatMap(tablesReadBy)
}
