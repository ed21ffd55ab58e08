import type { Watermark } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import type { Planned, Planner } from './planned.ts'

/** In a batch of a stream the newest event times are noted; else a watermark is nothing. */
export async function planWatermark(plan: Watermark, planner: Planner): Promise<Planned> {
  const input = await planner.plan(plan.input)
  const { streaming } = planner.context
  if (streaming === undefined) return input
  const bind = binderFor(input.columns)
  const eventTime = bind.expr(plan.eventTime)
  const partition = plan.partition
    .map(bind.expr)
    .flatMap((expr) => (expr.kind === 'column' ? [expr.index] : []))
  const node = {
    kind: 'EventTimeExec',
    id: planner.nextId(),
    schema: input.plan.schema,
    input: input.plan,
    column: eventTime.kind === 'column' ? eventTime.index : 0,
    partition,
    watermark: streaming.nextWatermark(),
  } as const
  return { ...input, plan: node }
}
