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
  const partition = plan.partition === null ? null : bind.expr(plan.partition)
  const node = {
    kind: 'EventTimeExec',
    id: planner.nextId(),
    schema: input.plan.schema,
    input: input.plan,
    column: eventTime.kind === 'column' ? eventTime.index : 0,
    partition: partition?.kind === 'column' ? partition.index : null,
    watermark: streaming.nextWatermark(),
  } as const
  return { ...input, plan: node }
}
