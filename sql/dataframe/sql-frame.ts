import type { Resolved } from '../analyzer/index.ts'
import { captureCallSite } from './call-site.ts'
import { DataFrame } from './data-frame.ts'
import type { PlanExecutor, SqlParameters } from './executor.ts'
import { LazyPlan, located } from './lazy-plan.ts'
import type { DynamicRow } from './row-types.ts'

/** The result of a SQL text as a DataFrame; `session.sql` is this. The text is read when an action runs. */
export function sqlFrame<R extends object = DynamicRow>(
  executor: PlanExecutor,
  text: string,
  parameters: SqlParameters = {},
): DataFrame<R> {
  return createFrame(executor, () => executor.sql(text, parameters))
}

/** A DataFrame over any plan that is worked out later. */
export function createFrame<R extends object = DynamicRow>(
  executor: PlanExecutor,
  make: () => Promise<Resolved>,
): DataFrame<R> {
  const site = captureCallSite()
  return new DataFrame<R>(new LazyPlan(executor, () => located(site, make)))
}
