import type { PlanMetrics } from '../../engine/run/index.ts'
import type { PlanNodeRecord } from '../cluster/index.ts'
import type { OperatorView } from './views.ts'

/** The operators of a stage from the top, with what its tasks counted so far. */
export function operatorViews(plan: PlanNodeRecord, metrics: PlanMetrics, depth = 0): OperatorView[] {
  const { rows = 0, ms, batches: _batches, ...counters } = metrics[plan.nodeId] ?? {}
  const own: OperatorView = {
    id: plan.nodeId,
    kind: /^\w+/.exec(plan.text)?.[0] ?? plan.text,
    text: plan.text,
    depth,
    rows,
    ms: ms ?? null,
    selfMs: ms === undefined ? null : Math.max(0, ms - inputMs(plan, metrics)),
    counters,
  }
  return [own, ...plan.inputs.flatMap((input) => operatorViews(input, metrics, depth + 1))]
}

/** An input that runs as part of its consumer has no time of its own, but its inputs have. */
function inputMs(plan: PlanNodeRecord, metrics: PlanMetrics): number {
  return plan.inputs.reduce(
    (sum, input) => sum + (metrics[input.nodeId]?.['ms'] ?? inputMs(input, metrics)),
    0,
  )
}
