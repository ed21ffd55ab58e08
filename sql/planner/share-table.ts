import { joinRoles, needsMarks } from '../../engine/plan/index.ts'
import { type EquiKey, estimate } from '../optimizer/index.ts'
import { columnIdsOf, type Join, type LogicalPlan } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import { filterBuildSide } from './filter-build-side.ts'
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
export const MOST_PASSING = 0.6

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
  const bound = keys.map((key) => ({
    build: binderFor(sides[build].columns).expr(key[build]),
    stream: binderFor(sides[other].columns).expr(key[other]),
    nullSafe: key.nullSafe,
  }))
  const own = filterBuildSide(
    sides[build].plan,
    sides[other].plan,
    dropsUnasked(join, build) ? bound.filter(({ nullSafe }) => !nullSafe) : [],
  )
  let streamPlan = sides[other].plan
  const filtered: number[] = []
  for (const [index, key] of keys.entries()) {
    if (!dropsUnmatched(join, build) || key.nullSafe) continue
    const passing = partPassing(join, key, build) * own.passing
    const { stream } = bound[index]!
    if (passing > MOST_PASSING || stream.kind !== 'column') continue
    const source = { build: id, key: index, passing, before: own.before }
    const pushed = pushJoinFilter(streamPlan, stream.index, source)
    if (pushed === streamPlan) continue
    streamPlan = pushed
    filtered.push(index)
  }
  const single = toSingle({ ...sides[build], plan: own.plan }, planner)
  const table: Planned = {
    ...single,
    plan: {
      kind: 'JoinBuildExec',
      id,
      schema: single.plan.schema,
      input: single.plan,
      keys: bound.map((key) => key.build),
      nullSafe: keys.map((key) => key.nullSafe),
      keysOnly: !isMarked && !hasResidual && !givesPairs,
      markingTasks: isMarked ? countOf(sides[other].partitioning) : 0,
      filtered,
    },
  }
  const stream: Planned = { ...sides[other], plan: streamPlan }
  return build === 'left' ? { left: table, right: stream } : { left: stream, right: table }
}

/** Whether rows of the table that no streamed row matches come to nothing. */
function dropsUnasked(join: Join, build: 'left' | 'right'): boolean {
  const { keptOuter, filter, streamIsLeft } = joinRoles(join.joinType, build)
  return (
    !keptOuter && (filter === null || filter === 'semi' || streamIsLeft) && join.joinType !== 'nullAwareAnti'
  )
}

/** Whether streamed rows without a match come to nothing. */
export function dropsUnmatched(join: Join, build: 'left' | 'right'): boolean {
  const { streamOuter, filter, streamIsLeft } = joinRoles(join.joinType, build)
  return !streamOuter && (!streamIsLeft || filter === null || filter === 'semi')
}

/** The part of the keys that there are which the table is thought to have. */
export function partPassing(join: Join, key: EquiKey, build: 'left' | 'right'): number {
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
