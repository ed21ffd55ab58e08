import { inputsOf, type PhysicalPlan, withInputs } from '../../engine/plan/index.ts'
import { unionPartition } from '../../engine/run/index.ts'

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

/** The plan of a stage as the task of one partition needs it: without the splits that other tasks read. */
export function planOfTask(plan: PhysicalPlan, partition: number): PhysicalPlan {
  if (plan.kind === 'ScanExec') {
    const partitions = plan.partitions.map((splits, index) => (index === partition ? splits : []))
    return { ...plan, partitions, notes: [] }
  }
  if (plan.kind === 'UnionExec') {
    const own = unionPartition(plan.inputs, partition)
    const inputs = plan.inputs.map((input, index) =>
      planOfTask(input, index === own.index ? own.partition : -1),
    )
    return { ...plan, inputs }
  }
  const inputs = inputsOf(plan)
  return inputs.length === 0
    ? plan
    : withInputs(
        plan,
        inputs.map((input) => planOfTask(input, partition)),
      )
}
