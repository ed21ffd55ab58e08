import { randomUUID } from 'node:crypto'
import { partitionCountOf } from '../../engine/plan/index.ts'
import type { StorageLevel } from '../../sql/dataframe/index.ts'
import { type LogicalPlan, outputOf } from '../../sql/plan/index.ts'
import type { RowsOfRdd } from '../rdd/index.ts'
import { splitStages } from '../stages/index.ts'
import type { KeptRows } from './cached-rows.ts'
import type { SessionCore } from './session-core.ts'

/**
 * Runs a plan and has its cluster keep the rows, where its tasks left them. The new plan carries the one that
 * made them, so that what is lost is made again by the next job that reads it.
 */
export async function keepStage(
  plan: LogicalPlan,
  core: SessionCore,
  level: StorageLevel,
): Promise<KeptRows> {
  const { jobs, runner } = core
  const settings = core.settings()
  const input = await runner.plan(plan, settings)
  const { id, schema } = input
  const partitionCount = partitionCountOf(input)
  const key = randomUUID()
  const kept = {
    kind: 'ExchangeExec',
    id: id + 1,
    schema,
    input,
    distribution: { kind: 'forward', partitionCount },
    keep: key,
    storage: level === 'disk' ? 'disk' : 'memory',
  } as const
  const nothing = { kind: 'LimitExec', id: id + 2, schema, input: kept, skip: 0, fetch: 0 } as const
  const job = jobs.run(splitStages(nothing), { settings, label: 'keep rows' })
  try {
    for await (const { release } of job.batches) release()
  } catch (error) {
    jobs.dropKept(key)
    throw error
  }
  const program: RowsOfRdd = { kind: 'rowsOfRdd', plan: kept }
  const rowCount = job.metrics[id]?.['rows']
  const columns = outputOf(plan)
  return {
    plan: { kind: 'UserCode', input: null, program, partitionCount, columns, rowCount },
    free: () => jobs.dropKept(key),
  }
}
