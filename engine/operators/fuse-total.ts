import { isSteady } from '../evaluate/index.ts'
import type { AggregateCall, Expr } from '../expr/index.ts'
import type { HashAggregateExec, PhysicalPlan } from '../plan/index.ts'
import { withComputed } from './computed-columns.ts'
import { FlatLayout } from './flat-layout.ts'
import { columnsRead, fuseAggregate, partsOf } from './fuse-aggregate.ts'
import { type FusedProbes, fuseProbes, over, type TableOf, withTest } from './fuse-probes.ts'

/** A total over joins, whose function adds the rows that pass. */
export interface FusedTotal {
  /** Over the columns of all sources. */
  readonly node: HashAggregateExec
  readonly probes: FusedProbes
}

/**
 * An aggregate without keys together with the joins, filters and projections below it, so that no rows are
 * put together at all; null if that cannot be.
 */
export function fuseTotal(plan: PhysicalPlan, tableOf: TableOf | null): FusedTotal | null {
  if (plan.kind !== 'HashAggregateExec' || plan.mode === 'final' || plan.keys.length > 0) return null
  if (!partsOf(plan).every(isSteady) || !areFlat(plan)) return null
  const { node, predicate, input } = fuseAggregate(plan) ?? { node: plan, predicate: null, input: plan.input }
  const below = fuseProbes(input, tableOf, columnsRead({ node, predicate }))
  if (below === null) return null
  const asked = predicate === null ? below : withTest(below, over(predicate, below.columns), null)
  if (asked === null) return null
  const put = (expr: Expr): Expr => over(expr, below.columns)
  const parts = node.calls.map(({ args, filter }) => [...args, ...(filter === null ? [] : [filter])].map(put))
  const { fused, exprs } = withComputed(asked, parts.flat())
  const rest = exprs.values()
  const next = (): Expr => rest.next().value!
  const calls = node.calls.map(
    (call): AggregateCall => ({ ...call, args: call.args.map(next), filter: call.filter && next() }),
  )
  return { node: { ...node, calls }, probes: fused }
}

/** Whether all calls are kept as words of flat states. */
function areFlat({ calls, mode }: HashAggregateExec): boolean {
  const layout = new FlatLayout()
  const places = calls.map((call) => layout.place(call, mode, 0))
  return layout.states.length > 0 && places.every((place) => place !== null)
}
