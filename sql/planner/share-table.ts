import { joinRoles, needsMarks } from '../../engine/plan/index.ts'
import { type EquiKey, estimate } from '../optimizer/index.ts'
import { columnIdsOf, type Join, type LogicalPlan } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import { toSingle } from './insert-exchanges.ts'
import { countOf } from './partitioning.ts'
import type { Planned, Planner } from './planned.ts'
import { pushJoinFilter } from './push-join-filter.ts'

/** Both inputs of a join. */
export interface Sides {
  readonly left: Planned
  readonly right: Planned
}

/** Scans test their rows by keys of a build side if no more than this part of them is thought to pass. */
const MOST_PASSING = 0.6

/**
 * The sides of a join whose tasks all probe one table of side `build`. The other side stays where it is; its
 * scans leave out rows that will find no match, where the join drops these and the table has few of the keys.
 */
export function shareTable(
  join: Join,
  sides: Sides,
  keys: readonly EquiKey[],
  hasResidual: boolean,
  build: 'left' | 'right',
  planner: Planner,
): Sides {
  const other = build === 'left' ? 'right' : 'left'
  const isMarked = needsMarks(join.joinType, build)
  const { givesPairs } = joinRoles(join.joinType, build)
  const id = planner.nextId()
  let streamPlan = sides[other].plan
  const filtered: number[] = []
  for (const [index, key] of keys.entries()) {
    if (!dropsUnmatched(join, build) || key.nullSafe) continue
    const passing = partPassing(join, key, build)
    if (passing > MOST_PASSING) continue
    const expr = binderFor(sides[other].columns).expr(key[other])
    if (expr.kind !== 'column') continue
    const pushed = pushJoinFilter(streamPlan, expr.index, { build: id, key: index, passing })
    if (pushed === streamPlan) continue
    streamPlan = pushed
    filtered.push(index)
  }
  const single = toSingle(sides[build], planner)
  const table: Planned = {
    ...single,
    plan: {
      kind: 'JoinBuildExec',
      id,
      schema: single.plan.schema,
      input: single.plan,
      keys: keys.map((key) => binderFor(single.columns).expr(key[build])),
      nullSafe: keys.map((key) => key.nullSafe),
      keysOnly: !isMarked && !hasResidual && !givesPairs,
      markingTasks: isMarked ? countOf(sides[other].partitioning) : 0,
      filtered,
    },
  }
  const stream: Planned = { ...sides[other], plan: streamPlan }
  return build === 'left' ? { left: table, right: stream } : { left: stream, right: table }
}

/** Whether streamed rows without a match come to nothing. */
function dropsUnmatched(join: Join, build: 'left' | 'right'): boolean {
  const { streamOuter, filter, streamIsLeft } = joinRoles(join.joinType, build)
  return !streamOuter && (!streamIsLeft || filter === null || filter === 'semi')
}

/** The part of the keys that there are which the table is thought to have. */
function partPassing(join: Join, key: EquiKey, build: 'left' | 'right'): number {
  const { rows, baseRows } = estimate(join[build])
  const domains = [domainOf(join.left, key.left), domainOf(join.right, key.right)]
  const domain = Math.min(...domains)
  return rows / Math.max(1, Number.isFinite(domain) ? domain : baseRows)
}

/** Distinct values that a key has before anything is filtered; infinite if that is not known. */
function domainOf(plan: LogicalPlan, key: EquiKey['left']): number {
  const ids = [...columnIdsOf(key)]
  const column = ids.length === 1 ? estimate(plan).columns.get(ids[0]!) : undefined
  return column?.distinct ?? Number.POSITIVE_INFINITY
}
