import { plainPlan, tablePlan } from '../analyzer/index.ts'
import { captureCallSite } from './call-site.ts'
import { LazyPlan, located } from './lazy-plan.ts'

/** Writes the rows into a folder, and gives a plan that reads them from there. */
export async function checkpoint(lazy: LazyPlan, path: string): Promise<LazyPlan> {
  const { executor } = lazy
  const site = captureCallSite()
  const target = { kind: 'path', name: path, format: 'parquet', options: {}, partitionColumns: [] } as const
  const plan = plainPlan(await lazy.resolve())
  await located(site, () => executor.write(plan, target, {}))
  const make = async () => tablePlan(await executor.describeSource('parquet', { path }, null))
  return new LazyPlan(executor, () => located(site, make))
}
