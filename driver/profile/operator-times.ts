import { inputsOf, type PhysicalPlan } from '../../engine/plan/index.ts'
import type { NodeMetrics, PlanMetrics } from '../../engine/run/index.ts'
import type { JobGraph, Stage } from '../stages/index.ts'

/** One operator of a stage, over all its tasks. */
export interface OperatorTimes {
  readonly id: number
  readonly kind: string
  /** Its line of EXPLAIN, without the indentation. */
  readonly text: string
  /** 0 at the top of the stage; its inputs follow one deeper. */
  readonly depth: number
  readonly rows: number
  readonly batches: number
  /** Time until its batches came, with that of its inputs; null if it runs as part of another operator. */
  readonly ms: number | null
  /** The same without that of its inputs. */
  readonly selfMs: number | null
  /** What the operator counts besides. */
  readonly counters: NodeMetrics
}

/** The operators of one stage from the top, and how its output leaves it. */
export interface StageTimes {
  readonly id: number
  readonly inputs: readonly number[]
  /** `hash`, `broadcast` …; `result` for the last stage. */
  readonly output: string
  readonly operators: readonly OperatorTimes[]
}

/** Tells of every node of a plan, from the top, its line of EXPLAIN. */
export type DescribePlan = (plan: PhysicalPlan) => readonly string[]

/** What the counters of a job say of each operator. */
export function operatorTimes(
  graph: JobGraph,
  metrics: PlanMetrics,
  describe: DescribePlan,
): readonly StageTimes[] {
  return graph.stages.map((stage) => ({
    id: stage.id,
    inputs: stage.inputs,
    output: stage.output?.kind ?? 'result',
    operators: stageOperators(stage, metrics, describe),
  }))
}

function stageOperators(stage: Stage, metrics: PlanMetrics, describe: DescribePlan): OperatorTimes[] {
  const lines = describe(stage.plan)
  return nodesFromTop(stage.plan, 0).map(({ plan, depth }, index) => {
    const { rows = 0, batches = 0, ms, ...counters } = metrics[plan.id] ?? {}
    const selfMs = ms === undefined ? null : Math.max(0, ms - inputMs(plan, metrics))
    const text = (lines[index] ?? plan.kind).trim()
    return { id: plan.id, kind: plan.kind, text, depth, rows, batches, ms: ms ?? null, selfMs, counters }
  })
}

/** In the order of EXPLAIN. */
function nodesFromTop(
  plan: PhysicalPlan,
  depth: number,
): { readonly plan: PhysicalPlan; readonly depth: number }[] {
  return [{ plan, depth }, ...inputsOf(plan).flatMap((input) => nodesFromTop(input, depth + 1))]
}

/** An input that runs as part of its consumer has no time of its own, but its inputs have. */
function inputMs(plan: PhysicalPlan, metrics: PlanMetrics): number {
  return inputsOf(plan).reduce((sum, input) => {
    return sum + (metrics[input.id]?.['ms'] ?? inputMs(input, metrics))
  }, 0)
}
