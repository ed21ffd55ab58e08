import type { PhysicalPlan } from '../../engine/plan/index.ts'
import { type LogicalPlan, schemaOf } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import { toSingle } from './insert-exchanges.ts'
import type { Planned, Planner } from './planned.ts'

/** Most rows that are kept in order while the rest streams by; beyond that a full sort is cheaper. */
const TOP_ROWS = 100_000

type Limit = Extract<LogicalPlan, { kind: 'Limit' }>

/**
 * First rows: of each partition where there are many, then of all. Over a global sort: the top rows, without
 * sorting the rest.
 */
export async function planLimit(limit: Limit, planner: Planner): Promise<Planned> {
  const { input, skip, fetch } = limit
  if (fetch !== null && skip + fetch <= TOP_ROWS && input.kind === 'Sort' && input.global)
    return planTop(input, skip, fetch, planner)
  const planned = await planner.plan(input)
  const schema = schemaOf(limit)
  const cut = (from: Planned, skipRows: number): Planned => {
    const rows = fetch === null ? null : skip + fetch - skipRows
    const plan = {
      kind: 'LimitExec',
      id: planner.nextId(),
      schema,
      input: from.plan,
      skip: skipRows,
      fetch: rows,
    } as const
    return { ...from, plan }
  }
  const isSingle = planned.partitioning.kind === 'single'
  if (isSingle || fetch === null) return cut(toSingle(planned, planner), skip)
  return cut(toSingle(cut(planned, 0), planner), skip)
}

async function planTop(
  sort: Extract<LogicalPlan, { kind: 'Sort' }>,
  skip: number,
  fetch: number,
  planner: Planner,
): Promise<Planned> {
  const planned = await planner.plan(sort.input)
  const schema = schemaOf(sort)
  const keys = sort.keys.map(binderFor(planned.columns).key)
  const top = (from: Planned, skipRows: number, rows: number): Planned => {
    const base = { id: planner.nextId(), schema, input: from.plan }
    const plan: PhysicalPlan = { kind: 'TopNExec', ...base, keys, skip: skipRows, fetch: rows }
    return { ...from, plan }
  }
  if (planned.partitioning.kind === 'single') return top(planned, skip, fetch)
  return top(toSingle(top(planned, 0, skip + fetch), planner), skip, fetch)
}
