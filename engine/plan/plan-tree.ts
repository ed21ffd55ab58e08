import type { PhysicalPlan } from './physical-plan.ts'

/** The inputs of a node, in order. */
export function inputsOf(plan: PhysicalPlan): readonly PhysicalPlan[] {
  switch (plan.kind) {
    case 'ScanExec':
    case 'ValuesExec':
    case 'RangeExec':
    case 'ShuffleReadExec':
    case 'TableReadExec':
    case 'StateReadExec':
      return []
    case 'HashJoinExec':
    case 'NestedLoopJoinExec':
      return [plan.left, plan.right]
    case 'UnionExec':
    case 'TogetherExec':
      return plan.inputs
    case 'UserCodeExec':
      return plan.input === null ? [] : [plan.input]
    default:
      return [plan.input]
  }
}

/** The same node over other inputs, in the order of `inputsOf`. */
export function withInputs(plan: PhysicalPlan, inputs: readonly PhysicalPlan[]): PhysicalPlan {
  switch (plan.kind) {
    case 'ScanExec':
    case 'ValuesExec':
    case 'RangeExec':
    case 'ShuffleReadExec':
    case 'TableReadExec':
    case 'StateReadExec':
      return plan
    case 'HashJoinExec':
    case 'NestedLoopJoinExec':
      return { ...plan, left: inputs[0]!, right: inputs[1]! }
    case 'UnionExec':
    case 'TogetherExec':
      return { ...plan, inputs }
    case 'UserCodeExec':
      return plan.input === null ? plan : { ...plan, input: inputs[0]! }
    default:
      return { ...plan, input: inputs[0]! }
  }
}

/** Number of partitions a plan without exchanges runs in: tasks of its stage. */
export function partitionCountOf(plan: PhysicalPlan): number {
  switch (plan.kind) {
    case 'ScanExec':
    case 'StateReadExec':
      return plan.partitions.length
    case 'ValuesExec':
    case 'TableReadExec':
      return 1
    case 'RangeExec':
    case 'UserCodeExec':
    case 'ShuffleReadExec':
      return plan.partitionCount
    case 'UnionExec':
      return plan.inputs.reduce((sum, input) => sum + partitionCountOf(input), 0)
    case 'TogetherExec':
      return Math.max(...plan.inputs.map(partitionCountOf))
    case 'HashJoinExec':
      return partitionCountOf(plan.build === 'right' ? plan.left : plan.right)
    case 'NestedLoopJoinExec':
      return partitionCountOf(plan.left)
    case 'SortExec':
      return plan.rangeCount ?? partitionCountOf(plan.input)
    case 'ExchangeExec':
      return 'partitionCount' in plan.distribution ? plan.distribution.partitionCount : 1
    default:
      return partitionCountOf(plan.input)
  }
}
