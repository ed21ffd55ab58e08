import type { QuerySettings } from '../../engine/functions/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { LogicalPlan } from '../plan/index.ts'

/** What rules may depend on: the settings of the query's expressions. */
export interface OptimizerSettings extends QuerySettings {
  /** Where constants are computed. Without it a small pool is made. */
  readonly pool?: MemoryPool | undefined
}

/**
 * One rewriting of plans. Pure: the same plan gives the same plan, which gives the same rows with the same
 * columns (ids, order).
 * A rule that has nothing to do gives back the very object it was given.
 */
export interface OptimizerRule {
  readonly name: string
  /** Whether `rewrite` is called for each node after its inputs, before them, or once for the whole plan. */
  readonly order: 'bottom-up' | 'top-down' | 'whole'
  rewrite(plan: LogicalPlan, settings: OptimizerSettings): LogicalPlan
}
