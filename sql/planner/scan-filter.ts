import type { Expr } from '../../engine/expr/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import { estimate, isExpensive, isVolatile } from '../optimizer/index.ts'
import type { Filter } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import type { Planned, Planner } from './planned.ts'

/**
 * Largest part of the rows that a filter within a scan keeps. The scan then spares columns that few rows are
 * wanted of; a filter that keeps more is cheaper above it, as part of what is compiled there.
 */
const MOST_KEPT = 0.5

/** A filter right above a scan as part of the scan; undefined if it stays an operator of its own. */
export function filteredScan(filter: Filter, input: Planned, planner: Planner): Planned | undefined {
  const { plan } = input
  const { predicate } = filter
  if (plan.kind !== 'ScanExec' || plan.filter !== null) return undefined
  if (planner.context.appliesFilters?.(plan.source) !== true) return undefined
  if (isVolatile(predicate) || isExpensive(predicate)) return undefined
  if (estimate(filter).rows >= MOST_KEPT * estimate(filter.input).rows) return undefined
  return { ...input, plan: { ...plan, filter: binderFor(input.columns).expr(predicate) } }
}

/**
 * A filtered scan that gives only what a projection of columns leaves; columns that the filter alone reads
 * are then not made. undefined for other projections.
 */
export function narrowedScan(
  plan: PhysicalPlan,
  exprs: readonly Expr[],
  schema: Schema,
): PhysicalPlan | undefined {
  if (plan.kind !== 'ScanExec' || plan.filter === null || plan.output !== null) return undefined
  const output = exprs.flatMap((expr) => (expr.kind === 'column' ? [expr.index] : []))
  return output.length === exprs.length && new Set(output).size === output.length
    ? { ...plan, schema, output }
    : undefined
}
