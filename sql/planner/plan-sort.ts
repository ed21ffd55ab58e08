import type { PhysicalPlan } from '../../engine/plan/index.ts'
import type { Field } from '../../engine/types/index.ts'
import { estimate } from '../optimizer/index.ts'
import { type LogicalPlan, schemaOf } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import { toBroadcast, toSingle } from './insert-exchanges.ts'
import { countOf } from './partitioning.ts'
import type { Planned, Planner } from './planned.ts'

/** Fewer rows are sorted in one task. */
const RANGE_ROWS = 200_000

type Sort = Extract<LogicalPlan, { kind: 'Sort' }>

/** A global sort of many rows is by ranges, one a thread; of few rows in one task. */
export async function planSort(plan: Sort, planner: Planner): Promise<Planned> {
  const planned = await planner.plan(plan.input)
  const isLarge = countOf(planned.partitioning) > 1 && estimate(plan.input).rows >= RANGE_ROWS
  if (plan.global && isLarge && planner.context.threads > 1) return sortByRanges(plan, planned, planner)
  const input = plan.global ? toSingle(planned, planner) : planned
  const keys = plan.keys.map(binderFor(input.columns).key)
  const base = { id: planner.nextId(), schema: schemaOf(plan), input: input.plan }
  return { ...input, plan: { kind: 'SortExec', ...base, keys } }
}

/** Keys that are no columns become such below the exchange: every task must see the same values. */
function sortByRanges(plan: Sort, planned: Planned, planner: Planner): Planned {
  const keys = plan.keys.map(binderFor(planned.columns).key)
  const fields = [...planned.plan.schema.fields]
  const columns = fields.map(({ name, type }, index) => ({ kind: 'column', index, name, type }) as const)
  const computed: Field[] = []
  const sortKeys = keys.map((key) => {
    if (key.expr.kind === 'column') return key
    const { type } = key.expr
    const index = fields.length + computed.length
    const name = `sort key ${index}`
    computed.push({ name, type, nullable: true })
    return { ...key, expr: { kind: 'column', index, name, type } as const }
  })
  const extended = keys.flatMap(({ expr }) => (expr.kind === 'column' ? [] : [expr]))
  const below: PhysicalPlan =
    computed.length === 0
      ? planned.plan
      : {
          kind: 'ProjectExec',
          id: planner.nextId(),
          schema: { fields: [...fields, ...computed] },
          input: planned.plan,
          exprs: [...columns, ...extended],
        }
  const input = toBroadcast({ ...planned, plan: below }, planner).plan
  const rangeCount = planner.context.threads
  const sort: PhysicalPlan = {
    kind: 'SortExec',
    id: planner.nextId(),
    schema: input.schema,
    input,
    keys: sortKeys,
    rangeCount,
  }
  const schema = schemaOf(plan)
  const sorted: PhysicalPlan =
    computed.length === 0
      ? { ...sort, schema }
      : { kind: 'ProjectExec', id: planner.nextId(), schema, input: sort, exprs: columns }
  return { ...planned, plan: sorted, partitioning: { kind: 'unknown', partitionCount: rangeCount } }
}
