import { EngineError } from '../../engine/errors.ts'
import type { Expr } from '../../engine/expr/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import { LocalTaskContext, type PlanMetrics, runPlan, type Services } from '../../engine/run/index.ts'
import { ownRows } from '../../engine/shuffle/index.ts'
import type { JobRequest, ResultBatch } from '../stages/index.ts'

/** Rows that stand in a plan and need no thread to become batches. */
const MOST_ROWS = 1000

/**
 * Whether a plan is only a few rows that stand in it, with nothing to compute: `SELECT 1`, SHOW, DESCRIBE.
 * Such a plan runs on the driver's own thread in less time than a thread takes to start; anything that could
 * take long, or call a function of the program, does not, as the driver must stay able to cancel.
 */
export function runsHere(plan: PhysicalPlan): boolean {
  switch (plan.kind) {
    case 'ValuesExec':
      return plan.rows.length <= MOST_ROWS
    case 'ProjectExec':
      return plan.exprs.every(isGiven) && runsHere(plan.input)
    case 'LimitExec':
      return runsHere(plan.input)
    default:
      return false
  }
}

function isGiven({ kind }: Expr): boolean {
  return kind === 'literal' || kind === 'column'
}

/**
 * Runs such a plan; as a job, except that no thread is needed. Its metrics are added to `metrics`.
 * `isStopped` tells whether its session is over.
 */
export async function* runHere(
  plan: PhysicalPlan,
  metrics: PlanMetrics,
  pool: MemoryPool,
  isStopped: () => boolean,
  { settings, signal, onProgress }: JobRequest,
): AsyncGenerator<ResultBatch, void, void> {
  const checkCancelled = (): void => {
    if (signal?.aborted === true) throw new EngineError('CANCELLED', 'the job was cancelled')
    if (isStopped()) throw new EngineError('CANCELLED', 'the session was stopped')
  }
  checkCancelled()
  const context = new LocalTaskContext({
    pool,
    services: NO_SERVICES,
    settings,
    tag: 0,
    partition: 0,
    attempt: 0,
    isCancelled: () => signal?.aborted === true,
    shuffleInputs: new Map(),
    tables: new Map(),
  })
  const held = new Set<{ free(): void }>()
  try {
    for await (const batch of runPlan(plan, context)) {
      checkCancelled()
      const region = pool.createRegion()
      held.add(region)
      const owned = ownRows(batch, null, batch.rowCount, region, new Map())
      yield {
        batch: owned,
        release: () => {
          if (held.delete(region)) region.free()
        },
      }
    }
    onProgress?.({ tasksDone: 1, taskCount: 1, stagesDone: 1, stageCount: 1 })
  } finally {
    Object.assign(metrics, context.metrics)
    context.close()
    for (const region of held) region.free()
  }
}

/** What no such plan asks for. */
const NO_SERVICES: Services = {
  source: refuse,
  sink: refuse,
  fileSystem: refuse,
  userFunction: refuse,
  runUserCode: refuse,
}

function refuse(): never {
  throw new EngineError('INTERNAL_ERROR', 'a plan of constants asked for a service')
}
