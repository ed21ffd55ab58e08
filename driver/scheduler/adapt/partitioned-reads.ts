import { inputsOf, needsMarks, type PhysicalPlan, planKey } from '../../../engine/plan/index.ts'
import type { Stage } from '../../stages/index.ts'

/** Which inputs of a stage are read partition by partition; null: its tasks must stay as they are. */
export function partitionedReads({ plan, taskCount, barrier, keep }: Stage): readonly number[] | null {
  if (barrier === true || keep !== undefined || taskCount < 2) return null
  // Functions like rand() and code of the program may look at the partition they run in.
  if (planKey(plan, { kind: 'single' }) === null) return null
  const reads = new Set<number>()
  return collectReads(plan, taskCount, reads) && reads.size > 0 ? [...reads] : null
}

/** False: there is a node whose rows depend on which partition it runs in, or how many there are. */
function collectReads(plan: PhysicalPlan, taskCount: number, reads: Set<number>): boolean {
  switch (plan.kind) {
    case 'ScanExec':
    case 'ValuesExec':
    case 'RangeExec':
    case 'UnionExec':
    case 'SampleExec':
    case 'UserCodeExec':
    case 'WriteExec':
    case 'ExchangeExec':
    case 'JoinBuildExec':
      return false
    case 'SortExec':
      if (plan.rangeCount !== undefined) return false
      break
    case 'ShuffleReadExec':
      if (plan.broadcast) return true
      reads.add(plan.stageId)
      return plan.partitionCount === taskCount
    default:
      break
  }
  return inputsOf(plan).every((input) => collectReads(input, taskCount, reads))
}

/** A join whose sides are read partition by partition, and which of them may be split over tasks. */
export interface SplittableJoin {
  readonly left: number
  readonly right: number
  readonly splitsLeft: boolean
  readonly splitsRight: boolean
}

/**
 * The join of a stage that does nothing else for which equal keys must be together; null: there is none. The
 * other side of a side that is split is read by every task, so its rows must not be given for being without
 * a match.
 */
export function splittableJoin({ plan, output }: Stage): SplittableJoin | null {
  if (output?.kind === 'forward') return null
  const join = joinBelow(plan)
  if (join?.kind !== 'HashJoinExec' || join.joinType === 'nullAwareAnti') return null
  const [left, right] = [readBelow(join.left), readBelow(join.right)]
  if (left === null || right === null || left === right) return null
  return {
    left,
    right,
    splitsLeft: !needsMarks(join.joinType, 'right'),
    splitsRight: !needsMarks(join.joinType, 'left'),
  }
}

/** Through nodes that take each row for itself. */
export function joinBelow(plan: PhysicalPlan): PhysicalPlan | null {
  switch (plan.kind) {
    case 'FilterExec':
    case 'ProjectExec':
    case 'ExpandExec':
    case 'GenerateExec':
      return joinBelow(plan.input)
    case 'HashAggregateExec':
      return plan.mode === 'partial' ? joinBelow(plan.input) : null
    case 'HashJoinExec': {
      // Joins with a table that all tasks share are such nodes too.
      const stream = plan.build === 'right' ? plan.left : plan.right
      return plan[plan.build].kind === 'TableReadExec' ? joinBelow(stream) : plan
    }
    default:
      return null
  }
}

/** The stage that one side of a join reads partition by partition. */
export function readBelow(plan: PhysicalPlan): number | null {
  if (plan.kind === 'FilterExec' || plan.kind === 'ProjectExec') return readBelow(plan.input)
  return plan.kind === 'ShuffleReadExec' && !plan.broadcast ? plan.stageId : null
}
